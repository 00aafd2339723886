"""Attacks on the whole product, each with its counts. `make torture` runs them all; `make test` a short form."""
