"""Functions that are called from one place become part of it, and those that nobody calls are left out.

A function costs 150 to 200 bytes of the device's heap beside its bytecode. The source is written in small ones all the
same; this puts them together for the device. Taken are only functions whose name stands in the whole firmware once
besides its definition, in a call on a line of its own, in an assignment, behind `return`, or as a condition.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from holdback.building.rewriting import (
    Function,
    Renamer,
    Sink,
    StaysError,
    arguments,
    asked,
    effect,
    leaves,
    stored,
    without_returns,
)


def inline(modules: Mapping[str, ast.Module], kept: set[str], shared: set[str]) -> None:
    """Change the trees. Functions called as in `kept` stay, as do those that an object's own protocol calls. `shared`
    are the private names that are not one module's affair.
    """
    drop(modules, kept)
    anywhere = _uses(modules.values())
    for tree in modules.values():
        single = _single(tree, anywhere, shared) - kept
        tried: set[int] = set()
        while _join_one(tree, single, tried):
            pass


def _uses(modules: Iterable[ast.Module]) -> Counter[str]:
    """How often each name stands anywhere, also in strings."""
    found: Counter[str] = Counter()
    for tree in modules:
        for node in ast.walk(tree):
            for _, value in ast.iter_fields(node):
                found.update([value] if isinstance(value, str) else [])
    return found


def _single(tree: ast.Module, anywhere: Counter[str], shared: set[str]) -> set[str]:
    """Names that stand twice: in a definition, and where they are used."""
    here = _uses([tree])
    private = {name for name in here if name.startswith("_") and name[:2] != "__"} - shared
    return {name for name in here if (here if name in private else anywhere)[name] == 2}


def drop(modules: Mapping[str, ast.Module], kept: set[str]) -> None:
    """Leave out what nobody names, and then what only that named."""
    while _drop(modules, kept):
        pass


def _drop(modules: Mapping[str, ast.Module], kept: set[str]) -> bool:
    """Leave out functions and methods that are named nowhere. True if there was one."""
    uses = _uses(modules.values())
    dropped = False
    for tree in modules.values():
        for holder in [tree, *(item for item in tree.body if isinstance(item, ast.ClassDef))]:
            unused = [
                item
                for item in holder.body
                if isinstance(item, Function)
                and uses[item.name] == 1
                and item.name not in kept
                and item.name[:2] != "__"
            ]
            holder.body = [item for item in holder.body if item not in unused] or [ast.Pass()]
            dropped = dropped or bool(unused)
    return dropped


def _join_one(tree: ast.Module, single: set[str], tried: set[int]) -> bool:
    """Put one function of a module into the one that calls it. True if there was one."""
    for holder in [tree, *(item for item in tree.body if isinstance(item, ast.ClassDef))]:
        for item in holder.body:
            if isinstance(item, Function) and item.name in single and id(item) not in tried:
                tried.add(id(item))
                if _join(item, holder, tree):
                    holder.body.remove(item)
                    return True
    return False


def _join(callee: Function, holder: Any, tree: ast.Module) -> bool:
    is_method = isinstance(holder, ast.ClassDef)
    callers = (
        holder.body
        if is_method
        else [*tree.body, *(i for c in tree.body if isinstance(c, ast.ClassDef) for i in c.body)]
    )
    for caller in callers:
        if isinstance(caller, Function) and caller is not callee:
            joiner = _Joiner(callee, caller, is_method)
            try:
                body = joiner.block(caller.body, is_last=True)
            except StaysError:
                return False
            if joiner.done:
                caller.body = body
                return True
    return False


class _Joiner:
    """Puts `callee` in place of its call in `caller`."""

    def __init__(self, callee: Function, caller: Function, is_method: bool) -> None:
        self._callee = callee
        self._caller = caller
        self._is_method = is_method
        self._taken = asked(caller) | stored(caller) | arguments(caller)
        self.done = False

    def block(self, body: Sequence[ast.stmt], is_last: bool) -> list[ast.stmt]:
        """The statements with the callee's own for the call. `is_last`: nothing follows them in the caller."""
        out: list[ast.stmt] = []
        body = [part for item in body for part in self._unchained(item)]
        for at, item in enumerate(body):
            joined = self._statement(item, is_last and at == len(body) - 1)
            if joined is None:
                self._inner(item, is_last and at == len(body) - 1)
                joined = [item]
            out += joined
        return out

    def _inner(self, item: ast.stmt, is_last: bool) -> None:
        is_last = is_last and isinstance(item, ast.If)
        for field in ("body", "orelse", "finalbody"):
            if getattr(item, field, None):
                setattr(item, field, self.block(getattr(item, field), is_last))
        for handler in getattr(item, "handlers", ()):
            handler.body = self.block(handler.body, is_last=False)

    def _statement(self, item: ast.stmt, is_last: bool) -> list[ast.stmt] | None:
        """What takes the place of a statement that is the call; None for any other."""
        match item:
            case ast.Return(value=value) if self._is_call(value):
                return self._body(value, lambda result: [ast.Return(result)], keep_returns=True)
            case ast.Expr(value=value) if self._is_call(value):
                return self._body(value, effect, keep_returns=is_last)
            case ast.Assign(targets=targets, value=value) if self._is_call(value):
                return self._body(
                    value, lambda result: [ast.Assign(copy.deepcopy(targets), result or ast.Constant(None))]
                )
            case ast.If(test=ast.UnaryOp(op=ast.Not(), operand=value)) if self._is_call(value):
                return self._condition(item, value, is_not=True)
            case ast.If(test=value) if self._is_call(value):
                return self._condition(item, value, is_not=False)
        return None

    def _unchained(self, item: ast.stmt) -> list[ast.stmt]:
        """`x = a or call`, and the same with `return`, as statements; any other as it is."""
        value = getattr(item, "value", None)
        if not isinstance(value, ast.BoolOp) or not any(self._is_call(node) for node in ast.walk(value)):
            return [item]
        match item:
            case ast.Assign(targets=[ast.Name(id=name)]):
                if any(
                    isinstance(node, ast.Name) and node.id == name for v in value.values[1:] for node in ast.walk(v)
                ):
                    raise StaysError
                return self._chain(name, value)
            case ast.Return():
                name = self._fresh("result")
                return [*self._chain(name, value), ast.Return(ast.Name(name, ast.Load()))]
        return [item]

    def _chain(self, name: str, value: ast.BoolOp) -> list[ast.stmt]:
        """Statements that give `name` the value."""
        first, *rest = value.values
        test: ast.expr = ast.Name(name, ast.Load())
        if isinstance(value.op, ast.Or):
            test = ast.UnaryOp(ast.Not(), test)
        more = ast.BoolOp(value.op, rest) if len(rest) > 1 else rest[0]
        return [*self._given(name, first), ast.If(test, self._given(name, more), [])]

    def _given(self, name: str, value: ast.expr) -> list[ast.stmt]:
        if isinstance(value, ast.BoolOp):
            return self._chain(name, value)
        return [ast.Assign([ast.Name(name, ast.Store())], value)]

    def _is_call(self, value: Any) -> bool:
        if isinstance(self._callee, ast.AsyncFunctionDef):
            value = value.value if isinstance(value, ast.Await) else None
        match value:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if self._is_method:
                return attr == self._callee.name and name == self._caller.args.args[0].arg
            case ast.Call(func=ast.Name(id=name)) if not self._is_method:
                return name == self._callee.name
        return False

    def _condition(self, item: ast.If, value: ast.expr, *, is_not: bool) -> list[ast.stmt]:
        name = self._fresh(self._callee.name.strip("_"))
        found = self._body(
            value, lambda result: [ast.Assign([ast.Name(name, ast.Store())], result or ast.Constant(None))]
        )
        test: ast.expr = ast.Name(name, ast.Load())
        match found[-1]:
            case ast.Assign(targets=[ast.Name(id=target)], value=result) if target == name:
                found.pop()
                test = result
        item.test = ast.UnaryOp(ast.Not(), test) if is_not else test
        return [*found, item]

    def _body(self, value: ast.expr | None, sink: Sink, *, keep_returns: bool = False) -> list[ast.stmt]:
        call: Any = value.value if isinstance(value, ast.Await) else value
        first = [call.func.value] if self._is_method else []
        self._check(call)
        setup, names = self._bind(self._callee.args, [*first, *call.args])
        body = [Renamer(names).visit(copy.deepcopy(item)) for item in self._callee.body]
        self.done = True
        if not keep_returns:
            return setup + without_returns(body, sink)
        return setup + body + ([] if leaves(body) else sink(None))

    def _bind(self, args: ast.arguments, values: list[ast.expr]) -> tuple[list[ast.stmt], dict[str, ast.expr]]:
        """Assignments of the arguments, and what the callee's own names become."""
        own = stored(self._callee)
        left_out = len(args.args) - len(values)
        setup: list[ast.stmt] = []
        names: dict[str, ast.expr] = {name: ast.Name(self._fresh(name), ast.Load()) for name in sorted(own)}
        for arg, value in zip(args.args, [*values, *args.defaults[len(args.defaults) - left_out :]], strict=True):
            if isinstance(value, ast.Constant | ast.Name) and arg.arg not in own:
                names[arg.arg] = value
            else:
                name = self._fresh(arg.arg)
                names[arg.arg] = ast.Name(name, ast.Load())
                setup.append(ast.Assign([ast.Name(name, ast.Store())], value))
        return setup, names

    def _check(self, call: ast.Call) -> None:
        """StaysError for what is more than statements and plain arguments, or would mistake a name."""
        callee, args = self._callee, self._callee.args
        if args.vararg or args.kwarg or args.kwonlyargs or call.keywords or callee.decorator_list:
            raise StaysError
        nodes = [node for item in callee.body for node in ast.walk(item)]
        if any(isinstance(node, ast.Yield | ast.Lambda | ast.Starred | Function) for node in nodes):
            raise StaysError
        of_module = asked(callee) - stored(callee) - arguments(callee)
        if of_module & (stored(self._caller) | arguments(self._caller)):
            raise StaysError  # the caller hides it

    def _fresh(self, name: str) -> str:
        """A name that is nobody's yet."""
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name
