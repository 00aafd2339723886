"""The names of the built firmware: those of our own are replaced by words that the interpreter has in ROM anyway.

MicroPython keeps every name that a program brings along in RAM, 20 to 30 bytes each. A name is replaced only if all its
places are ours: what a library, a keyword, a string or an entry of the firmware says, too, stays. What is private to a
module, or an argument and nothing else, gets the same few words in each module; every other name one word in all.
"""

import ast
import asyncio
import builtins
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

STANDINS = Path(__file__).parents[3] / "boards" / "virtual" / "standins"
_PRIVATE = re.compile(r"_[A-Za-z0-9]\w*")
# What the entry of the firmware and of a board is called by.
_ENTRIES = {
    "run", "main", "prepare", "uart", "motor", "button", "battery", "watchdog", "faults", "Board",
    "NAME", "ROOT", "BATTERY_HOURS",
}  # fmt: skip
# The language's own words: builtins, their methods, and the modules that every port has. One that an interpreter does
# not know costs there what any name costs, no more. Those that it gives a meaning on objects are left out.
WORDS = Path(__file__).with_name("rom_words.txt").read_text().split()

# Where the syntax tree keeps names.
_PLACES = {
    ast.Name: "id", ast.Attribute: "attr", ast.arg: "arg", ast.keyword: "arg", ast.alias: "name",
    ast.FunctionDef: "name", ast.AsyncFunctionDef: "name", ast.ClassDef: "name", ast.ExceptHandler: "name",
}  # fmt: skip


def shorten(modules: Mapping[str, ast.Module]) -> dict[str, dict[str, str]]:
    """Replace names in all `modules` ({name: tree}) of one firmware. Returns {module: {new name: old}}."""
    used = Counter(name for tree in modules.values() for name, _, _ in _places(tree))
    words = [word for word in WORDS if word not in used]
    beyond = shared_private(modules)
    local = _local_names(modules.values())
    ours = _public_names(modules) | beyond
    private = {name for name in used if _PRIVATE.fullmatch(name)} - beyond | local | _of_one(modules, ours - beyond)
    mine = {name: [n for n in _own(tree) if n in private] for name, tree in modules.items()}
    shared = max(map(len, mine.values()))
    public = [name for name, _ in used.most_common() if name in ours - private]
    common = dict(zip(public, _supply(words[shared:]), strict=False))
    replaced = {}
    for name, tree in modules.items():
        new = common | dict(zip(mine[name], words, strict=False))
        said = _own(tree)
        _replace(tree, new)
        replaced[name] = {new[long]: long for long in said if long in new}
    return replaced


def _of_one(modules: Mapping[str, ast.Module], ours: set[str]) -> set[str]:
    """Names of ours that one module says or spells and no other: as good as private."""
    said = [{*_own(tree), *(node.value for node in _spelling(tree))} for tree in modules.values()]
    count = Counter(name for names in said for name in names)
    return {name for name in ours if count[name] == 1}


def _supply(words: Iterable[str]) -> Iterable[str]:
    """The words, then _0, _1, ..."""
    yield from words
    number = 0
    while True:
        yield f"_{number}"
        number += 1


def _places(tree: ast.Module) -> list[tuple[str, ast.AST, str]]:
    """(name, node, its field) wherever a name stands."""
    nodes = [(node, _PLACES[type(node)]) for node in ast.walk(tree) if type(node) in _PLACES]
    return [(getattr(node, field), node, field) for node, field in nodes if getattr(node, field)]


def _own(tree: ast.Module) -> list[str]:
    """The names of a module, the most used first."""
    return [name for name, _ in Counter(name for name, _, _ in _places(tree)).most_common()]


def _replace(tree: ast.Module, new: Mapping[str, str]) -> None:
    """Put the new names in place. Strings that spell one follow."""
    for name, node, field in _places(tree):
        setattr(node, field, new.get(name, name))
    for node in _spelling(tree):
        node.value = new.get(str(node.value), node.value)


def _spelling(tree: ast.Module) -> list[ast.Constant]:
    """The strings that are looked up as attributes."""
    tables = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign) and _is_table(node.targets[0])]
    return [node for table in tables for node in ast.walk(table) if isinstance(node, ast.Constant)]


def _is_table(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id in ("STATE", "HEADER_FIELDS")


def _strings(trees: Iterable[ast.Module]) -> set[str]:
    """All other strings."""
    trees = list(trees)
    nodes = {node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    nodes -= {node for tree in trees for node in _spelling(tree)}
    return {node.value for node in nodes if isinstance(node.value, str)}


def shared_private(modules: Mapping[str, ast.Module]) -> set[str]:
    """Private names that are not one module's affair: of two modules where a class of one inherits from a class of the
    other, so that one object has both; and those that a module asks for and does not have.
    """
    home = {node.name: name for name, tree in modules.items() for node in tree.body if isinstance(node, ast.ClassDef)}
    related: set[str] = set()
    for name, tree in modules.items():
        for node in ast.walk(tree):
            for base in node.bases if isinstance(node, ast.ClassDef) else ():
                place = home.get(getattr(base, "id", "") or getattr(base, "attr", ""), name)
                related |= {name, place} if place != name else set()
    names = {name for module in related for name in _own(modules[module])}
    for tree in modules.values():
        loaded = {name for name, node, _ in _places(tree) if isinstance(getattr(node, "ctx", None), ast.Load)}
        names |= loaded - {
            name for name, node, _ in _places(tree) if not isinstance(getattr(node, "ctx", None), ast.Load)
        }
    return {name for name in names if _PRIVATE.fullmatch(name)}


def _local_names(trees: Iterable[ast.Module]) -> set[str]:
    """Names that are arguments and nothing else in any module: what they are called is no other module's affair."""
    trees = list(trees)
    others = set(dir(builtins)) | _strings(trees)
    for tree in trees:
        others |= {name.id for item in tree.body for name in _names_outside(item)}
        for name, node, _ in _places(tree):
            if not isinstance(node, ast.Name | ast.arg | ast.ExceptHandler):
                others |= {name, getattr(node, "asname", None) or name}
    return {name for tree in trees for name, node, _ in _places(tree) if isinstance(node, ast.arg)} - others


def _names_outside(item: ast.stmt) -> Iterable[ast.Name]:
    """Names that a statement of a module uses itself, not in a function or class."""
    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    return [node for node in ast.walk(item) if isinstance(node, ast.Name)]


def _public_names(modules: Mapping[str, ast.Module]) -> set[str]:
    """Names that modules share and that are ours alone."""
    ours: set[str] = set()
    theirs = _strings(modules.values()) | _foreign() | _ENTRIES | {part for name in modules for part in name.split(".")}
    for tree in modules.values():
        for name, node, _ in _places(tree):
            stored = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            if stored or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                ours.add(name)
            elif isinstance(node, ast.alias):
                theirs.add(node.asname or "")
            elif isinstance(node, ast.keyword):
                theirs.add(name)
    return {name for name in ours - theirs if not name.startswith("_")}


def theirs() -> set[str]:
    """Names that are called from outside of the firmware."""
    return _foreign() | _ENTRIES


def _foreign() -> set[str]:
    """What libraries call things: the interpreter, asyncio, and the stand-ins for ESP32's own modules."""
    known = {*WORDS, *dir(builtins), "args", "value", "errno", "keys", "items", "next", "close", "send", "throw"}
    for thing in (asyncio, asyncio.Event, asyncio.Task, asyncio.StreamReader, asyncio.StreamWriter, str, bytes, dict):
        known |= set(dir(thing))
    for path in STANDINS.glob("*.py"):
        known |= {name for name, _, _ in _places(ast.parse(path.read_text()))}
    return known
