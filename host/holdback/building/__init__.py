"""The firmware from its source to what a board takes: facts put in place, modules joined, names shortened, compiled."""
