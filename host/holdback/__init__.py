"""Holdback's host tools: plan a stage race, carry the plans to the device, bring the recordings home."""

__version__ = "0.1.0"
