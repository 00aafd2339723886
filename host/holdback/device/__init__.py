"""The way to the device: Bleak, SMP, and the sync built on them."""
