"""Compiling the firmware for a device: every name costs memory there, so constants are put in place and names replaced
(holdback.building.names) before mpy-cross sees the source.

A name that a module brings along takes 20 to 30 bytes of the device's heap, a constant 16 more. The source runs as it
stands, too; bench/heap.py shows the difference.
"""

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from holdback.building import names
from holdback.building.bundle import bundle
from holdback.building.inline import drop, inline
from holdback.errors import HoldbackError

PROJECT = Path(__file__).parents[3]
PACKAGES = ("app", "drivers", "pacing")
HOST_ONLY = {"pacing.planwriter", "pacing.replay"}  # of use on the host and in tests alone
ENTRIES = ("boards.common", "app.supervisor")  # what main.py imports
FACTS = "board"  # the module of a board's facts
_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")
_LACKING = "facts that lack"  # no name that a source can have
_NOWHERE = ast.Name(_LACKING, ast.Load())
_CONDITION = (ast.Constant, ast.Compare, ast.cmpop, ast.BoolOp, ast.boolop, ast.UnaryOp, ast.unaryop)

Value = Any  # int, str or bytes; of a board's facts also tuples
Values = dict[str, Value]


def build(board: str, folder: Path) -> dict[str, int]:
    """Compile the firmware for `board` (a folder of boards/) into `folder`, as it is copied to a device.

    Returns {module: bytes of its .mpy}. HoldbackError if something does not compile. names.json tells what the names in
    a device's error log may mean: {module: {name: [module.name in the source]}}; the device does not need it.
    """
    texts, meanings = sources(board)
    sizes = {name: compiled(text, name, folder) for name, text in texts.items()}
    for file in ("boot.py", "main.py"):
        (folder / file).write_text((PROJECT / "firmware" / file).read_text())
    (folder / "names.json").write_text(json.dumps(meanings, indent=1))
    return sizes


def sources(
    board: str, more: Mapping[str, Path] = {}, entries: Sequence[str] = ENTRIES
) -> tuple[dict[str, str], dict[str, dict[str, list[str]]]]:
    """{module: its source as it is compiled}, and what its names may mean; of what is reached from `entries`, which may
    be modules that are none of the firmware's: {module: file} in `more`.
    """
    modules = {name: ast.parse(path.read_text()) for name, path in {**paths(board), **more}.items()}
    constants = _constants(modules)
    for name, tree in modules.items():
        _Inliner(name, constants).visit(tree)
    drop(modules, names.theirs())
    modules = _reached(modules, entries)
    inline(modules, names.theirs(), names.shared_private(modules))
    meanings = names.shorten(modules)
    phases, called = bundle(modules, entries, names.WORDS)
    texts = {name: ast.unparse(ast.fix_missing_locations(tree)) for name, tree in phases.items()}
    return texts, {phase: _meanings(meanings, called[phase]) for phase in phases}


def functions(board: str) -> set[str]:
    """module.name of every function that the sources of a board's firmware have."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = {name: ast.walk(ast.parse(path.read_text())) for name, path in paths(board).items()}
    return {f"{name}.{node.name}" for name, nodes in found.items() for node in nodes if isinstance(node, kinds)}


def _drop_imports(tree: ast.Module) -> None:
    """Leave out what a module imports at its top and does not use."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [alias for alias in node.names if (alias.asname or alias.name) in used]
    tree.body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom) or node.names]


def _reached(modules: Mapping[str, ast.Module], entries: Iterable[str]) -> dict[str, ast.Module]:
    """The modules that are of use, from the entries on: no other board's drivers. HoldbackError if a fact lacks."""
    for tree in modules.values():
        _drop_imports(tree)
    found: set[str] = set()
    left = set(entries)
    while left:
        name = left.pop()
        found.add(name)
        for node in ast.walk(modules[name]):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == _LACKING:
                hint = "boards/README.md lists all facts"
                raise HoldbackError(f"the board's file does not say {node.attr}", f"{name} asks for it", hint)
            if isinstance(node, ast.ImportFrom):
                names = {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
                left |= (names & {*modules}) - found
    return {name: tree for name, tree in modules.items() if name in found}


def _meanings(meanings: Mapping[str, Mapping[str, str]], called: Mapping[tuple[str, str], str]) -> dict[str, list[str]]:
    """{name: what it may stand for} of the modules in a phase."""
    found: dict[str, list[str]] = {}
    for module in sorted({module for module, _ in called} & {*meanings}):
        for short, long in meanings[module].items():
            for name in {short, called.get((module, short), short)}:
                found.setdefault(name, []).append(f"{module}.{long}")
    return found


def paths(board: str) -> dict[str, Path]:
    boards = PROJECT / "boards"
    found = {"boards.common": boards / "common.py", FACTS: boards / board / "board.py"}
    for package in PACKAGES:
        for path in sorted((PROJECT / "firmware" / package).glob("*.py")):
            found[f"{package}.{path.stem}"] = path
    return {name: path for name, path in found.items() if name not in HOST_ONLY and path.stem != "__init__"}


def compiled(source: str, name: str, folder: Path) -> int:
    """Write a module's .mpy into `folder`; its bytes. HoldbackError."""
    out = folder / (name.replace(".", "/") + ".mpy")
    out.parent.mkdir(parents=True, exist_ok=True)
    text = out.with_suffix(".py")
    text.write_text(source)
    command = [str(Path(sys.executable).parent / "mpy-cross"), "-O3", "-s", name, "-o", str(out), str(text)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    text.unlink()
    if done.returncode:
        raise HoldbackError(f"{name} does not compile", done.stderr.strip(), "is mpy-cross installed? make setup")
    return out.stat().st_size


def _constants(modules: Mapping[str, ast.Module]) -> dict[str, Values]:
    """The constants of every module, found in as many rounds as they refer to each other."""
    found: dict[str, Values] = {name: {} for name in modules}
    known = -1
    while known < (known := sum(map(len, found.values()))):
        for name, tree in modules.items():
            env = found[name] | dict(_imported(tree.body, found))
            for target, value in _assignments(tree):
                result = _evaluate(value, env, tuples=name == FACTS)
                if result is not None:
                    found[name][target] = result
    return found


def _assignments(tree: ast.Module) -> Iterable[tuple[str, ast.expr]]:
    """(NAME, value) of the module's own `NAME = value`, if it is assigned once."""
    simple = [
        (node.targets[0].id, node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    ]
    count = Counter(name for name, _ in simple)
    known = {name for name in count if count[name] == 1 and _CONSTANT.fullmatch(name)}
    return [(name, value) for name, value in simple if name in known]


def _evaluate(value: ast.expr, env: Values, *, tuples: bool = False) -> Value | None:
    """The integer, text or bytes that an expression of literals and constants stands for; None for anything else.

    With `tuples` those, too: in a board's facts, each of which is asked for once.
    """
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "const":
        value = value.args[0]
    allowed = (ast.Constant, ast.Name, ast.Load, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
    result = _calculate(value, (*allowed, ast.Tuple) if tuples else allowed, env)
    return result if type(result) in (int, str, bytes, tuple) else None


def _calculate(value: ast.expr, allowed: tuple[type[ast.AST], ...], env: Values) -> Any:
    """What an expression of `allowed` nodes and known names is; None for any other."""
    nodes = list(ast.walk(value))
    if not all(isinstance(node, allowed) for node in nodes):
        return None
    if not all(node.id in env for node in nodes if isinstance(node, ast.Name)):
        return None
    whole = ast.fix_missing_locations(ast.Expression(value))
    return eval(compile(whole, "", "eval"), {"__builtins__": {}}, env)


def _imported(body: Iterable[ast.AST], constants: Mapping[str, Values]) -> Iterable[tuple[str, Value]]:
    """(name here, value) of the constants that `from module import NAME` brings."""
    for node in body:
        if isinstance(node, ast.ImportFrom):
            values = constants.get(node.module or "", {})
            for alias in node.names:
                if alias.name in values:
                    yield alias.asname or alias.name, values[alias.name]


class _Inliner(ast.NodeTransformer):
    """Puts constants in place of their names, and drops what is then not needed: docstrings, annotations, imports."""

    def __init__(self, module: str, constants: Mapping[str, Values]) -> None:
        self._constants = constants
        self._own = constants[module]
        self._names: Values = {}
        self._modules: dict[str, Values] = {}
        self._facts: set[str] = set()  # what the board's facts are called here

    def visit_Module(self, node: ast.Module) -> ast.Module:
        everything = list(ast.walk(node))
        self._names = self._own | dict(_imported(everything, self._constants))
        for item in everything:
            if isinstance(item, ast.ImportFrom):
                for alias in item.names:
                    values = self._constants.get(f"{item.module}.{alias.name}")
                    if values is not None:
                        self._modules[alias.asname or alias.name] = values
            elif isinstance(item, ast.Import):
                self._facts |= {alias.asname or alias.name for alias in item.names if alias.name == FACTS}
        return self._body(node)

    def _body(self, node: Any) -> Any:
        self.generic_visit(node)
        if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            del node.body[0]
        if not node.body and not isinstance(node, ast.Module):
            node.body.append(ast.Pass())
        return node

    visit_ClassDef = visit_With = visit_For = visit_Try = _body  # noqa: N815 (ast's names)

    def visit_If(self, node: ast.If) -> Any:
        """Of a condition on constants only the branch that is taken stays, and only its facts must be there."""
        node.test = self.visit(node.test)
        known = _calculate(node.test, _CONDITION, {})
        if known is None:
            return self._body(node)
        branch = [self.visit(item) for item in (node.body if known else node.orelse)]
        return [part for item in branch if item for part in (item if isinstance(item, list) else [item])]

    def visit_FunctionDef(self, node: Any) -> Any:
        node.returns = None
        return self._body(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign | None:
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id in self._own and node.col_offset == 0:
            return None
        self.generic_visit(node)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        values = self._constants.get(node.module or "", {})
        node.names = [alias for alias in node.names if alias.name not in values]
        return node if node.names else None

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self._names:
            return ast.Constant(self._names[node.id])
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in self._facts:
            known = self._constants[FACTS]
            return (
                ast.Constant(known[node.attr]) if node.attr in known else ast.Attribute(_NOWHERE, node.attr, node.ctx)
            )
        if isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
            values = self._modules.get(node.value.id, {})
            if node.attr in values:
                return ast.Constant(values[node.attr])
        self.generic_visit(node)
        return node


if __name__ == "__main__":
    for module, size in build(sys.argv[1], Path(sys.argv[2])).items():
        print(f"{size:6} {module}")
