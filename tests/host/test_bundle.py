"""The firmware's modules, joined to one for each phase, must do what they did apart."""

import ast
import sys
import types
from textwrap import dedent
from typing import Any

import pytest
from holdback.building.bundle import bundle

WORDS = ("red", "green", "blue", "cyan")
SOURCES = {
    "entry": """
        from shop import tool
        from shop.tool import cut as cutting
        def twice(x): return tool.cut(x) + cutting(x)
        def later(x):
            from shop.extra import polish, cut as other
            return polish(x) + other(x)
        """,
    "shop.tool": """
        import math
        from shop.box import Box
        FEW = (1, 2)
        def _own(x): return x + 1
        def cut(x): return _own(x) * 10 + len(FEW) + math.floor(0.5)
        def many(FEW): return [cut for cut in FEW]
        """,
    "shop.box": """
        FEW = (1, 2, 3)
        class Box:
            few = FEW
            def _own(self): return _own()
            def size(self): return self._own() + len(FEW)
        def _own(): return 100
        """,
    "shop.extra": """
        from shop.tool import many
        from shop.box import Box as Case
        def _own(x): return Case().size() + len(many([x]))
        def polish(x): return _own(x)
        def cut(x): return -x
        """,
    "shop.unused": "def nothing(): pass",
}


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The phases, importable."""
    trees, called = bundle({name: ast.parse(dedent(text)) for name, text in SOURCES.items()}, ["entry"], WORDS)
    modules = {name: types.ModuleType(name) for name in trees}
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(sys.modules, "shop", types.ModuleType("shop"))
    for name, tree in trees.items():
        exec(ast.unparse(ast.fix_missing_locations(tree)), vars(modules[name]))
    return modules, called


def test_a_phase_for_what_starts_and_one_for_what_is_imported_late(loaded: Any) -> None:
    modules, _ = loaded
    assert {*modules} == {"entry", "shop.extra"}


def test_they_do_what_they_did_apart(loaded: Any) -> None:
    modules, called = loaded
    assert modules["entry"].twice(3) == 84
    assert modules["entry"].later(3) == 103 + 1 - 3
    assert modules["entry"].Box.few == (1, 2, 3)
    many = vars(modules["entry"])[called["entry"]["shop.tool", "many"]]
    assert many((7, 8)) == [7, 8]


def test_names_that_clash_are_called_anew_and_those_of_the_phase_itself_are_not(loaded: Any) -> None:
    modules, called = loaded
    own = [called["entry"][module, "_own"] for module in ("shop.tool", "shop.box")]
    assert len({*own}) == 2 and "_own" in own and {*own} <= {"_own", *WORDS}
    assert modules["shop.extra"].cut(2) == -2 and modules["entry"].twice


def test_a_module_that_two_phases_want_is_loaded_before_both() -> None:
    sources = {
        "start": "def go(which):\n if which:\n  from one import f\n else:\n  from two import f\n return f()",
        "one": "from both import g\ndef f(): return g() + 1",
        "two": "from both import g\ndef f(): return g() + 2",
        "both": "def g(): return 10",
    }
    trees, called = bundle({name: ast.parse(text) for name, text in sources.items()}, ["start"], WORDS)
    assert {*trees} == {"start", "one", "two"}
    assert ("both", "g") in called["start"]
    assert ast.unparse(trees["one"]).startswith("from start import g")
