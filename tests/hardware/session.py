"""Probes on the device at a port, one after the other: what is sent, and what of the answer is believed."""

import ast
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
from holdback.building import build
from holdback.device import cable, peace, usb
from holdback.errors import HoldbackError

from bench.micropython.core_cost import plan_data
from hardware.facts import FACTS

HERE = Path(__file__).parent
PROBES = HERE / "probes"
CORE_COST = build.PROJECT / "bench" / "micropython" / "core_cost.py"
MARK = "HOLDBACK "
PROBE_S = 60.0  # beyond what a probe is told to wait
_ODD = re.compile(r"[^A-Za-z0-9 .,:;+/()%=_°'-]")

Number = Annotated[int, msgspec.Meta(ge=-(2**40), le=2**40)]
Text = Annotated[str, msgspec.Meta(max_length=300)]
Facts = Mapping[str, int | str]


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a probe prints."""

    probe: str
    took_ms: Number
    facts: dict[str, Number | Text]


class Result(msgspec.Struct, frozen=True):
    """What came of a probe: facts that the kit knows, or why there are none."""

    probe: str
    facts: Facts = {}
    failed: str = ""
    skipped: str = ""


class GoneError(HoldbackError):
    """The device does not answer any more."""


class Session:
    """A device that stands at its prompt without watchdog and radio; `folder` holds what probes import: folder_for."""

    def __init__(self, port: str, folder: Path = Path()) -> None:
        self.port = port
        self.folder = folder

    def probe(self, name: str, *, seconds: float = 0.0, **options: int | str) -> Result:
        """Run a probe with our modules as they are written; `seconds`: how long it may wait. GoneError."""
        return self._mounted(name, seconds, f"from probes.lead import tell; tell({name!r}, {options!r})")

    def built(self, name: str, *, seconds: float = 0.0, **options: int | str) -> Result:
        """The same, with our modules as the build makes them for a device: smaller, and a little quicker. GoneError."""
        path = "import sys; sys.path.insert(0, 'built'); from probes.lead import tell; "
        return self._mounted(name, seconds, f"{path}tell({name!r}, {options!r}, None, {name!r})")

    def _mounted(self, name: str, seconds: float, text: str) -> Result:
        return self._run(name, ["mount", str(self.folder), "exec", text], seconds)

    def bare(self, name: str) -> Result:
        """Run a probe that needs nothing of ours, and is to find the interpreter as it is. GoneError."""
        texts = [(PROBES / f"{file}.py").read_text() for file in ("lead", name)]
        return self._run(name, ["exec", f"{texts[0]}\n{texts[1]}\ntell({name!r}, {{}}, run)"], 0.0)

    def _run(self, name: str, words: list[str], seconds: float) -> Result:
        try:
            told = usb.mpremote(self.port, "soft-reset", *words, seconds=PROBE_S + seconds)
        except HoldbackError as error:
            self._calm()
            return Result(name, failed=self.why(error))
        return parse(told, name)

    def after_restart(self) -> tuple[cable.Look, int]:
        """The device once it has restarted by itself, and the reset cause that it names. GoneError."""
        try:
            found = peace.again(self.port)
            told = usb.mpremote(self.port, "exec", "import machine; print(machine.reset_cause())").strip()
        except HoldbackError as error:
            raise _gone(error) from None
        return found, int(told) if re.fullmatch("[0-9]{1,3}", told) else 0

    def why(self, error: HoldbackError) -> str:
        """What happened, for the report: a port's name may be the device's serial number."""
        return clean(": ".join(filter(None, (error.what, error.why))).replace(self.port, "PORT"))

    def _calm(self) -> None:
        """After a probe that ended badly: is the device still there, and still without its firmware? GoneError."""
        try:
            if peace.again(self.port).running:
                peace.enter(self.port)
        except HoldbackError as error:
            raise _gone(error) from None


def _gone(error: HoldbackError) -> GoneError:
    return GoneError("the device does not answer any more", "", error.next_step)


def parse(told: str, name: str) -> Result:
    """What a probe said, out of all that came over the cable."""
    for line in reversed(told.splitlines()):
        if line.startswith(MARK):
            try:
                found = msgspec.json.decode(line.removeprefix(MARK), type=Line)
            except msgspec.DecodeError:
                continue
            if found.probe == name:
                return _result(found)
    last = told.strip().rpartition("\n")[2]
    return Result(name, failed=clean(f"its answer is none: {last[:80]}"))


def _result(line: Line) -> Result:
    facts = {
        name: clean(fact) if isinstance(fact, str) else fact
        for name, fact in line.facts.items()
        if name in FACTS[line.probe]
    }
    return Result(line.probe, facts, *(clean(str(line.facts.get(name, ""))) for name in ("failed", "skipped")))


def clean(text: str) -> str:
    """A text with nothing in it that a page would take for more than words."""
    return _ODD.sub("?", text)


@contextmanager
def folder_for(board: str) -> Iterator[Path]:
    """What probes import, compiled for the device, with a made-up plan beside it: for as long as it is needed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = {f"probes.{path.stem}": path for path in PROBES.glob("*.py")}
        work = paths.pop("probes.work")
        for module, path in _wanted(paths, build.paths(board)).items():
            build.compiled(path.read_text(), module, folder)
        for module, text in build.sources(board, {**paths, "work": work, "core_cost": CORE_COST}, ("work",))[0].items():
            build.compiled(text, module, folder / "built")
        (folder / "plan.hbp").write_bytes(plan_data())
        yield folder


def _wanted(paths: Mapping[str, Path], firmware: Mapping[str, Path]) -> dict[str, Path]:
    """`paths` and all that they import of the firmware, directly or not."""
    found = dict(paths)
    left = list(paths.values())
    while left:
        for name in _imports(left.pop()):
            if name in firmware and name not in found:
                found[name] = firmware[name]
                left.append(firmware[name])
    return found


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found
