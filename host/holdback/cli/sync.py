"""`holdback sync`: the evening in one command. Run twice it does nothing twice; interrupted it goes on."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdback.cli import asking, output
from holdback.cli.reach import Which, reach
from holdback.errors import HoldbackError, NotFoundError, UsageError, typed
from holdback.units import kilobytes

if TYPE_CHECKING:
    from holdback.device.messages import StageOnDevice, StatusResponse
    from holdback.device.sync import Pushed, Sighting
    from holdback.evening import Evening, Judged, Next

OPEN = "press its button three times (one buzz answers)"
RUNNING = "if that stage still runs, end it first: hold 3 s, feel the buzz, let go, press"
AGAIN = "run the same command again: it goes on where this stopped"


async def sync(
    race_dir: Path = Path(),
    *,
    ended: str = "",
    rating: str = "",
    which: Which = Which(),  # noqa: B008 (cyclopts' way)
) -> None:
    """The evening: pull what is missing, say how it went, note how it ended, put tomorrow's plan on the device.

    It may be run twice and interrupted anywhere. The race folder remembers its device.

    Example: holdback sync alps --ended finished --rating 6

    Parameters
    ----------
    race_dir
        The race folder; the one you are in if it is not given.
    ended
        finished, shortened or dnf; asked on a terminal if it is not given.
    rating
        How hard the stage was, 1 (a stroll) to 10 (all that was there).
    """
    from holdback.evening import Evening
    from holdback.race.results import parse_ending, parse_rating

    answer = (parse_ending(ended) if ended else "", parse_rating(rating))
    night = _Night(Evening(race_dir), which)
    try:
        await night.run(answer)
    except asyncio.CancelledError:
        output.note(f"\nwhat was pulled and answered is kept in {night.evening.folder}")
        raise
    if which.json:
        output.document(night.document)


class _Night:
    """One call of sync; `document` grows as it goes on."""

    def __init__(self, evening: "Evening", which: Which) -> None:
        self.evening = evening
        self._which = which
        self._armed = 0  # the stage that the device waited for when it was asked
        self._live: StatusResponse | None = None
        self.document: dict[str, Any] = {"folder": str(evening.folder), "device": None, "pulled": [], "pushed": None}

    async def run(self, answer: tuple[str, int | None]) -> None:
        """Pull, judge, ask, push; a device that is away keeps the others from nothing."""
        sighting, absence = await self._reach()
        if sighting:
            await self._pull(sighting)
        stages = self._judged()
        await self._results(stages, *answer)
        if absence:
            raise absence
        assert sighting is not None
        await self._push(sighting, stages)

    async def _reach(self) -> "tuple[Sighting | None, NotFoundError | None]":
        """The device, or why it is not there. The one of the evening before needs no --device."""
        remembered = self.evening.device
        chosen = self._which.device or remembered
        try:
            return await reach(Which(chosen)), None
        except NotFoundError as error:
            return None, self._explained(error, remembered)

    def _explained(self, error: NotFoundError, remembered: str) -> NotFoundError:
        """A device that this computer has left armed is silent, and that is as it should be: say how to open it."""
        from holdback.device import known, sync

        if not isinstance(error, sync.SilentError):
            return error
        device = self._which.device or remembered
        stage, again = known.recall(device).armed, typed("sync", self.evening.folder)
        if stage:
            error.why += f"; it was left armed with stage {stage}, and an armed device is silent"
            error.next_step = f"{OPEN}, and within two minutes: {again}; {RUNNING}"
        if remembered and not self._which.device:
            error.next_step += f"; {remembered} is this race's: for another one add --device ID"
        return error

    async def _pull(self, sighting: "Sighting") -> None:
        from holdback.device import known
        from holdback.device import sync as device

        evening = self.evening
        with output.busy(f"asking {sighting.name}"):
            now = await device.status(sighting.address)
        held, self._armed, self._live = now.held, now.held.armed, now.live
        evening.remember(sighting.id)
        self.document["device"] = sighting.id
        evening.put_away()  # what an interrupted evening had left
        for stage in evening.missing([*held.stages, *now.aside]):
            with output.progress(f"stage {stage.id}") as progress:
                done = await device.pull(sighting.address, stage.id, evening.arriving, progress, kept=stage.kept)
            known.remember(sighting, device.utc_now.get()(), pulled=stage.id)
            for path in evening.put_away():
                self._tell_pulled(stage, path, done.size)
        for stage in held.stages:
            if not stage.closed:
                output.note(f"stage {stage.id} is not ended on the device: end it (hold 3 s, press), then sync again")

    def _tell_pulled(self, stage: "StageOnDevice", path: Path, size: int) -> None:
        ours = path.parent == self.evening.recordings
        told = {"stage": stage.id, "kept": stage.kept, "path": str(path), "bytes": size, "ours": ours}
        self.document["pulled"].append(told)
        output.say(f"{path}: {kilobytes(size)}, verified")
        if not ours:
            output.note(f"  its day and its plan are not of this race: kept, not counted ({path})")
        elif stage.kept:
            output.note(f"  an earlier start of stage {stage.id}: kept, not charged")

    def _judged(self) -> "list[Judged]":
        from holdback.race import units_in
        from holdback.reports.verdict_lines import verdict_lines

        with output.busy("reading the recordings"):
            stages = self.evening.judge_all()
        fresh = {Path(one["path"]) for one in self.document["pulled"]}
        waiting = {one.path for one in self.evening.unanswered(stages)}
        units = units_in(self.evening.folder)
        for one in stages:
            if one.path in fresh | waiting:
                for line in verdict_lines(one.verdict, units):
                    output.say(line)
        if not stages:
            output.say("no stage of this race is here yet")
        elif not fresh | waiting:
            output.say("nothing new: how every stage that is here ended is known")
        self.document["stages"] = [_stage_document(one) for one in stages]
        return stages

    async def _results(self, stages: "list[Judged]", ended: str, rating: int | None) -> None:
        """Note the answers of the options for the latest stage, and ask for what is still open."""
        counted = [one for one in stages if not one.verdict.false_start]
        if (ended or rating is not None) and counted:
            self._note(counted[-1], ended or _ending_of(counted[-1]), rating)
        for one in self.evening.unanswered(stages):
            if self._which.json or not asking.on_terminal():
                again = typed("sync", self.evening.folder, "--ended", "finished", "--rating", 6)
                output.note(f"how stage {one.verdict.stage_no} ended is open: {again}")
            else:
                self._note(one, *await _asked(one))

    def _note(self, one: "Judged", ended: str, rating: int | None) -> None:
        from holdback.race import add_result

        add_result(self.evening.folder, one.verdict.stage_no, ended, rating)
        hard = "" if rating is None else f", {rating} of 10"
        output.say(f"stage {one.verdict.stage_no}: {ended}{hard}")

    async def _push(self, sighting: "Sighting", stages: "list[Judged]") -> None:
        from holdback.device import known, plans
        from holdback.device import sync as device
        from holdback.race import charging_in

        with output.busy("planning"):
            following = self.evening.plan_next(stages)
        self.document["replanned"] = following.replanned
        for sentence in following.says:
            output.say(sentence)
        if not following.stage_no:
            output.say("that was the last stage")
            return
        files = plans.load_plans([self.evening.folder], following.stage_no)
        with output.progress("push", sum(len(plan.data) for plan in files)) as progress:
            charging = charging_in(self.evening.folder)
            done = await device.push(sighting.address, files, progress, charging=charging)
        known.remember(sighting, device.utc_now.get()(), armed=done.armed)
        self._tell_pushed(sighting, done, following)
        self._tell_battery([plan.data for plan in files], charging)

    def _tell_battery(self, plans: list[bytes], charging: bool) -> None:
        from msgspec import to_builtins

        from holdback.device.battery import battery_of, outlook, sentence

        battery = battery_of(self._live) if self._live else None
        found = outlook(battery, plans, charging=charging) if battery else None
        self.document["battery"] = to_builtins(found)
        if found and (text := sentence(found)):
            output.say(text)

    def _tell_pushed(self, sighting: "Sighting", done: "Pushed", following: "Next") -> None:
        self.document["pushed"] = {
            "stages": done.stages, "sent": done.sent, "armed": done.armed, "caps_changed": following.changed,
        }  # fmt: skip
        caps = "tomorrow's caps follow: " if following.changed else ""
        idle = "nothing to do: " if not done.sent and self._armed == done.armed else ""
        output.say(
            f"{caps or idle}stage {done.armed} is on {sighting.name}{'' if done.sent else ' already'}, and armed"
        )


def _ending_of(one: "Judged") -> str:
    """What a rating alone says about the ending: finished if the course was run to its end."""
    if one.verdict.whole:
        return "finished"
    what = f"stage {one.verdict.stage_no} was not run to the end of its course"
    raise UsageError(what, "a rating alone does not say how it ended", "add --ended finished, shortened or dnf")


async def _asked(one: "Judged") -> tuple[str, int | None]:
    from holdback.race.results import parse_ending, parse_rating

    likely = "finished" if one.verdict.whole else ""
    choice = " [finished]" if likely else ""
    ended = await _answer(
        f"stage {one.verdict.stage_no}: finished, shortened or DNF?{choice}", lambda text: parse_ending(text or likely)
    )
    rating = await _answer("how hard was it, 1 (a stroll) to 10 (all that was there)?", parse_rating)
    return ended, rating


async def _answer(question: str, understand: Any) -> Any:
    """Ask until it is understood. The end of the input is an interruption: nothing half told is noted."""
    from holdback.errors import InterruptedTransferError

    while (text := await asking.ask(question)) is not None:
        try:
            return understand(text.strip())
        except HoldbackError as error:
            output.note(f"  {error.what}; {error.next_step}")
    raise InterruptedTransferError("nobody answers", "the input has ended", AGAIN)


def _stage_document(one: "Judged") -> dict[str, Any]:
    from msgspec import to_builtins

    against_s = one.verdict.against_plan_s
    return {"path": str(one.path), **to_builtins(one.verdict), "against_plan_s": against_s}
