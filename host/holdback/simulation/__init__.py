"""Firmware, radio and host software together in virtual time, without hardware. docs/virtual-board.md shows how."""

from holdback.simulation.air import Air, run
from holdback.simulation.clock import SimulationError
from holdback.simulation.machine.board import BoardError, VirtualBoard
from holdback.simulation.machine.flash import Flash
from holdback.simulation.machine.process import standins_heap

__all__ = ["Air", "BoardError", "Flash", "SimulationError", "VirtualBoard", "run", "standins_heap"]
