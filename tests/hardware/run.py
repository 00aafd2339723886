"""The probes in their order, with what is said and asked around each. One that fails or is skipped says why."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
from holdback.errors import NotFoundError

from hardware import throughput
from hardware.asking import Owner
from hardware.session import Result, Session, clean

PRESS_S, FIND_STRAP_S, SEND_S, WATCHDOG_S = 10, 30, 10, 3
WATCHDOG_RESET = 3  # machine.WDT_RESET
MOST_S = 300  # that a probe may be told to wait: probes/lead.py ends what lasts ten minutes
STAGE_S = 60  # seconds of a made-up stage
MOST_MA = 2000


class Wishes(msgspec.Struct, frozen=True):
    """What the owner wants. fix_s: how long a first fix is waited for, 0 not at all; hold_s: how long a strap is
    listened to; meter: whether there is one for the current."""

    fix_s: int = 180
    hold_s: int = 60
    meter: bool = False


def at_the_prompt(session: Session, owner: Owner, wishes: Wishes) -> Iterator[Result]:
    """Each probe's result as it comes. GoneError when the device does not answer any more."""
    for name, step in STEPS.items():
        owner.tell(f"{name} ...")
        yield step(session, owner, wishes)


def _memory(session: Session, _owner: Owner, _wishes: Wishes) -> Result:
    return session.bare("memory")


def _plain(name: str) -> Callable[[Session, Owner, Wishes], Result]:
    return lambda session, _owner, _wishes: session.probe(name)


def _receiver(session: Session, owner: Owner, wishes: Wishes) -> Result:
    if wishes.fix_s:
        owner.ready("the antenna to the open sky")
        owner.tell(f"waiting for the first fix, {wishes.fix_s} s at most")
    return session.probe("receiver", seconds=wishes.fix_s, fix_ms=wishes.fix_s * 1000)


def _button(session: Session, owner: Owner, _wishes: Wishes) -> Result:
    if not owner.there:
        return Result("button", skipped="not asked")
    owner.ready("ready to press the button")
    owner.tell(f"press it once, within {PRESS_S} s")
    return session.probe("button", seconds=PRESS_S, wait_ms=PRESS_S * 1000)


def _motor(session: Session, owner: Owner, _wishes: Wishes) -> Result:
    owner.ready("the device on the wrist: it buzzes twice")
    found = session.probe("motor")
    if found.failed:
        return found
    felt = owner.number("felt? 0 not at all, 1 hardly, 2 clearly, 3 strongly", 3)
    return with_facts(found, felt="not asked" if felt is None else felt)


def _straps(session: Session, owner: Owner, wishes: Wishes) -> Result:
    owner.ready("a heart-rate strap worn, its contacts wet, no watch or phone linked to it")
    seconds = FIND_STRAP_S + wishes.hold_s
    return session.probe("straps", seconds=seconds, find_ms=FIND_STRAP_S * 1000, hold_ms=wishes.hold_s * 1000)


def _notify(session: Session, _owner: Owner, _wishes: Wishes) -> Result:
    try:
        asyncio.run(throughput.adapter())
    except NotFoundError as error:
        return Result("notify", skipped=clean(f"{error.what}: {error.why}"))
    wait_s = throughput.FIND_S
    with ThreadPoolExecutor(1) as other:
        probe = other.submit(
            session.probe, "notify", seconds=wait_s + SEND_S, wait_ms=round(wait_s * 1000), send_ms=SEND_S * 1000
        )
        try:
            arrived = asyncio.run(throughput.receive())
        except NotFoundError as error:
            probe.result()
            return Result("notify", failed=clean(f"{error.what}: {error.why}"))
        return with_facts(probe.result(), arrived_b=arrived.size, arrived_ms=arrived.ms)


def _work(session: Session, _owner: Owner, _wishes: Wishes) -> Result:
    return session.built("work", seconds=STAGE_S, plan="plan.hbp", stage_s=STAGE_S)


def _watchdog(session: Session, _owner: Owner, _wishes: Wishes) -> Result:
    """Last: it restarts the device, into safe mode once more if the RTC's memory outlives that."""
    armed = session.bare("watchdog")
    if armed.failed:
        return armed
    time.sleep(WATCHDOG_S)
    after, cause = session.after_restart()
    restarted = cause == WATCHDOG_RESET
    return with_facts(
        armed,
        restarted="yes" if restarted else f"no, reset cause {cause}",
        memory="yes" if restarted and not after.running else "no",
    )


def current(owner: Owner, wishes: Wishes) -> Result:
    """What a meter says, with the device off the cable and in its firmware again."""
    if not wishes.meter or not owner.there:
        return Result("current", skipped="no meter" if owner.there else "not asked")
    owner.ready("the cable out, the meter between the cell and the board, the device in camp, its display dark")
    states = {"idle_ma": "in camp", "armed_ma": "armed, receiver on", "running_ma": "running, strap worn"}
    read = {name: owner.number(f"mA, mean of half a minute: {state}", MOST_MA) for name, state in states.items()}
    return Result("current", {name: ma for name, ma in read.items() if ma is not None})


def with_facts(result: Result, **more: int | str) -> Result:
    """A result with what only this computer knows."""
    return msgspec.structs.replace(result, facts={**result.facts, **more})


STEPS: dict[str, Callable[[Session, Owner, Wishes], Result]] = {
    "memory": _memory,
    "chips": _plain("chips"),
    "receiver": _receiver,
    "button": _button,
    "motor": _motor,
    "storage": _plain("storage"),
    "straps": _straps,
    "notify": _notify,
    "work": _work,
    "battery": _plain("battery"),
    "watchdog": _watchdog,
}
