"""Hostile input to every parser, a million a parser, made from valid files."""
