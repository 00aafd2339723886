"""From GPX, athlete and race to stage plans."""
