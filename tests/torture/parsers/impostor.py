"""A device that is none: what it may answer to a host, one answer at a time and through whole transfers."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from functools import cache
from itertools import chain, cycle, permutations
from typing import Any

import cbor2
from holdback.device import straps, sync
from holdback.device.link import Link
from holdback.device.messages import ListRead, PlayWrite, StatusRead, StrapRead
from holdback.device.proof import through_window
from holdback.errors import HoldbackError
from holdback.simulation.clock import VirtualLoop
from host.fake_device import Body, FakeDevice, FakeTransport, plan_file
from host.recording_samples import recording
from smpclient import SMPClient
from smpclient.requests.file_management import FileDownload, FileHashChecksum, FileUpload
from smpclient.requests.os_management import MCUMgrParametersRead

from torture.parsers.device_parsers import CBOR_TOKENS, ODD, odd, request, right_length
from torture.parsers.fuzz import Parser
from torture.parsers.room import room
from torture.parsers.sensor_parsers import promise

RECORDING = recording(600)[0]  # more than one answer
PLANS = [plan_file(1), plan_file(2)]
MOST_ANSWERS = 6000  # that one transfer may ask for: what it declares is at most 64 kB here
Request = tuple[Any, int, int, int, Body]
REQUESTS: tuple[Request, ...] = (  # how the host asks, then operation, group, command and a right answer
    (StatusRead, 1, 64, 3, {"state": "idle", "stage": 1, "hr": 140, "batt": 80, "fw": "0.1.0", "free": 9, "new": 1}),
    (ListRead, 1, 64, 0, {"stages": [{"id": 1, "len": 9, "crc": 7, "closed": True}], "plans": [], "armed": 1}),
    (lambda: FileHashChecksum(name="latest", type="crc32"), 1, 8, 2, {"type": "crc32", "len": 9, "output": 5}),
    (lambda: FileDownload(off=0, name="latest"), 1, 8, 0, {"off": 0, "data": b"\xb5J" * 99, "len": 4000}),
    (lambda: FileUpload(off=0, data=b"x", name="plan-01", len=1), 3, 8, 0, {"off": 1}),
    (MCUMgrParametersRead, 1, 0, 6, {"buf_size": 1032, "buf_count": 1}),
    (StrapRead, 1, 64, 6, {"name": "HRM", "address": "", "connected": False}),
    (lambda: PlayWrite(cue=1), 3, 64, 5, {}),
)
REFUSALS: tuple[Body, ...] = ({"rc": 11}, {"err": {"group": 8, "rc": 3}}, {"err": {"group": 64, "rc": 99}}, {"rc": -1})


@cache
def _runner() -> asyncio.Runner:
    """A loop in virtual time: silence costs nothing."""
    return asyncio.Runner(loop_factory=VirtualLoop)


@cache
def _unproved() -> Context:
    """What the host does with a device that proves nothing, as through the window: only then its answers are read."""
    context = copy_context()
    context.run(through_window.set, True)
    return context


def _await(work: Coroutine[Any, Any, Any]) -> Any:
    return _runner().run(work, context=_unproved())


# --- one answer ---


class Answering(FakeTransport):
    """Gives back one frame, with the right sequence number unless its second byte is set."""

    def __init__(self, frame: bytes) -> None:
        super().__init__(FakeDevice())
        self._frame = bytearray(frame)

    async def send_and_receive(self, data: bytes) -> bytes:
        if len(self._frame) > 7 and not self._frame[1]:
            self._frame[6] = data[6]
        return bytes(self._frame)


def replies() -> list[bytes]:
    """The number of a request, and an answer to it: right, refused, or with something odd in it."""
    return [
        bytes((number,)) + request(cbor2.dumps(body), op, group, command, version)
        for number, (_, op, group, command, right) in enumerate(REQUESTS)
        for version in (0, 1)
        for body in (right, *REFUSALS, *odd([right]))
    ]


def take_reply(data: bytes) -> None:
    """The answer is of the request's own kind, or it is refused in words."""
    ask = REQUESTS[data[0] % len(REQUESTS)][0]() if data else StatusRead()
    way = Answering(data[1:])
    answer = _await(Link(SMPClient(way, "it"), way).ask(ask))
    promise(type(answer) is ask._Response, "an answer of another kind")


def right_reply(data: bytes) -> bytes:
    """The length in the header as it should be."""
    return data[:1] + right_length(data[1:])


# --- whole transfers ---


class Liar:
    """Twists the answers of a FakeDevice as its script says, over and over: two bytes for each answer."""

    def __init__(self, device: FakeDevice, script: bytes) -> None:
        self._device = device
        self._script = cycle(script or b"\0")
        self.answers = 0

    def twist(self, _command: tuple[int, int], answer: Body) -> Any:
        self.answers += 1
        promise(self.answers <= MOST_ANSWERS, f"asked more than {MOST_ANSWERS} times: the transfer does not end")
        lie, how = next(self._script), next(self._script)
        names = sorted(answer)
        name = names[how % len(names)] if names else "rc"
        if lie < 8:  # the link is lost now and then, with the next request
            self._device.lose_after = 0 if how < 16 else None
            return answer
        kinds = (self._odd, self._without, self._short, self._refused, self._noise, self._more)
        return kinds[lie % len(kinds)](answer, name, how)

    def _odd(self, answer: Body, name: str, how: int) -> Body:
        return {**answer, name: ODD[how % len(ODD)]}

    def _without(self, answer: Body, name: str, _how: int) -> Body:
        return {other: value for other, value in answer.items() if other != name}

    def _short(self, answer: Body, _name: str, how: int) -> Body:
        data = answer.get("data")
        return {**answer, "data": data[:how]} if isinstance(data, bytes) else answer

    def _refused(self, _answer: Body, _name: str, how: int) -> Body:
        return REFUSALS[how % len(REFUSALS)]

    def _noise(self, answer: Body, _name: str, how: int) -> bytes:
        return cbor2.dumps(answer)[: how % 20] + bytes((how,))

    def _more(self, answer: Body, name: str, how: int) -> Body:
        value = answer.get(name)
        return {**answer, name: value + how} if type(value) is int else {**answer, "data": b"\xb5J" * 128}


def take_liar(script: bytes) -> None:
    """A pull, a push and what else is asked end in a verified recording or in words, after a bounded while."""
    device = FakeDevice(stage_01=RECORDING)
    device.latest = "stage-01"
    liar = Liar(device, script[1:])
    device.twist = liar.twist
    dest = room() / "pulled"
    shutil.rmtree(dest, ignore_errors=True)
    works: tuple[Callable[[], Coroutine[Any, Any, Any]], ...] = (
        lambda: sync.pull("it", 1, dest, transport=device.transport),
        lambda: sync.pull("it", None, dest, transport=device.transport),
        lambda: sync.push("it", PLANS, transport=device.transport),
        lambda: sync.status("it", transport=device.transport),
        lambda: straps.pinned("it", transport=device.transport),
    )
    try:
        _await(works[script[0] % len(works) if script else 0]())
    finally:
        names = {path.name for path in dest.iterdir()} if dest.exists() else set()
        promise(
            all(name.removesuffix(".part").endswith(".hbr") for name in names), f"files that nobody asked for: {names}"
        )


def scripts() -> list[bytes]:
    """Honest ones, one lie in each, lies alone, and a lie, a lost link and the truth in turn."""
    honest = [bytes((work, *(0, 99) * 6)) for work in range(5)]
    lies = [
        bytes((work, *(0, 99) * place, lie, how))
        for work in range(5)
        for place in range(5)
        for lie in range(8, 14)
        for how in (3, 64)
    ]
    turns = [
        bytes((work, *chain(*turn)))
        for work in range(5)
        for lie in range(8, 14)
        for how in (1, 64)
        for turn in sorted(set(permutations(((lie, how), (0, 0), (0, 99), (0, 99)))))
    ]
    return [
        *honest,
        *lies,
        *turns,
        *[bytes((work, lie, how, 0, 1)) for work in range(5) for lie in range(8, 14) for how in (1, 70)],
    ]


PARSERS = (
    Parser(
        "smp reply", replies, take_reply, (HoldbackError,), CBOR_TOKENS, None, right_reply,
        base_bytes=1 << 20, byte_bytes=400, examples=200,
    ),
    Parser(
        "impostor", scripts, take_liar, (HoldbackError,), (b"\0\0", b"\0\x09", b"\x0d\xff", b"\x08\x0e", b"\x0a\x01"),
        most_input=60, cpu_s=10, base_bytes=4 << 20, examples=60,
    ),
)  # fmt: skip
