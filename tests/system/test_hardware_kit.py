"""The owner's kit (tests/hardware) with the real mpremote, on a virtual board at a pseudo-terminal: no hardware."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hardware import __main__ as command
from hardware import run, session, throughput
from holdback.device import peace, usb
from holdback.errors import NotFoundError
from holdback.simulation import Flash
from holdback.simulation.machine.provision import provision, put
from holdback.simulation.machine.serial_port import SerialBoard
from holdback.simulation.world.receiver import EXACT, Receiver, Truth, sentence
from system.cable_rig import ROOT, SPEED, read, says, started, tiny

BUTTON, BATTERY = 0, 35  # boards/virtual/board.py
SKY = Truth(47.1234, 11.4321, 1234.0, 0.0, 0.0)
ANSWERS = {"felt?": "2", "in camp": "21", "armed": "58", "running": "66"}
QUIET = ("--fix", "0", "--hold", "1")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits as short as the board is fast, and a computer without Bluetooth."""

    async def none() -> None:
        raise NotFoundError("no usable Bluetooth adapter", "this test has none")

    monkeypatch.setattr(peace, "BOOT_S", 0.05)
    monkeypatch.setattr(run, "WATCHDOG_S", 3 / SPEED)
    monkeypatch.setattr(peace, "TRIES", 2)
    monkeypatch.setattr(run, "FIND_STRAP_S", 2)
    monkeypatch.setattr(run, "PRESS_S", 60)
    monkeypatch.setattr(throughput, "adapter", none)
    monkeypatch.setattr(usb, "steady", lambda port: port)  # tests/host/test_cable_port.py


@pytest.fixture(scope="module")
def old() -> bytes:
    """The flash of a device whose firmware "old" has settled in folder a, with a recording."""
    chip = Flash()
    provision(chip)
    firmware = tiny("old")
    files = {**ROOT, "a/board.txt": b"virtual", "slot": b"a 0 old", "rec/stage-01.hbr": b"a recording"}
    for name, data in (files | {f"a/{name}": data for name, data in firmware.files.items()}).items():
        put(chip, name, data)
    return chip.read()


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What probes import, compiled once."""
    with session.folder_for("virtual") as made:
        return made.rename(tmp_path_factory.mktemp("kit") / "kit")


@pytest.fixture
def board(old: bytes) -> Iterator[SerialBoard]:
    with started(old) as device:
        yield device


class World:
    """A receiver that answers as a CASIC does, and a thumb on the button, for as long as the test lasts."""

    def __init__(self, board: SerialBoard) -> None:
        self._board = board
        self._receiver = Receiver(1, EXACT)
        self._over = threading.Event()
        self.pulses = 0
        board.adc_mv[BATTERY] = 2000
        board.on_uart.append(self._asked)
        board.on_pwm.append(lambda _pin, duty: setattr(self, "pulses", self.pulses + bool(duty)))
        threading.Thread(target=self._seconds, daemon=True).start()

    def end(self) -> None:
        self._over.set()

    def _asked(self, _uart: int, data: bytes) -> None:
        if b"PCAS06" in data:
            self._board.feed_uart(sentence("GPTXT,01,01,02,SW=URANUS5,V5.1.0.0"))

    def _seconds(self) -> None:
        second = 1_782_000_000
        while not self._over.wait(1 / SPEED):
            second += 1
            self._board.feed_uart(self._receiver.epoch(second, SKY))

    def press(self) -> None:
        """Press and let go again and again, until the next question."""
        self._thumb = threading.Event()
        threading.Thread(target=self._presses, daemon=True).start()

    def rest(self) -> None:
        self._thumb.set()

    def _presses(self) -> None:
        level = 1
        while not self._thumb.wait(2.4 / SPEED):  # a hold takes three
            level = 1 - level
            self._board.set_pin(BUTTON, level)


def hold(monkeypatch: pytest.MonkeyPatch, kit: Path, **probes: str) -> None:
    """Let the command use the compiled kit, with other probes in it."""
    import contextlib

    for name, text in probes.items():
        (kit / "probes" / f"{name}.py").write_text(text)  # beats the compiled one

    @contextlib.contextmanager
    def folder(_board: str) -> Iterator[Path]:
        yield kit
        for name in probes:
            (kit / "probes" / f"{name}.py").unlink()

    monkeypatch.setattr(command, "folder_for", folder)


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(run, "STEPS", {name: run.STEPS[name] for name in names})


def words(board: SerialBoard, out: Path, *more: str) -> list[str]:
    return ["--port", board.port, "--board", "virtual", "--out", str(out), *more]


def report(folder: Path) -> str:
    (path,) = folder.glob("holdback-hardware-virtual-*.md")
    return path.read_text()


def row(text: str, what: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {what}")]
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_an_owner_gets_a_whole_report(
    board: SerialBoard, kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(monkeypatch, kit)
    world = World(board)
    board.printed.clear()

    def answer(question: str) -> str:
        if "press the button" in question:
            world.press()
        elif "on the wrist" in question:
            world.rest()
        return next((said for word, said in ANSWERS.items() if word in question), "")

    assert command.main(words(board, tmp_path, "--fix", "20", "--hold", "1", "--meter"), answer) == 0
    world.end()
    text = report(tmp_path)
    assert text.splitlines()[0] == (
        "# Hardware test of virtual (simulated: made on the virtual board, nothing here is of hardware)"
    )
    for line in (
        "Firmware old.",
        "- baud at which it talks by itself, 0 is silent: 9600",
        "- family: CASIC",
        "- first fix: yes",
        "- satellites: 11",
        "- felt, 0 not at all to 3 strongly: 2",
        "- read back: whole",
        "- failed: no strap is heard",
        "- skipped: no usable Bluetooth adapter: this test has none",
        "- frequency: 80000000 Hz",
        "- voltage: 4000 mV",
        "- restarted by it: yes",
        "- running: 66 mA",
    ):
        assert line in text.splitlines(), text
    assert "took it for" in text and "took it for: none" not in text and row(text, "epochs in 5 s")[2] != "–"
    assert row(text, "current on a stage")[1:] == ["66 mA (boards/virtual/board.py)", "66 mA", "simulated, so nothing"]
    assert row(text, "hours of a charge")[2] == "16 h" and world.pulses >= 4
    assert "Not whole" not in text and not any(secret in text for secret in ("4707.4", "f0c0ffee", "1234", "47.1"))
    says(board, "this is old")
    assert read(board.port, "/rec/stage-01.hbr") == "a recording" and "hardware-test" not in read_names(board)


def read_names(board: SerialBoard) -> str:
    return usb.mpremote(board.port, "fs", "ls", ":/")


@pytest.mark.parametrize(
    ("more", "code", "says_so"),
    [
        ((), 2, "No PORT was given"),
        (("--port", "/dev/nowhere", "--out", "nowhere"), 2, "nowhere is no folder"),
        (("--port", "/dev/nowhere", "--board", "virtual"), 3, "no device answers at port /dev/nowhere"),
        (("--port", "/dev/nowhere", "--board", "teapot"), 3, "PORT=... BOARD=NAME\n"),
        (("--port", "/dev/nowhere", "--board", ""), 3, "no board is named"),
    ],
)
def test_what_cannot_begin_says_why(
    more: tuple[str, ...], code: int, says_so: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--out", str(tmp_path), *more, "--no-questions"]) == code
    out = capsys.readouterr()
    assert says_so in out.out + out.err and not list(tmp_path.iterdir())


def test_another_boards_name_is_refused_and_the_firmware_goes_on(
    board: SerialBoard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board.printed.clear()
    assert command.main([*words(board, tmp_path), "--board", "t_beam", "--no-questions"]) == 1
    assert "wants MicroPython's image ESP32_GENERIC-SPIRAM" in capsys.readouterr().err and not list(tmp_path.iterdir())
    says(board, "this is old")


RESETS = "import machine\ndef run():\n    machine.reset()\n"
GARBAGE = """
import sys
def run():
    sys.stdout.buffer.write(bytes([255, 10]))
    print("HOLDBACK {")
    return {"felt": float("nan"), "<b>": 0}
"""


def test_probes_that_go_wrong_are_told_and_the_others_go_on(
    board: SerialBoard, kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One raises, one speaks nonsense, one restarts the device into its firmware."""
    hold(monkeypatch, kit, chips="def run():\n    1 / 0\n", motor=GARBAGE, storage=RESETS)
    only(monkeypatch, "chips", "motor", "storage", "battery")
    monkeypatch.setattr(session, "PROBE_S", 1.0)
    assert command.main(words(board, tmp_path, "--no-questions", *QUIET)) == 0
    text = report(tmp_path)
    for line in (
        "- failed: ZeroDivisionError: divide by zero",
        "- failed: the device at port PORT does not answer: in 1 s",
        "- charge: 0 %",
    ):
        assert line in text.splitlines(), text
    assert board.port not in text
    assert "- failed: its answer is none: HOLDBACK ??probe?: ?motor?" in text and "nan" in text and "<b>" not in text


def test_ctrl_c_leaves_a_report_that_says_so_and_the_firmware(
    board: SerialBoard, kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(monkeypatch, kit)
    only(monkeypatch, "memory", "battery")

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hardware.__main__.print", print_until("battery ...", interrupt), raising=False)
    board.printed.clear()
    assert command.main(words(board, tmp_path, "--no-questions")) == 4
    text = report(tmp_path)
    assert "**Not whole: interrupted by hand.**" in text and "**memory**" in text and "**battery**" not in text
    assert row(text, "longest block with its flush")[2:] == ["–", "not reached"]
    says(board, "this is old")


def print_until(what: str, act: Callable[[], object]) -> Callable[..., None]:
    """A `print` that acts when it is to print that."""

    def tell(line: str, **_more: object) -> None:
        if line == what:
            act()

    return tell


def test_a_cable_that_is_pulled_leaves_a_report_that_says_so(
    board: SerialBoard, kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(monkeypatch, kit)
    only(monkeypatch, "memory", "battery")
    monkeypatch.setattr("hardware.__main__.print", print_until("battery ...", board.power_off), raising=False)
    assert command.main(words(board, tmp_path, "--no-questions")) == 4
    text = report(tmp_path)
    assert "**Not whole: the device does not answer any more.**" in text and "**memory**" in text
