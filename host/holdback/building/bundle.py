"""One module for each phase of the device's life, of the many that the source has.

A module costs 200 to 300 bytes of the device's heap beside what is in it: its names, its path, its tables, and every
import. What is loaded at the same time becomes one. A module that is imported within a function begins a phase; every
other one goes where the last phase begins that comes before all who want it.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Trees = Mapping[str, ast.Module]
Key = tuple[str, str]  # module and name in it; module "" for `import name`
Names = dict[str, dict[Key, str]]


def bundle(modules: Trees, entries: Sequence[str], words: Iterable[str]) -> tuple[dict[str, ast.Module], Names]:
    """{phase: tree}, and {phase: {(module, name in it): what it is called now}}.

    `entries` are imported by main.py, in this order. Names that clash are called by one of `words` that no module uses.
    """
    homes = _homes(modules, entries)
    taken = set().union(*map(_spoken, modules.values()))
    fresh = iter([word for word in words if word not in taken])
    phases: dict[str, _Phase] = {}
    for name in _in_order(modules, homes):
        home = homes[name]
        if home not in phases:
            phases[home] = _Phase({(home, word): word for word in _defined_in(modules[home])}, fresh, phases, homes)
        phases[home].add(name, modules[name])
    for phase in phases.values():
        phase.follow_late()
    return {name: phase.tree() for name, phase in phases.items()}, {name: phase.names for name, phase in phases.items()}


# --- who is loaded with whom ---


def _wants(tree: ast.Module, modules: Iterable[str], *, late: bool) -> list[str]:
    """Our modules that `tree` imports when it is loaded; with `late` those that its functions import."""
    nodes = _late(tree) if late else tree.body
    parts = [name for module, alias in _imported(nodes) for name in (f"{module}.{alias.name}", module)]
    return [name for name in parts if name in modules]


def _imported(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.alias]]:
    """(module, alias) of imports; module "" for `import alias`."""
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield getattr(node, "module", "") or "", alias


def _late(tree: ast.Module) -> list[ast.ImportFrom]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return [node for node in nodes if node not in tree.body]


def _closure(root: str, modules: Trees) -> list[str]:
    """`root` and what is loaded with it, each behind what it wants."""
    found: list[str] = []

    def visit(name: str) -> None:
        for wanted in _wants(modules[name], modules, late=False):
            if wanted not in found:
                visit(wanted)
        found.append(name)

    visit(root)
    return list(dict.fromkeys(found))


def _homes(modules: Trees, entries: Sequence[str]) -> dict[str, str]:
    """{module: phase}."""
    closures: dict[str, list[str]] = {}
    askers: dict[str, list[str]] = {}  # phase: those from which it is imported
    left = list(entries)
    while left:
        root = left.pop()
        closures[root] = _closure(root, modules)
        for late in [m for name in closures[root] for m in _wants(modules[name], modules, late=True)]:
            askers.setdefault(late, []).append(root)
            left += [late] if late not in closures else []

    def before(root: str) -> list[str]:
        if root in entries:
            return list(entries[: entries.index(root) + 1])
        return [*_common([before(asker) for asker in askers[root]]), root]

    every = dict.fromkeys(name for root in entries for name in closures[root])
    every |= dict.fromkeys(name for closure in closures.values() for name in closure)
    return {name: _common([before(root) for root in closures if name in closures[root]])[-1] for name in every}


def _common(paths: list[list[str]]) -> list[str]:
    """What all paths begin with."""
    return [steps[0] for steps in zip(*paths, strict=False) if len(set(steps)) == 1]


def _in_order(modules: Trees, homes: Mapping[str, str]) -> list[str]:
    """Every module behind those that it wants."""
    return list(dict.fromkeys(wanted for name in homes for wanted in _closure(name, modules)))


# --- names ---


def _spoken(tree: ast.Module) -> set[str]:
    """Names that stand alone somewhere, whatever they mean there: all but attributes and methods."""
    asked = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return asked | _bound(tree) | set(_defined_in(tree))


def _bound(scope: ast.AST) -> set[str]:
    """Names that a function makes its own."""
    found: set[str] = set()
    for node in ast.walk(scope):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                found.add(name)
            case ast.alias(name=name, asname=word):
                found.add(word or name)
    return found


def _defined(item: ast.stmt) -> list[str]:
    """Names that a statement of a module or class defines in it."""
    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [item.name]
    return [node.id for node in ast.walk(item) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def _defined_in(tree: ast.Module) -> list[str]:
    return [name for item in tree.body for name in _defined(item)]


def _asked_of(whole: str, tree: ast.Module) -> list[str]:
    """Attributes of the name `whole`."""
    found: list[str] = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=word) if name == whole:
                found.append(word)
    return list(dict.fromkeys(found))


class _Phase:
    """A phase that grows module by module."""

    def __init__(
        self, names: dict[Key, str], fresh: Iterator[str], phases: Mapping[str, "_Phase"], homes: Mapping[str, str]
    ) -> None:
        self.names = names  # what each name of each module is called here; to begin with, those that are asked for
        self._fresh = fresh
        self._phases = phases
        self._homes = homes
        self._imports: list[ast.stmt] = []
        self._body: list[ast.stmt] = []
        self._late: list[ast.ImportFrom] = []

    def tree(self) -> ast.Module:
        return ast.Module(self._imports + self._body, [])

    def add(self, name: str, tree: ast.Module) -> None:
        """Take over a module; those that it wants have been added before."""
        names: dict[str, str] = {}  # of this module: what they are called here
        parts: dict[Key, str] = {}  # the same for what is asked of a whole module
        asked = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        body = [item for item in tree.body if not isinstance(item, ast.Import | ast.ImportFrom)]
        for module, alias in _imported(tree.body):
            word, whole = alias.asname or alias.name, f"{module}.{alias.name}"
            if whole in self._homes:
                parts |= {(word, part): self._import(whole, part, part) for part in _asked_of(word, tree)}
            elif word in asked:
                names[word] = self.names[name, word] = self._import(module, alias.name, word)
        for word in _defined_in(tree):
            names[word] = self._new((name, word), word)
        self._late += _late(tree)
        rename = _Rename(names, parts)
        self._body += [rename.visit(item) for item in body]

    def _new(self, key: Key, word: str) -> str:
        """What `key` is called here: as it is, unless something else is called so."""
        if key not in self.names:
            self.names[key] = next(self._fresh) if word in self.names.values() else word
        return self.names[key]

    def _import(self, module: str, name: str, word: str) -> str:
        """What a name of another module is called here; imported from its phase, or from a library, the first time."""
        key = module, name
        if key in self.names:
            return self.names[key]
        home = self._homes.get(module, module)
        there = self._phases[home].names[key] if module in self._homes else name
        new = self._new(key, there if module in self._homes else word)
        alias = ast.alias(there, new if new != there else None)
        self._imports.append(ast.ImportFrom(home, [alias], 0) if home else ast.Import([alias]))
        return new

    def follow_late(self) -> None:
        """Point what functions import to where it has gone."""
        for node in self._late:
            module = node.module or ""
            if module in self._homes:
                node.module = self._homes[module]
                for alias in node.names:
                    word, there = alias.asname or alias.name, self._phases[node.module].names[module, alias.name]
                    alias.name, alias.asname = there, word if word != there else None


class _Rename(ast.NodeTransformer):
    """Renames what is a module's own or imported, where no local name hides it."""

    def __init__(self, names: Mapping[str, str], parts: Mapping[Key, str]) -> None:
        self._names = names
        self._parts = parts
        self._depth = 0
        self._hidden: set[str] = set()  # by functions around
        self._by_class: set[str] = set()

    def _scope(self, node: Any) -> Any:
        if not self._depth:
            node.name = self._names[node.name]
        around = self._depth, self._hidden, self._by_class
        is_class = isinstance(node, ast.ClassDef)
        self._by_class = {name for item in node.body for name in _defined(item)} if is_class else set()
        self._hidden = self._hidden if is_class else self._hidden | _bound(node)
        self._depth += 1
        self.generic_visit(node)
        self._depth, self._hidden, self._by_class = around
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _scope  # noqa: N815 (ast's names)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id not in self._hidden | self._by_class:
            node.id = self._names.get(node.id, node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        whole = getattr(node.value, "id", "")
        if (whole, node.attr) in self._parts and whole not in self._hidden:
            return ast.Name(self._parts[whole, node.attr], node.ctx)
        self.generic_visit(node)
        return node
