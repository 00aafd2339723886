"""The virtual radio: Bumble's link with intervals, packets and loss, and the Bleak that talks over it."""
