"""Cuts a course into segments of like cost, each with one speed: at most 120, each 200 m or more.

Bottom-up merge on the length-weighted squared error of ln f. Merging costs, not grades: f of a mean grade is not the
mean f (rolling ground of ±10 % costs 12.6 % more than the flat, its mean grade nothing).
"""

import math
from collections.abc import Sequence
from heapq import heapify, heappop, heappush

MIN_CELLS = 10  # 200 m of 20 m cells
MAX_SEGMENTS = 120
ALIKE = 0.0004  # ln f within 2 % (variance): merged even when there is room for more segments


def merge(factors: Sequence[float], breaks: Sequence[int] = (), limit: int = MAX_SEGMENTS) -> list[int]:
    """Ends (exclusive cell numbers, ascending) of segments over cells of equal length with these costs.

    No segment crosses a cell number in `breaks`. Where the course is shorter than 200 m the one segment is too.
    """
    blocks = _Blocks(factors, set(breaks))
    blocks.merge_where(lambda a, b, cost: blocks.count[a] < MIN_CELLS or blocks.count[b] < MIN_CELLS)
    blocks.merge_where(lambda a, b, cost: cost < ALIKE * (blocks.count[a] + blocks.count[b]))
    blocks.merge_where(lambda a, b, cost: blocks.left > limit)
    return blocks.ends()


class _Blocks:
    """Neighbouring blocks as a linked list over their first cell; count, sum and sum of squares of ln f in each."""

    def __init__(self, factors: Sequence[float], breaks: set[int]) -> None:
        logs = [math.log(factor) for factor in factors]
        self.count = [1] * len(logs)  # 0 once a block is merged into its left neighbour
        self.sum = logs
        self.next = list(range(1, len(logs) + 1))
        self.previous = list(range(-1, len(logs) - 1))
        self.left = len(logs)
        self.breaks = breaks

    def cost(self, a: int, b: int) -> float:
        """How much the squared error grows when `b` joins `a`."""
        gap = self.sum[a] / self.count[a] - self.sum[b] / self.count[b]
        return gap * gap * self.count[a] * self.count[b] / (self.count[a] + self.count[b])

    def merge_where(self, wanted) -> None:
        """Merge the cheapest neighbours first, as long as `wanted(a, b, cost)` says so of the cheapest left."""
        heap = [entry for a in self._starts() if (entry := self._entry(a))]
        heapify(heap)
        while heap:
            cost, a, b, size = heappop(heap)
            # An entry is stale once either side has grown or gone; the fresh one is in the heap too.
            stale = not self.count[a] or self.next[a] != b or size != self.count[a] + self.count[b]
            if stale or not wanted(a, b, cost):
                continue
            self._join(a, b)
            for start in (self.previous[a], a):
                if entry := self._entry(start):
                    heappush(heap, entry)

    def _starts(self) -> list[int]:
        return [i for i, count in enumerate(self.count) if count]

    def _entry(self, a: int) -> tuple[float, int, int, int] | None:
        if a < 0 or self.next[a] >= len(self.count) or self.next[a] in self.breaks:
            return None
        b = self.next[a]
        return self.cost(a, b), a, b, self.count[a] + self.count[b]

    def _join(self, a: int, b: int) -> None:
        self.count[a] += self.count[b]
        self.sum[a] += self.sum[b]
        self.count[b] = 0
        self.next[a] = self.next[b]
        if self.next[b] < len(self.count):
            self.previous[self.next[b]] = a
        self.left -= 1

    def ends(self) -> list[int]:
        return [start + self.count[start] for start in self._starts()]
