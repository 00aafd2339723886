"""The next stretch of a kind along the course, from the plan's segments."""

import struct

from pacing.planformat import CAP, CAP_SIZE

GAP_DM = 1000  # stretches that are nearer to each other are one
NEVER = 1 << 29  # 1 << 30 is no small integer on a device: each second that reckons with it would allocate


class Ahead:
    """Ahead().look(...): the first stretch that ends beyond a place is from `first` to `to`, both NEVER if none comes;
    `since` is where the one before ended. No state: all follows from the place.
    """

    def __init__(self):
        self.since = self.first = self.to = 0

    def look(self, s_dm: int, table, mask: int, wanted: int) -> None:
        """Find the stretch for the place `s_dm` in the plan's caps, of segments whose flags under `mask` are `wanted`,
        if the one that is known is not it.
        """
        if self.since <= s_dm < self.to:
            return
        since = first = to = start = 0
        for at in range(0, len(table), CAP_SIZE):
            end, _, _, flags = struct.unpack_from(CAP, table, at)
            if flags & mask == wanted:
                if not to or start - to >= GAP_DM:
                    if to > s_dm:
                        break
                    since = to
                    first = start
                to = end
            start = end
        if to <= s_dm:
            since = to
            first = to = NEVER
        self.since = since
        self.first = first
        self.to = to
