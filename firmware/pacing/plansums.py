"""Of a plan that is whole, what is in each of its pieces: a flash may lose it on the way. Loaded for a moment only."""

from array import array

from pacing.planreader import HALF_BITS


def sum_pieces(plan) -> None:
    """Set `plan.sums`: 16 bits of the CRC-32 of each tile, then of each stretch of profile."""
    blocks = (plan.cells - 1 >> HALF_BITS) + 1
    sums = array("H", bytes(2 * (plan.tiles + blocks)))
    for number in range(plan.tiles):
        plan.load_tile(number)
        sums[number] = plan.sum
    for block in range(blocks):
        plan.load_heights(block)
        sums[plan.tiles + block] = plan.sum
    plan.sums = sums
