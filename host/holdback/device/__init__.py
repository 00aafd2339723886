"""The way to the device: Bleak, SMP and the sync built on them through the air; flashing and logs through a cable."""
