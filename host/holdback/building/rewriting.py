"""Parts of functions as `inline` needs them: what they name, and their statements without returns."""

import ast
import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
Sink = Callable[[ast.expr | None], list[ast.stmt]]  # what takes the place of `return value`


class StaysError(Exception):
    """This function cannot become part of its caller."""


def effect(value: ast.expr | None) -> list[ast.stmt]:
    """For a result that nobody asks for."""
    needed = value is not None and any(isinstance(node, ast.Call | ast.Await) for node in ast.walk(value))
    return [ast.Expr(value)] if value is not None and needed else []


def without_returns(body: Sequence[ast.stmt], sink: Sink) -> list[ast.stmt]:
    """The same with `sink` in place of every return; what would be skipped moves into an else."""
    out: list[ast.stmt] = []
    for at, item in enumerate(body):
        rest = list(body[at + 1 :])
        if isinstance(item, ast.Return):
            return out + sink(item.value)
        if not any(isinstance(node, ast.Return) for node in ast.walk(item)):
            out.append(item)
            continue
        if not isinstance(item, ast.If):
            raise StaysError
        yes, no = item.body, item.orelse
        if not leaves(yes) and not leaves(no) and not _is_short(rest):
            raise StaysError
        yes = yes if leaves(yes) else yes + rest
        no = no if leaves(no) else no + rest
        return [*out, _if(item.test, without_returns(yes, sink), without_returns(no, sink))]
    return out + sink(None)


def _is_short(rest: Sequence[ast.stmt]) -> bool:
    """It costs less twice than a function."""
    return not rest or (len(rest) == 1 and isinstance(rest[0], ast.Return) and isinstance(rest[0].value, ast.Constant))


def _if(test: ast.expr, yes: list[ast.stmt], no: list[ast.stmt]) -> ast.stmt:
    if not yes and no:
        return ast.If(ast.UnaryOp(ast.Not(), test), no, [])
    return ast.If(test, yes or [ast.Pass()], no)


def leaves(body: Sequence[ast.stmt]) -> bool:
    """True if nothing that follows would be reached."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.If):
        return leaves(last.body) and leaves(last.orelse)
    return isinstance(last, ast.Return | ast.Raise)


def stored(function: Function) -> set[str]:
    """Names that a function makes its own, without its arguments."""
    nodes = [node for item in function.body for node in ast.walk(item)]
    found = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    found |= {node.name for node in nodes if isinstance(node, ast.ExceptHandler) and node.name}
    return found | {
        alias.asname or alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def asked(function: Function) -> set[str]:
    return {node.id for item in function.body for node in ast.walk(item) if isinstance(node, ast.Name)}


def arguments(function: Function) -> set[str]:
    return {arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)}


class Renamer(ast.NodeTransformer):
    """Gives the callee's names their new meaning."""

    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        new = copy.deepcopy(self._names.get(node.id, node))
        if isinstance(new, ast.Name):
            new.ctx = node.ctx
        return new

    def _named(self, node: Any) -> Any:
        new = self._names.get(node.name or "")
        node.name = new.id if isinstance(new, ast.Name) else node.name
        self.generic_visit(node)
        return node

    visit_ExceptHandler = _named  # noqa: N815 (ast's names)

    def visit_alias(self, node: ast.alias) -> ast.alias:
        new = self._names.get(node.asname or node.name)
        if isinstance(new, ast.Name) and new.id != node.name:
            node.asname = new.id
        return node
