"""The evidence for the pacing: tables that anyone can print again, on any folder of recordings (docs/evidence.md)."""
