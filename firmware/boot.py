"""Runs first, also for mpremote: deliberately nothing."""
