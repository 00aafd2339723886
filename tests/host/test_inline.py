"""Functions put into the one that calls them must leave what it does."""

import ast
from textwrap import dedent
from typing import Any

import pytest
from holdback.building.inline import inline


def joined(text: str, *kept: str) -> tuple[dict[str, Any], set[str]]:
    """What the joined source defines, and the names of the functions that are left."""
    tree = ast.parse(dedent(text))
    inline({"m": tree}, {"go", *kept}, set())
    left = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    space: dict[str, Any] = {}
    exec(ast.unparse(ast.fix_missing_locations(tree)), space)
    return space, left


@pytest.mark.parametrize("call, wanted", [
    ("return _f(x, 2)", [10, 30, 70]),
    ("y = _f(x, 2)\n    return y + 1", [11, 31, 71]),
    ("return x and x > 0 and _f(x, 2) or 5", [5, 30, 70]),
    ("y = x or _f(x, 2)\n    return y", [10, 1, 2]),
    ("if not _f(x, 2) > 20: return 'no'\n    return 'yes'", None),
    ("if _f(x, 2): return 'yes'\n    return 'no'", ["yes", "yes", "yes"]),
])  # fmt: skip
def test_a_function_with_early_returns(call: str, wanted: list[Any] | None) -> None:
    source = f"""
def _f(a, b, c=5):
    a += 1
    if a == 1:
        return b * c
    for i in range(2):
        a += i
    if a > 3:
        y = 70
        return y
    return 30
def go(x):
    {call}
"""
    space, left = joined(source)
    if wanted is None:
        assert left == {"_f", "go"}  # the call is part of a condition
        return
    assert left == {"go"}
    assert [space["go"](x) for x in range(3)] == wanted


def test_methods_and_what_falls_off_the_end() -> None:
    space, left = joined("""
        class Box:
            def __init__(self): self.log = []
            def go(self, i):
                if i:
                    self._note(i)
                return self.log
            def _note(this, n):
                if n > 1:
                    this._twice(n)
                    return
                this.log.append(n)
            def _twice(this, n):
                if n == 2:
                    return
                this.log.append(n * 2)
        """)
    assert left == {"__init__", "go"}
    assert [space["Box"]().go(i) for i in range(4)] == [[], [1], [], [6]]


@pytest.mark.parametrize("source", [
    "def _f(x):\n for i in x:\n  if i: return i\n return 0\ndef go(x):\n y = _f(x)\n return y",  # a return in a loop
    "Y = 1\ndef _f(): return Y\ndef go(Y):\n x = _f()\n return x + Y",  # a name of the module, hidden in the caller
    "def _f(*x): return x\ndef go(x):\n y = _f(x)\n return y",
    "def _f(x): return x\ndef go(x):\n y = _f(x)\n return _f(y)",  # called twice
    "def _f(x):\n yield x\ndef go(x):\n y = _f(x)\n return list(y)",
])  # fmt: skip
def test_what_stays(source: str) -> None:
    space, left = joined(source)
    plain: dict[str, Any] = {}
    exec(source, plain)
    assert left == {"_f", "go"}
    assert space["go"]([0, 3]) == plain["go"]([0, 3]) if "Y" not in source else space["go"](2) == 3


def test_what_nobody_calls_is_left_out() -> None:
    _, left = joined("def _a(): _b()\ndef _b(): pass\ndef go(): pass\nclass C:\n def used_elsewhere(self): pass")
    assert left == {"go"}
    assert joined("def _a(): pass\ndef go(): pass", "_a")[1] == {"_a", "go"}
