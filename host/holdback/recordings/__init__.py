"""Recordings of every kind: the device's own journal, FIT, GPX, TCX, CSV."""
