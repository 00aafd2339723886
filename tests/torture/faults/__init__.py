"""Faults of power, flash, sensors and radio, lived by the firmware on the virtual board."""
