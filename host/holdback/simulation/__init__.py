"""The virtual board and what surrounds it: air, receiver, strap, runner, and a clock that all of them share."""
