"""The owner's kit: what is estimated of a board, measured on it in ten minutes. docs/hardware-test.md says how.

`probes/` run on the device, in MicroPython; everything else runs on the computer at the other end of the cable.
"""
