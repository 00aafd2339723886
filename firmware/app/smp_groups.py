"""The commands: OS, files, and our own group 64. docs/sync-protocol.md is the reference."""

import os
import time
from binascii import hexlify

from micropython import const
from pacing import smp
from pacing.cues import pattern

from app.rfc3339 import parse
from app.shelf import check_plan, crc_of, plan_crc, stages
from app.smp_server import BUFFER_BYTES, Download, Refusal
from app.store import size_of

_MAX_PLAN = const(65536)  # a 100 km stage takes 48 kB
_NAME_BYTES = const(24)
_SPARE_BYTES = const(16384)  # the file system wants room to turn round


class Groups:
    """`answer(request)` returns the body of the answer, or a Download; raises Refusal.

    `device`: see app.supervisor. `camp` is told what the host does, and asked for the status; `doors` whether it may.
    """

    def __init__(self, device, camp, doors):
        self._device = device
        self._store = device.store
        self._camp = camp
        self._doors = doors
        self._crcs = {}  # stage -> (length, crc) of recordings: reading 200 kB takes a while
        self._upload = None  # the open file of an upload
        self._upload_name = ""
        self._upload_at = self._upload_len = 0
        self._commands = {
            smp.GROUP_OS << 8 | 0 << 3 | smp.WRITE: self._echo,
            smp.GROUP_OS << 8 | 4 << 3 | smp.READ: self._read_clock,
            smp.GROUP_OS << 8 | 4 << 3 | smp.WRITE: self._set_clock,
            smp.GROUP_OS << 8 | 5 << 3 | smp.WRITE: self._reset,
            smp.GROUP_OS << 8 | 6 << 3 | smp.READ: self._parameters,
            smp.GROUP_OS << 8 | 7 << 3 | smp.READ: self._info,
            smp.GROUP_FILES << 8 | 0 << 3 | smp.READ: self._download,
            smp.GROUP_FILES << 8 | 0 << 3 | smp.WRITE: self._take_upload,
            smp.GROUP_FILES << 8 | 1 << 3 | smp.READ: self._file_status,
            smp.GROUP_FILES << 8 | 2 << 3 | smp.READ: self._file_crc,
            smp.GROUP_FILES << 8 | 4 << 3 | smp.WRITE: self._close,
            smp.GROUP_HOLDBACK << 8 | 0 << 3 | smp.READ: self._list,
            smp.GROUP_HOLDBACK << 8 | 1 << 3 | smp.WRITE: self._activate,
            smp.GROUP_HOLDBACK << 8 | 2 << 3 | smp.WRITE: self._delete,
            smp.GROUP_HOLDBACK << 8 | 3 << 3 | smp.READ: self._status,
            smp.GROUP_HOLDBACK << 8 | 4 << 3 | smp.READ: doors.challenge,
            smp.GROUP_HOLDBACK << 8 | 4 << 3 | smp.WRITE: doors.prove,
            smp.GROUP_HOLDBACK << 8 | 5 << 3 | smp.WRITE: self._play,
            smp.GROUP_HOLDBACK << 8 | 6 << 3 | smp.WRITE: self._pin,
            smp.GROUP_HOLDBACK << 8 | 6 << 3 | smp.READ: self._pinned,
            smp.GROUP_HOLDBACK << 8 | 7 << 3 | smp.WRITE: self._keep,
        }

    def answer(self, request):
        if request.too_long:
            raise Refusal(smp.EMSGSIZE)
        command = self._commands.get(request.group << 8 | request.command << 3 | request.op)
        if command is None:
            raise Refusal(smp.ENOTSUP)
        self._doors.check(request)
        try:
            return command(request.body())
        except (ValueError, KeyError, TypeError):
            raise Refusal(smp.EINVAL)
        except OSError:
            raise Refusal(smp.EUNKNOWN)

    # --- OS ---

    def _echo(self, body):
        return {"r": _text(body["d"])}

    def _read_clock(self, _body):
        return {"datetime": "%04d-%02d-%02dT%02d:%02d:%02d" % time.gmtime()[:6]}

    def _set_clock(self, body):
        self._device.clock.set(parse(_text(body["datetime"])))
        return {}

    def _reset(self, _body):
        self._device.leave()
        return {}

    def _parameters(self, _body):
        return {"buf_size": BUFFER_BYTES, "buf_count": 1}

    def _info(self, _body):
        return {"output": "Holdback %s on %s" % (self._device.firmware, self._device.board)}

    # --- files ---

    def _path(self, name: str) -> str:
        """The file behind a name; there is no way to any other file."""
        store = self._store
        if name == "latest":
            path = store.rec_path(store.state.last)
        elif name == "errors":
            path = store.root + "/errors.log"
        elif name.startswith("stage-"):
            # stage-NN.k are earlier recordings of the same stage
            path = store.rec_path(_stage(name[6:8])) if len(name) == 8 else _kept(store, name)
        elif name.startswith("plan-"):
            path = store.plan_path(_stage(name[5:]))
        else:
            raise Refusal(smp.ENOENT)
        if size_of(path) < 0:
            raise Refusal(smp.ENOENT)
        return path

    def _download(self, body):
        path = self._path(_text(body["name"]))
        size = size_of(path)
        off = _number(body["off"], size)
        return Download(path, off, size)

    def _file_status(self, body):
        return {"len": size_of(self._path(_text(body["name"])))}

    def _file_crc(self, body):
        path = self._path(_text(body["name"]))
        if body.get("type", "crc32") != "crc32":
            raise Refusal(smp.ENOTSUP)
        size = size_of(path)
        off = _number(body.get("off", 0), size)
        length = min(_number(body.get("len", size), 1 << 30), size - off)
        answer = {"type": "crc32", "len": length, "output": crc_of(path, off, length)}
        if off:
            answer["off"] = off
        return answer

    def _close(self, _body):
        self.drop_upload()
        return {}

    def _take_upload(self, body):
        """A piece of a plan; the answer's `off` says where to go on, so a host that is wrong starts there again."""
        name = _text(body["name"])
        data = body["data"]
        if not isinstance(data, bytes):
            raise Refusal(smp.EINVAL)
        off = _number(body["off"], _MAX_PLAN)
        if off == 0:
            self._begin_upload(name, body["len"])
        if self._upload is None or name != self._upload_name:
            return {"off": 0}
        if off == self._upload_at:
            if off + len(data) > self._upload_len:
                raise Refusal(smp.EINVAL)
            self._upload.write(data)
            self._upload_at += len(data)
        if self._upload_at == self._upload_len:
            return self._finish_upload(name)
        return {"off": self._upload_at}

    def _begin_upload(self, name: str, length) -> None:
        self.drop_upload()
        if not name.startswith("plan-"):
            raise Refusal(smp.EACCESSDENIED)
        _stage(name[5:])
        _number(length, _MAX_PLAN)
        if not self._store.make_room(length + _SPARE_BYTES):
            raise Refusal(smp.ENOMEM)
        self._upload = open(self._new_path(), "wb")
        self._upload_name = name
        self._upload_at, self._upload_len = 0, length

    def _finish_upload(self, name: str):
        """Commit last: only a whole, valid plan of that stage takes the old one's place."""
        self._upload.close()
        self._upload = None
        stage = _stage(name[5:])
        try:
            plan_no = check_plan(self._new_path())[0]
        except ValueError:
            raise Refusal(smp.ECORRUPT)
        if plan_no != stage:
            raise Refusal(smp.EINVAL)
        os.rename(self._new_path(), self._store.plan_path(stage))
        self._camp.plan_replaced(stage)
        return {"off": self._upload_at}

    def drop_upload(self) -> None:
        """Close what an upload left open; its temporary file is written over by the next."""
        if self._upload is not None:
            self._upload.close()
            self._upload = None

    def _new_path(self) -> str:
        return self._store.root + "/plans/new"

    # --- group 64 ---

    def _list(self, _body):
        store = self._store
        return {
            "stages": [self._recording(stage) for stage in stages(store.root, "rec")],
            "plans": [{"id": stage, "crc": plan_crc(store.plan_path(stage))} for stage in stages(store.root, "plans")],
            "armed": store.state.armed,
        }

    def _recording(self, stage: int):
        path = self._store.rec_path(stage)
        size = size_of(path)
        crcs = self._crcs
        if crcs.get(stage, (0, 0))[0] != size:
            crcs[stage] = (size, crc_of(path, 0, size))
        return {"id": stage, "len": size, "crc": crcs[stage][1], "closed": True}

    def _activate(self, body):
        stage = _number(body["stage"], 99)
        if size_of(self._store.plan_path(stage)) < 0:
            raise Refusal(smp.ENOENT)
        if plan_crc(self._store.plan_path(stage)) != body["crc"]:
            raise Refusal(smp.ECORRUPT)
        self._store.state.uncharged = 0 if body.get("charging", True) else 1
        self._camp.activate(stage, body["crc"])
        return {"rc": 0}

    def _delete(self, body):
        stage = self._held(body)
        os.remove(self._store.rec_path(stage))
        del self._crcs[stage]
        self._store.state.held &= ~(1 << stage)
        self._store.save()
        return {"rc": 0}

    def _keep(self, body):
        """The host keeps this recording: when a later one needs its room it may go."""
        stage = self._held(body)
        self._store.state.held |= 1 << stage
        self._store.save()
        return {"rc": 0}

    def _held(self, body) -> int:
        """The stage of a recording whose checksum the host knows."""
        stage = _number(body["stage"], 99)
        if size_of(self._store.rec_path(stage)) < 0:
            raise Refusal(smp.ENOENT)
        if self._recording(stage)["crc"] != body["crc"]:
            raise Refusal(smp.EACCESSDENIED)
        return stage

    def _status(self, _body):
        return self._camp.status()

    def _play(self, body):
        self._device.motor.play(pattern(_number(body["cue"], 15), _number(body["n"], 99)))
        return {}

    def _pin(self, body):
        """Another strap from now on: the one that was held counts no more."""
        name = _text(body["name"]).encode()
        if len(name) > _NAME_BYTES:
            raise Refusal(smp.EINVAL)
        state = self._store.state
        state.strap, state.strap_name = b"", name
        self._store.save()
        return {}

    def _pinned(self, _body):
        state = self._store.state
        address = hexlify(state.strap[1:], ":").decode().upper()
        return {"name": state.strap_name.decode(), "address": address, "connected": False}


def _kept(store, name: str) -> str:
    if not 10 <= len(name) <= 12 or name[8] != "." or not name[9:].isdigit():
        raise Refusal(smp.ENOENT)
    _stage(name[6:8])
    return "%s/rec/%s" % (store.root, name)


def _stage(digits: str) -> int:
    if len(digits) != 2 or not digits.isdigit():
        raise Refusal(smp.ENOENT)
    return int(digits)


def _number(value, most: int) -> int:
    if not isinstance(value, int) or not 0 <= value <= most:
        raise Refusal(smp.EINVAL)
    return value


def _text(value) -> str:
    if not isinstance(value, str):
        raise Refusal(smp.EINVAL)
    return value
