"""A chip with 8-bit registers on an I2C bus."""

from micropython import const

ENODEV = const(19)


class Chip:
    """`bus` is a machine.I2C, or anything with its `readfrom_mem` and `writeto_mem`. OSError if the chip is silent."""

    def __init__(self, bus, address: int):
        self._bus = bus
        self._address = address
        self._byte = bytearray(1)  # a timer's callback must not allocate

    def get(self, register: int) -> int:
        return self._bus.readfrom_mem(self._address, register, 1)[0]

    def put(self, register: int, value: int) -> None:
        self._byte[0] = value
        self._bus.writeto_mem(self._address, register, self._byte)

    def change(self, register: int, clear: int, bits: int) -> None:
        """Set `bits` where `clear` has ones; the others stay as they are."""
        self.put(register, self.get(register) & ~clear | bits)

    def expect(self, register: int, mask: int, wanted) -> None:
        """OSError if another chip is at this address: its identity, masked, is none of `wanted` (bytes)."""
        found = self.get(register) & mask
        if found not in wanted:
            raise OSError(ENODEV, "another chip at 0x%02X: 0x%02X" % (self._address, found))
