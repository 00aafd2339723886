"""Compiling the firmware for a device: every name costs memory there, so constants are put in place and private names
shortened before mpy-cross sees the source.

A name that a module brings along takes 20 to 30 bytes of the device's heap, a constant 16 more. Names that modules
agree on stay as they are; private ones and those of arguments are a module's own affair. The source runs as it stands,
too; bench/heap.py shows the difference.
"""

import ast
import builtins
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from holdback.errors import HoldbackError

PROJECT = Path(__file__).parents[3]
PACKAGES = ("app", "drivers", "pacing")
HOST_ONLY = {"pacing.planwriter", "pacing.replay"}  # of use on the host and in tests alone
BOARD_FACTS = {"NAME", "ROOT", "BATTERY_HOURS"}  # what is asked of whatever board there is
_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")
_PRIVATE = re.compile(r"_[A-Za-z0-9]\w*")

Value = int | str | bytes
Values = dict[str, Value]


def build(board: str, folder: Path) -> dict[str, int]:
    """Compile the firmware for `board` (a folder of boards/) into `folder`, as it is copied to a device.

    Returns {module: bytes of its .mpy}. HoldbackError if something does not compile.
    """
    sizes = {name: _compile(text, name, folder) for name, text in sources(board).items()}
    for file in ("boot.py", "main.py"):
        (folder / file).write_text((PROJECT / "firmware" / file).read_text())
    return sizes


def sources(board: str) -> dict[str, str]:
    """{module: its source as it is compiled}."""
    modules = {name: ast.parse(path.read_text()) for name, path in _paths(board).items()}
    constants = _constants(modules)
    for name, tree in modules.items():
        _Inliner(name, constants).visit(tree)
    local = _local_names(modules.values())
    for tree in modules.values():
        _shorten(tree, local)
    return {name: ast.unparse(ast.fix_missing_locations(tree)) for name, tree in modules.items()}


def _paths(board: str) -> dict[str, Path]:
    boards = PROJECT / "boards"
    found = {"boards.common": boards / "common.py", "board": boards / board / "board.py"}
    for package in PACKAGES:
        for path in sorted((PROJECT / "firmware" / package).glob("*.py")):
            found[f"{package}.{path.stem}"] = path
    return {name: path for name, path in found.items() if name not in HOST_ONLY}


def _compile(source: str, name: str, folder: Path) -> int:
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
                result = _evaluate(value, env)
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
    known = {name for name in count if count[name] == 1 and _CONSTANT.fullmatch(name)} - BOARD_FACTS
    return [(name, value) for name, value in simple if name in known]


def _evaluate(value: ast.expr, env: Values) -> Value | None:
    """The integer, text or bytes that an expression of literals and constants stands for; None for anything else."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "const":
        value = value.args[0]
    allowed = (ast.Constant, ast.Name, ast.Load, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
    nodes = list(ast.walk(value))
    if not all(isinstance(node, allowed) for node in nodes):
        return None
    if not all(node.id in env for node in nodes if isinstance(node, ast.Name)):
        return None
    result = eval(compile(ast.Expression(value), "", "eval"), {"__builtins__": {}}, env)
    return result if type(result) in (int, str, bytes) else None


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

    def visit_Module(self, node: ast.Module) -> ast.Module:
        everything = list(ast.walk(node))
        self._names = self._own | dict(_imported(everything, self._constants))
        for item in everything:
            if isinstance(item, ast.ImportFrom):
                for alias in item.names:
                    values = self._constants.get(f"{item.module}.{alias.name}")
                    if values is not None:
                        self._modules[alias.asname or alias.name] = values
        return self._body(node)

    def _body(self, node: Any) -> Any:
        self.generic_visit(node)
        if isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            del node.body[0]
        if not node.body and not isinstance(node, ast.Module):
            node.body.append(ast.Pass())
        return node

    visit_ClassDef = visit_With = visit_If = visit_Try = _body  # noqa: N815 (ast's names)

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
        if isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
            values = self._modules.get(node.value.id, {})
            if node.attr in values:
                return ast.Constant(values[node.attr])
        self.generic_visit(node)
        return node


# Where the syntax tree keeps names.
_NAMES = {
    ast.Name: "id", ast.Attribute: "attr", ast.arg: "arg", ast.keyword: "arg",
    ast.FunctionDef: "name", ast.AsyncFunctionDef: "name", ast.ClassDef: "name", ast.ExceptHandler: "name",
}  # fmt: skip


def _local_names(trees: Iterable[ast.Module]) -> set[str]:
    """Names that are arguments and nothing else in any module: what they are called is no other module's affair."""
    arguments: set[str] = set()
    others = set(dir(builtins))
    for tree in trees:
        others |= {node.id for item in tree.body if isinstance(item, ast.Assign) for node in _names_in(item)}
        for node in ast.walk(tree):
            if isinstance(node, ast.arg):
                arguments.add(node.arg)
            elif isinstance(node, ast.alias):
                others |= {node.name, node.asname or node.name}
            elif isinstance(node, ast.Global):
                others |= set(node.names)
            elif isinstance(node, ast.Constant):
                others.add(str(node.value))
            elif type(node) in _NAMES and not isinstance(node, ast.Name | ast.ExceptHandler):
                others.add(getattr(node, _NAMES[type(node)]))
    return arguments - others


def _names_in(tree: ast.AST) -> Iterable[ast.Name]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Name)]


def _shorten(tree: ast.Module, local: set[str]) -> None:
    """Give private and local names short ones, the same few in every module. Strings that spell one (STATE) follow."""
    places = [(node, _NAMES[type(node)]) for node in ast.walk(tree) if type(node) in _NAMES]
    names = [name for node, field in places if (name := getattr(node, field))]
    count = Counter(name for name in names if name in local or _PRIVATE.fullmatch(name))
    short = {name: _nth(i) for i, (name, _) in enumerate(count.most_common())}
    for node, field in places:
        setattr(node, field, short.get(getattr(node, field), getattr(node, field)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in short:
            node.value = short[node.value]


def _nth(i: int) -> str:
    """_a, _b, ... _z, _aa, ..."""
    letters = ""
    while i >= 0:
        letters = chr(97 + i % 26) + letters
        i = i // 26 - 1
    return "_" + letters


if __name__ == "__main__":
    for module, size in build(sys.argv[1], Path(sys.argv[2])).items():
        print(f"{size:6} {module}")
