"""What surrounds a wrist: satellites, strap, trail, runner, and what he feels of the motor."""
