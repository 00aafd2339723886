"""Keys on the host: kept private, carried by hand, given by USB, and what a device without one is told."""

import hmac
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from holdback.device import keys, proof, sync, usb
from holdback.errors import HoldbackError, NotFoundError, UsageError
from holdback.simulation.clock import run_virtual
from holdback.simulation.machine.provision import SIMULATED_KEY

from host.cli_rig import Run, in_the_air, runner
from host.fake_device import ENOENT, ENOTSUP, PROOF, SERIAL, FakeDevice, plan_file

KEY = keys.DeviceKey(SERIAL, SIMULATED_KEY)
EBUSY = 10
# A stand-in for mpremote: it keeps what it was called with, "copies" the file, and answers as a device would.
MPREMOTE = """#!{python}
import hashlib, json, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "calls").open("a") as f:
    print(json.dumps(sys.argv[1:]), file=f)
if (here / "broken").exists():
    sys.exit("mpremote: no device found")
if "cp" not in sys.argv:
    print("{serial}")
else:
    data = pathlib.Path(sys.argv[sys.argv.index("cp") + 1]).read_bytes()
    (here / "device-key").write_bytes(data)
    print("cp ...")
    print(hashlib.sha256(data).hexdigest())
"""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A computer of its own, without keys; the folder in which they will be."""
    monkeypatch.setattr(keys, "user_config_path", lambda _name: tmp_path / "config")
    keys.keyring.set(keys.recall)
    return tmp_path / "config/keys"


@pytest.fixture
def cable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A device at the cable, by way of a stand-in for mpremote; the folder where that leaves what it did."""
    tool = tmp_path / "tool/mpremote"
    tool.parent.mkdir()
    tool.write_text(MPREMOTE.format(python=sys.executable, serial=SERIAL))
    tool.chmod(0o700)
    monkeypatch.setattr(usb, "_command", lambda: [str(tool)])
    return tool.parent


@pytest.fixture
def hb(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def calls(cable: Path) -> list[list[str]]:
    return [json.loads(line) for line in (cable / "calls").read_text().splitlines()]


def test_provision_gives_one_key_to_device_and_computer(hb: Run, home: Path, cable: Path) -> None:
    code, told, _ = hb("device", "key", "provision", "--port", "/dev/ttyUSB7", "--json")
    assert code == 0 and told == {"device": "C0DE", "serial": SERIAL, "path": str(home / f"{SERIAL}.key")}
    given = (cable / "device-key").read_bytes()
    assert keys.recall(SERIAL) == keys.DeviceKey(SERIAL, given) and len(given) == 32
    assert (mode(home), mode(home / f"{SERIAL}.key")) == (0o700, 0o600)
    assert [path.name for path in home.iterdir()] == [f"{SERIAL}.key"]  # nothing is left of the way there
    ask, give = calls(cable)
    assert ask[:3] == give[:3] == ["connect", "/dev/ttyUSB7", "resume"] and ask[3] == "exec"
    assert give[3:5] == ["fs", "cp"] and give[6:9] == [":/key.new", "+", "exec"] and give[-2:] == ["+", "reset"]
    assert given.hex() not in str(ask + give)  # a command's words are no secret


def test_provision_again_keeps_the_key_unless_a_new_one_is_wanted(hb: Run, home: Path, cable: Path) -> None:
    keys.keep(KEY)
    assert hb("device", "key", "provision")[0] == 0 and (cable / "device-key").read_bytes() == SIMULATED_KEY
    assert calls(cable)[0][1] == "auto"
    assert hb("device", "key", "provision", "--new")[0] == 0
    assert keys.recall(SERIAL) != KEY and (cable / "device-key").read_bytes() != SIMULATED_KEY


def test_a_cable_without_a_device_changes_nothing(hb: Run, home: Path, cable: Path, monkeypatch: Any) -> None:
    keys.keep(KEY)
    (cable / "broken").touch()
    code, told, _ = hb("device", "key", "provision", "--new", "--json")
    assert code == 3 and told["why"] == "mpremote: no device found" and "safe mode" in told["next"]
    monkeypatch.setattr(usb, "serial_of", lambda _port: SERIAL)
    assert hb("device", "key", "provision", "--new")[0] == 3
    assert keys.recall(SERIAL) == KEY and [path.name for path in home.iterdir()] == [f"{SERIAL}.key"]


def test_a_key_that_arrives_damaged_is_told(home: Path, cable: Path) -> None:
    (cable / "mpremote").write_text(f"#!{sys.executable}\nprint('0' * 64)\n")
    home.mkdir(parents=True, mode=0o700)
    with pytest.raises(HoldbackError, match="did not arrive whole"):
        usb.give("auto", KEY)


def test_what_is_no_serial_number_names_no_file(hb: Run, home: Path, cable: Path) -> None:
    (cable / "mpremote").write_text(f"#!{sys.executable}\nprint('../../etc')\n")
    code, _, err = hb("device", "key", "provision")
    assert code == 2 and "serial number" in err and not home.exists()


def test_export_and_import_carry_the_key(hb: Run, home: Path, tmp_path: Path) -> None:
    keys.keep(KEY)
    file = tmp_path / "c0de.key"
    assert hb("device", "key", "export", file)[0] == 0 and mode(file) == 0o600
    code, _, err = hb("device", "key", "export", file)
    assert code == 2 and "already" in err
    (home / f"{SERIAL}.key").unlink()
    code, told, _ = hb("device", "key", "import", file, "--json")
    assert code == 0 and told["serial"] == SERIAL and keys.recall(SERIAL) == KEY
    assert hb("device", "key", "import", file)[0] == 0  # twice is nothing


def test_import_replaces_another_key_only_when_asked(hb: Run, home: Path, tmp_path: Path) -> None:
    keys.keep(KEY)
    other = keys.fresh(SERIAL)
    keys.write(other, tmp_path / "other")
    code, _, err = hb("device", "key", "import", tmp_path / "other")
    assert code == 1 and "--replace" in err and keys.recall(SERIAL) == KEY
    assert hb("device", "key", "import", tmp_path / "other", "--replace")[0] == 0 and keys.recall(SERIAL) == other


def test_export_of_one_of_two(hb: Run, home: Path, tmp_path: Path) -> None:
    code, _, err = hb("device", "key", "export", tmp_path / "none")
    assert code == 3 and "provision" in err
    keys.keep(KEY)
    keys.keep(keys.fresh("c000deadbeef"))
    code, _, err = hb("device", "key", "export", tmp_path / "which")
    assert code == 2 and "--device" in err
    assert hb("device", "key", "export", tmp_path / "it", "--device", "Holdback-C0DE")[0] == 0
    assert keys.read(tmp_path / "it") == KEY


@pytest.mark.parametrize("text", [
    b"", b"\xff\xfe", b"[]", b'{"serial":"../../x","key":"' + b"A" * 43 + b'="}', b'{"serial":"c0de","key":"AAAA"}',
    b"[" * 100_000,
])  # fmt: skip
def test_what_is_no_key_is_refused(hb: Run, home: Path, tmp_path: Path, text: bytes) -> None:
    (tmp_path / "file").write_bytes(text)
    code, _, err = hb("device", "key", "import", tmp_path / "file")
    assert code == 1 and "no key" in err and not home.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_key_that_others_can_read_is_not_used(home: Path) -> None:
    path = keys.keep(KEY)
    for what, open_mode, good in ((path, 0o640, 0o600), (path.parent, 0o755, 0o700)):
        what.chmod(open_mode)
        with pytest.raises(HoldbackError, match="other users") as failure:
            keys.recall(SERIAL)
        assert failure.value.next_step == f"chmod {good:o} {what}"
        what.chmod(good)
    assert keys.recall(SERIAL) == KEY


def test_a_key_under_another_devices_name_is_not_used(home: Path) -> None:
    keys.keep(KEY).rename(home / "beef.key")
    with pytest.raises(HoldbackError, match="another device"):
        keys.recall("beef")
    with pytest.raises(UsageError):
        keys.recall("../beef")


# --- what a device is told, and what it is not ---


def push(fake: FakeDevice) -> Any:
    return run_virtual(sync.push("it", [plan_file()], transport=fake.transport))


def handed_over(fake: FakeDevice) -> list[Any]:
    """What was asked after the client's own first question."""
    return [asked for asked in fake.asked if asked[:2] != (0, 6)]


def test_mac_is_hmac_sha256_over_side_nonces_and_serial() -> None:
    """Written out from the protocol's page; the device's side is another implementation of it."""
    text = b"holdback device" + bytes(16) + bytes(range(16)) + b"c0de"
    assert proof.mac("device", bytes(32), bytes(16) + bytes(range(16)), "c0de") == hmac.digest(
        bytes(32), text, "sha256"
    )


def test_an_impostor_gets_nothing() -> None:
    fake = FakeDevice()
    fake.proof_twist = lambda mac: bytes([mac[0] ^ 1]) + mac[1:]
    with pytest.raises(proof.ImpostorError, match="does not have its key"):
        push(fake)
    assert handed_over(fake) == [] and fake.connections == 1


def test_our_own_proof_sent_back_is_none() -> None:
    """The sides are named in what is proved: an impostor cannot answer with an echo."""
    fake = FakeDevice()
    fake.twist = lambda command, answer: {"mac": seen[-1]} if command == PROOF and "mac" in answer else answer
    seen: list[bytes] = []
    prove = fake._prove
    fake._prove = lambda body: seen.append(body["mac"]) or prove(body)
    with pytest.raises(proof.ImpostorError):
        push(fake)
    assert handed_over(fake) == []


@pytest.mark.parametrize("rc, words", [
    (ENOENT, "no key yet"), (ENOTSUP, "cannot prove"), (EBUSY, "up to a minute"), (11, "does not take"),
])  # fmt: skip
def test_a_device_that_does_not_prove_itself_gets_nothing(rc: int, words: str) -> None:
    fake = FakeDevice()
    fake.twist = lambda command, answer: {"rc": rc} if command == PROOF else answer
    with pytest.raises(proof.NoKeyError, match=words) as failure:
        push(fake)
    assert failure.value.next_step and handed_over(fake) == []


def test_without_a_key_the_command_line_says_what_to_do(
    hb: Run, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = in_the_air(monkeypatch, tmp_path, FakeDevice(stage_01=b"12345"))
    code, _, err = hb("device", "status")
    assert code == 1 and SERIAL in err and "provision" in err and "--window" in err and handed_over(fake) == []
    assert hb("device", "status", "--window")[0] == 0
    code, _, err = hb("device", "push", "--window")
    assert code == 2 and "--window" in err
    assert hb("device", "status")[0] == 1  # the next command proves again


def test_a_file_that_is_not_there(home: Path) -> None:
    with pytest.raises(NotFoundError):
        keys.read(home / "none")
