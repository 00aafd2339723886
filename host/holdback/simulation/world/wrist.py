"""One wrist in the virtual world: the board with the real firmware, a receiver and a strap, a second at a time.

Whoever moves it - a synthetic runner or a recording - says each second where the body is and how its heart beats;
what comes back is what the motor played.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from holdback.errors import HoldbackError
from holdback.simulation.air import Air
from holdback.simulation.machine.board import VirtualBoard
from holdback.simulation.machine.flash import Flash
from holdback.simulation.machine.provision import provision
from holdback.simulation.world.felt import BUZZ, Felt, FeltCue
from holdback.simulation.world.receiver import Receiver, ReceiverModel, Truth
from holdback.simulation.world.recorded import Second
from holdback.simulation.world.runner import Runner
from holdback.simulation.world.strap import Strap

MOTOR_PIN, BUTTON_PIN, BATTERY_PIN = 25, 0, 35  # boards/virtual/board.py
BATTERY_MV = 2040  # half of a full cell, behind the divider
PROGRESS_S = 120
PAUSE_BEAT_S = 4  # the firmware takes ten seconds of silence for a dead strap
LEAD_S = 75  # on the start line: for the first fix, and for the strap to be found
BOOT_S = 5  # a device that starts buzzes, too
PATIENCE_S = 90  # beyond the finish line, for a buzz: reception may be poor just there
FELT_S = 3  # after its end a buzz is known for one
HOLD_MS, PRESS_MS, APART_MS = 3400, 200, 1500  # start or finish by hand: hold, feel the buzz, let go, press
BY_HAND_S = 7  # and that takes so long


class StoppedError(HoldbackError):
    """The simulation was interrupted from outside."""


@dataclass(frozen=True)
class PlacedCue:
    """A cue as the motor played it: seconds after the gun, metres along the way, code and number of `pacing.cues`."""

    elapsed_s: float
    place_m: float
    code: int
    n: int


@dataclass
class StageRun:
    """What happened between the gun (virtual time `gun_ms`) and the finish."""

    gun_ms: int = 0
    elapsed_s: int = 0
    cues: list[PlacedCue] = field(default_factory=list)


class Wrist:
    """A board, a receiver and a strap. `stop` is asked each second and ends the simulation when it says so."""

    def __init__(
        self,
        air: Air,
        flash: Flash,
        *,
        seed: int = 0,
        receiver: ReceiverModel | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.air, self.flash = air, flash
        provision(flash)
        self.board: VirtualBoard = air.board("A", flash=flash)
        self.board.on_pwm.append(self._on_pwm)
        self.strap = Strap(air.device("strap"))
        self._receiver_model, self._seed = receiver, seed
        self._stop = stop
        self._felt = Felt(MOTOR_PIN, self._heard)
        self.on_cue: Callable[[FeltCue], None] = lambda cue: None

    async def power_on(self) -> None:
        """Morning: board, strap and a cold receiver."""
        self.receiver = Receiver(self._seed + self.air.now_ms, self._receiver_model)
        self.board.adc_mv[BATTERY_PIN] = BATTERY_MV
        await self.board.start()
        if not self.strap.present:
            await self.strap.start()

    async def power_off(self) -> None:
        """Night: nothing runs, and the hours cost nothing."""
        await self.board.stop()

    async def second(self, truth: Truth | None, hr_bpm: float | None) -> None:
        """Feed one second of the world, then let it pass."""
        if self._stop():
            raise StoppedError("the simulation was stopped")
        self.board.feed_uart(self.receiver.epoch(self.air.utc_s, truth))
        await self.strap.beat(hr_bpm or 0, contact=bool(hr_bpm))
        await self.air.sleep(1000)
        self._felt.settle(self.air.now_ms)

    async def until_utc(self, utc_s: float) -> None:
        """Let time pass to this moment: nothing to see, nothing to hear."""
        await self.air.sleep(max(0.0, (utc_s - self.air.utc_s) * 1000))
        self._felt.settle(self.air.now_ms)

    async def pause(self, utc_s: float) -> None:
        """As `until_utc`, with the strap off the skin: it says so, where a silent one would seem broken."""
        while utc_s - self.air.utc_s > PAUSE_BEAT_S:
            await self.strap.beat(0, contact=False)
            await self.until_utc(self.air.utc_s + PAUSE_BEAT_S)
        await self.until_utc(utc_s)

    def _on_pwm(self, t_ms: int, pin: int, duty_u16: int) -> None:
        self._felt.pwm(t_ms, pin, duty_u16)

    def _heard(self, cue: FeltCue) -> None:
        self.on_cue(cue)

    async def by_hand(self) -> None:
        """Start or finish by hand: hold the button, release, press once."""
        for length_ms in (HOLD_MS, PRESS_MS):
            await self.board.press(BUTTON_PIN, length_ms)
            await self.air.sleep(APART_MS)


class _Skin:
    """Keeps what is felt, as the runner moves along; a buzz is no cue."""

    def __init__(self, wrist: Wrist, run: StageRun, place_m: Callable[[], float], feel: Callable[[int], None]) -> None:
        self._run, self._place_m, self._feel = run, place_m, feel
        self.buzzed = False
        run.gun_ms = wrist.air.now_ms
        wrist.on_cue = self._take

    def _take(self, cue: FeltCue) -> None:
        if cue.code == BUZZ:
            self.buzzed = True
            return
        elapsed_s = (cue.at_ms - self._run.gun_ms) / 1000
        self._run.cues.append(PlacedCue(elapsed_s, self._place_m(), cue.code, cue.n))
        self._feel(cue.code)


async def run_stage(wrist: Wrist, runner: Runner, progress: Callable[[float], None] = lambda share: None) -> StageRun:
    """Stand on the start line, run to the finish, stand there until the device has noticed, else end by hand.

    `progress` gets the share of the way.
    """
    run = StageRun()
    for _ in range(LEAD_S):
        await _stand(wrist, runner)
    skin = _Skin(wrist, run, lambda: runner.s_m, runner.feel)
    while not runner.done:
        runner.step()
        await wrist.second(runner.truth(), runner.hr_bpm)
        if runner.elapsed_s % PROGRESS_S == 0:
            progress(runner.s_m / runner.trail.length_m)
    run.elapsed_s = runner.elapsed_s
    patience_s = PATIENCE_S
    while not skin.buzzed and patience_s:
        patience_s -= 1
        await _stand(wrist, runner)
    if not skin.buzzed:
        await wrist.by_hand()
    return run


async def _stand(wrist: Wrist, runner: Runner) -> None:
    runner.stand()
    await wrist.second(runner.truth(), runner.hr_bpm)


async def run_recorded(
    wrist: Wrist,
    fed: Sequence[Second],
    progress: Callable[[float], None] = lambda share: None,
    resets_at: Sequence[int] = (),
) -> StageRun:
    """Feed a recorded run at its own times: started by hand just before it, ended by hand after it.

    Nothing is fed in its pauses. Before each second whose number is in `resets_at` the power fails for a moment.
    """
    run = StageRun()
    first = fed[0]
    await wrist.until_utc(first.utc_s - LEAD_S - BY_HAND_S)
    for _ in range(LEAD_S):
        await wrist.second(_standing(first.truth), first.hr_bpm)
    await wrist.by_hand()
    await wrist.until_utc(first.utc_s)
    skin = _Skin(wrist, run, lambda: 0.0, lambda code: None)
    booted = 0
    for number, second in enumerate(fed):
        if number in resets_at:
            await wrist.board.restart()
            booted = number + BOOT_S
        await wrist.pause(second.utc_s)
        await wrist.second(second.truth, second.hr_bpm)
        if number < booted:
            skin.buzzed = False  # that was the start, not the finish
        if number % PROGRESS_S == 0:
            progress(number / len(fed))
    run.elapsed_s = round(fed[-1].utc_s - first.utc_s)
    await wrist.until_utc(wrist.air.utc_s + FELT_S)
    if not skin.buzzed:  # after the finish the same gesture would take the end back
        await wrist.by_hand()
    return run


def _standing(truth: Truth | None) -> Truth | None:
    return truth._replace(speed_ms=0.0) if truth else None
