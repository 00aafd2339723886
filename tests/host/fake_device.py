"""A device in memory: SMP answers made with cbor2, and a transport that can lose the link or change an answer."""

import asyncio
import hmac
import struct
from binascii import crc32
from collections.abc import Callable
from typing import Any

import cbor2
from holdback.device.plans import PlanFile
from holdback.simulation.machine.provision import SIMULATED_KEY
from pacing import cues, planwriter
from smpclient.transport import SMPTransport, SMPTransportDisconnected
from smpclient.transport.ble import SMPBLETransportDeviceNotFound

ANSWER_BYTES = 700
PROOF = (64, 4)
NONCE, SERIAL = bytes(range(16)), "c000deadc0de"
EINVAL, ENOENT, EACCESSDENIED, ENOTSUP = 3, 5, 11, 8
Body = dict[str, Any]


def plan_bytes(stage_no: int = 1, caps: int = 40) -> bytes:
    spec = {"race": "test", "stage_no": stage_no, "stage_count": 3, "cs_cms": 350}
    return planwriter.encode({**spec, "caps": [((i + 1) * 1000, 900, 0, 0) for i in range(caps)]})


def plan_file(stage_no: int = 1) -> PlanFile:
    data = plan_bytes(stage_no)
    return PlanFile(stage_no, data, int.from_bytes(data[-4:], "little"))


class FakeDevice:
    """files by their SMP names. `lose_after`: the link breaks when so many answers more have gone out.

    The proof of the key is not counted, and not among what was `asked`.
    """

    def __init__(self, **files: bytes) -> None:
        self.files = {name.replace("_", "-"): data for name, data in files.items()}
        self.latest = ""
        self.activated: list[tuple[int, int]] = []
        self.clock = ""
        self.played: list[tuple[int, int]] = []
        self.running = False
        self.strap = ""
        self.key = SIMULATED_KEY
        self.proof_twist: Callable[[bytes], bytes] = lambda mac: mac
        self.asked: list[tuple[int, int, Body]] = []
        self.connections = 0
        self.lose_after: int | None = None
        self.gone = False
        self.silent = False
        self.buffer_bytes = 512
        self.twist: Callable[[tuple[int, int], Body], Any] = lambda _command, answer: answer
        self._upload = b""

    def transport(self) -> "FakeTransport":
        return FakeTransport(self)

    def answer(self, frame: bytes) -> bytes:
        op, _, _, group, sequence, command = struct.unpack(">BBHHBB", frame[:8])
        body = cbor2.loads(frame[8:])
        if (group, command) != PROOF:
            self.asked.append((group, command, body))
        writes = op & 7 == 2
        answer = self.twist((group, command), self._do(group, command, writes, body))
        data = answer if isinstance(answer, bytes) else cbor2.dumps(answer)
        return struct.pack(">BBHHBB", op | 1, 0, len(data), group, sequence, command) + data

    def _do(self, group: int, command: int, writes: bool, body: Body) -> Body:
        todo = {
            (0, 4, True): self._set_clock,
            (0, 6, False): lambda _: {"buf_size": self.buffer_bytes, "buf_count": 1},
            (8, 0, False): self._download,
            (8, 0, True): self._take_upload,
            (8, 2, False): self._checksum,
            (64, 0, False): self._list,
            (64, 1, True): self._activate,
            (64, 2, True): self._delete,
            (64, 4, False): lambda _: {"nonce": NONCE, "serial": SERIAL},
            (64, 4, True): self._prove,
            (64, 3, False): lambda _: {"state": "idle", "stage": 0, "batt": 80, "fw": "0.1.0", "free": 9, "new": 1},
            (64, 5, True): self._play,
            (64, 6, True): self._pin,
            (64, 6, False): lambda _: {"name": self.strap, "address": "", "connected": False},
        }.get((group, command, writes))
        return todo(body) if todo else {"rc": ENOTSUP}

    def _file(self, name: str) -> bytes | None:
        return self.files.get(self.latest if name == "latest" else name)

    def _download(self, body: Body) -> Body:
        data = self._file(body["name"])
        if data is None:
            return {"rc": ENOENT}
        answer: Body = {"off": body["off"], "data": data[body["off"] :][:ANSWER_BYTES]}
        return answer if body["off"] else {**answer, "len": len(data)}

    def _checksum(self, body: Body) -> Body:
        data = self._file(body["name"])
        if data is None:
            return {"rc": ENOENT}
        data = data[: body.get("len", len(data))]
        return {"type": "crc32", "len": len(data), "output": crc32(data)}

    def _take_upload(self, body: Body) -> Body:
        if not body["name"].startswith("plan-"):
            return {"rc": EACCESSDENIED}
        self._upload = self._upload[: body["off"]] + body["data"]
        if body["off"] == 0:
            self._length = body["len"]
        if len(self._upload) == self._length:
            self.files[body["name"]] = self._upload
        return {"off": len(self._upload)}

    def _set_clock(self, body: Body) -> Body:
        self.clock = body["datetime"]
        return {}

    def _list(self, _body: Body) -> Body:
        named = [name for name in self.files if "." not in name]  # stage-NN.k is kept, and not listed
        numbers = {kind: sorted(name for name in named if name.startswith(kind)) for kind in ("stage-", "plan-")}
        stages = [
            {"id": int(n[6:]), "len": len(self.files[n]), "crc": crc32(self.files[n]), "closed": True}
            for n in numbers["stage-"]
        ]
        plans = [{"id": int(n[5:]), "crc": int.from_bytes(self.files[n][-4:], "little")} for n in numbers["plan-"]]
        return {"stages": stages, "plans": plans, "armed": self.activated[-1][0] if self.activated else 0}

    def _activate(self, body: Body) -> Body:
        self.activated.append((body["stage"], body["crc"]))
        return {"rc": 0}

    def _delete(self, body: Body) -> Body:
        name = f"stage-{body['stage']:02d}"
        if name not in self.files or crc32(self.files[name]) != body["crc"]:
            return {"rc": EACCESSDENIED}
        del self.files[name]
        return {"rc": 0}

    def _play(self, body: Body) -> Body:
        try:
            cues.pattern(body["cue"], body["n"])
        except ValueError:
            return {"rc": EINVAL}
        if self.running:
            return {"rc": EACCESSDENIED}
        self.played.append((body["cue"], body["n"]))
        return {}

    def _prove(self, body: Body) -> Body:
        both = NONCE + body["nonce"] + SERIAL.encode()
        if body["mac"] != hmac.digest(self.key, b"holdback host" + both, "sha256"):
            return {"rc": EACCESSDENIED}
        return {"mac": self.proof_twist(hmac.digest(self.key, b"holdback device" + both, "sha256"))}

    def _pin(self, body: Body) -> Body:
        if len(body["name"].encode()) > 24:
            return {"rc": EINVAL}
        self.strap = body["name"]
        return {}


class FakeTransport(SMPTransport):
    """One connection to a FakeDevice."""

    def __init__(self, device: FakeDevice) -> None:
        self._device = device
        self._connected = False

    async def connect(self, address: str, timeout_s: float) -> None:
        if self._device.gone:
            raise SMPBLETransportDeviceNotFound(address)
        self._connected = True
        self._device.connections += 1

    async def disconnect(self) -> None:
        self._connected = False

    async def send_and_receive(self, data: bytes) -> bytes:
        device = self._device
        counts = (data[5], data[7]) != PROOF
        if device.lose_after == 0 and counts:
            device.lose_after = None
            self._connected = False
        if not self._connected:
            raise SMPTransportDisconnected("it has gone")
        if device.silent:
            await asyncio.sleep(1e6)
        if device.lose_after is not None and counts:
            device.lose_after -= 1
        return device.answer(data)

    @property
    def mtu(self) -> int:
        return 244
