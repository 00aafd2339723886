"""Figures measured side by side in one run; nothing here is a test, so nothing here can fail on a slow machine."""
