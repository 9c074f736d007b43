"""`require` and `fallback` find each other by key, whichever is defined first.

Several pairs may share a key, so a pair is looked for in one scope only: the same module, and there the same class or
function. Within a scope

1. `fallback("k", of="search")` belongs to `search`;
2. a fallback whose name begins with the name of a required function and an underscore belongs to it: `search_legacy` to
   `search` (the longest such name wins);
3. what is left pairs up if one function of each is left. More is ambiguous and a `PairingError` where it is defined.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

Function = Callable[..., Any]


class FeatureDisabled(RuntimeError):
    """A function was called whose flag is off, and which has no fallback."""

    def __init__(self, key: str, function: str) -> None:
        super().__init__(f"{function} needs the flag {key}, which is off, and it has no fallback")
        self.key = key
        self.function = function

    def __reduce__(self) -> tuple[type["FeatureDisabled"], tuple[str, str]]:
        # Exceptions cross process borders by pickling, and would be made from their text alone.
        return type(self), (self.key, self.function)


class PairingError(TypeError):
    """A decorator where it means nothing, or two functions that cannot stand for each other.

    Raised on import, not on a call.
    """


class Kind(Enum):
    """How a function is called."""

    PLAIN = "function"
    COROUTINE = "async function"
    GENERATOR = "generator"
    ASYNC_GENERATOR = "async generator"


@dataclass(eq=False)
class Required:
    """A guarded function, and its fallback once there is one."""

    name: str
    function: Function
    kind: Kind
    fallback: "Fallback | None" = None


@dataclass(eq=False)
class Fallback:
    """A function that stands in."""

    name: str
    function: Function
    kind: Kind
    of: str | None = None


class _Scope:
    """The functions of one key in one module, class or function."""

    def __init__(self) -> None:
        self.required: dict[str, Required] = {}
        self.fallbacks: dict[str, Fallback] = {}

    def pair(self, key: str) -> None:
        """Pairs everything anew: a fallback defined later may fit better by its name than the one taken so far."""
        wanting = dict(self.required)
        left: list[Fallback] = []
        chosen: dict[str, Fallback] = {}
        for fallback in self.fallbacks.values():
            name = fallback.of if fallback.of is not None else self._by_name(fallback.name)
            if name is None:
                left.append(fallback)
            elif name in chosen:
                raise PairingError(
                    f"{chosen[name].name} and {fallback.name} are both the fallback of {name} for the flag {key}"
                )
            else:
                # With `of` it may wait for a function that is not defined yet.
                chosen[name] = fallback
                wanting.pop(name, None)
        if left and wanting:
            if len(left) > 1 or len(wanting) > 1:
                names = ", ".join(sorted([*wanting, *(fallback.name for fallback in left)]))
                raise PairingError(
                    f"for the flag {key} it is not clear which belong together of {names}; "
                    f'say fallback("{key}", of="...")'
                )
            chosen[next(iter(wanting))] = left[0]
        for name, required in self.required.items():
            required.fallback = chosen.get(name)
            if required.fallback is not None:
                _check_kinds(key, required, required.fallback)

    def _by_name(self, fallback: str) -> str | None:
        return max((name for name in self.required if fallback.startswith(f"{name}_")), key=len, default=None)


_scopes: dict[tuple[str, ...], _Scope] = {}
_lock = threading.Lock()


def add_required(key: str, function: Function, kind: Kind) -> Required:
    """Enters a guarded function."""
    made = Required(function.__name__, function, kind)
    with _lock:
        scope = _scope(key, function, lambda found: found.required)
        _enter(key, scope, scope.required, made)
    return made


def add_fallback(key: str, function: Function, kind: Kind, of: str | None) -> None:
    """Enters a function that stands in."""
    with _lock:
        scope = _scope(key, function, lambda found: found.fallbacks)
        _enter(key, scope, scope.fallbacks, Fallback(function.__name__, function, kind, of))


def _enter(key: str, scope: _Scope, functions: dict[str, Any], made: Required | Fallback) -> None:
    before = functions.get(made.name)
    functions[made.name] = made
    try:
        scope.pair(key)
    except PairingError:
        # Refused as if it had never been written, so that a notebook can go on.
        if before is None:
            del functions[made.name]
        else:
            functions[made.name] = before
        raise


def _scope(key: str, function: Function, same_role: Callable[[_Scope], dict[str, Any]]) -> _Scope:
    place = function.__qualname__.rpartition(".")[0]
    where: tuple[str, ...] = (key, function.__module__, place)
    if place.endswith("<locals>"):
        # The body of a function may run in several threads at once, each making functions of its own,
        where = (*where, str(threading.get_ident()))
        # and again and again: what an earlier run made keeps its pairs, and is no partner for what this run makes.
        if (found := _scopes.get(where)) and function.__name__ in same_role(found):
            del _scopes[where]
    return _scopes.setdefault(where, _Scope())


def _check_kinds(key: str, required: Required, fallback: Fallback) -> None:
    # An async function can wait for nothing at all: its fallback may be a plain one.
    if fallback.kind is required.kind or (required.kind is Kind.COROUTINE and fallback.kind is Kind.PLAIN):
        return
    raise PairingError(
        f"{fallback.name} cannot stand in for {required.name} (flag {key}): "
        f"{required.name} is a {required.kind.value}, {fallback.name} a {fallback.kind.value}"
    )
