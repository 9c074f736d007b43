"""The decorators' work.

A wrapper of the same kind as the function, so that frameworks that look at it see no difference.
"""

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from types import FunctionType
from typing import Any, TypeVar

from tidegate.flags import _pairs
from tidegate.flags._pairs import FeatureDisabled, Function, Kind, PairingError, Required

F = TypeVar("F", bound=Callable[..., Any])

IsOn = Callable[[], bool]


def require(key: str, is_on: IsOn) -> Callable[[F], F]:
    """The function runs where the flag is on; elsewhere its fallback does, or `FeatureDisabled` is raised."""

    def decorate(given: F) -> F:
        return _rewrap(given, "require", lambda function: _guard(key, function, is_on))

    return decorate


def fallback(key: str, of: str | None) -> Callable[[F], F]:
    """The function stands in where the flag is off. Called by its own name it just runs."""

    def decorate(given: F) -> F:
        def enter(function: Function) -> Function:
            _pairs.add_fallback(key, function, _kind(function), of)
            return function

        return _rewrap(given, "fallback", enter)

    return decorate


def _rewrap(given: Any, decorator: str, make: Callable[[Function], Function]) -> Any:
    if isinstance(given, classmethod | staticmethod):
        return type(given)(make(given.__func__))
    if not isinstance(given, FunctionType):
        hint = "put it under @property" if isinstance(given, property) else "it goes on a function or a method"
        raise PairingError(f"@FeatureFlags.{decorator} got a {type(given).__name__}: {hint}")
    return make(given)


def _kind(function: Function) -> Kind:
    if inspect.isasyncgenfunction(function):
        return Kind.ASYNC_GENERATOR
    if inspect.iscoroutinefunction(function):
        return Kind.COROUTINE
    return Kind.GENERATOR if inspect.isgeneratorfunction(function) else Kind.PLAIN


def _guard(key: str, function: Function, is_on: IsOn) -> Function:
    required = _pairs.add_required(key, function, _kind(function))
    wrapper = functools.wraps(function)(_WRAPPERS[required.kind](key, required, is_on))
    wrapper.__dict__["feature_flag"] = key
    return wrapper


def _choose(key: str, required: Required, is_on: IsOn) -> Function:
    """The one evaluation of a call."""
    if is_on():
        return required.function
    if required.fallback is None:
        raise FeatureDisabled(key, required.function.__qualname__)
    return required.fallback.function


def _plain(key: str, required: Required, is_on: IsOn) -> Function:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return _choose(key, required, is_on)(*args, **kwargs)

    return wrapper


def _coroutine(key: str, required: Required, is_on: IsOn) -> Function:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        result = _choose(key, required, is_on)(*args, **kwargs)
        return await result if inspect.isawaitable(result) else result

    return wrapper


def _generator(key: str, required: Required, is_on: IsOn) -> Function:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        return (yield from _choose(key, required, is_on)(*args, **kwargs))

    return wrapper


def _async_generator(key: str, required: Required, is_on: IsOn) -> Function:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        # What `yield from` does for generators, and no syntax does for async ones: values sent and exceptions thrown
        # go in.
        inner = _choose(key, required, is_on)(*args, **kwargs)
        try:
            value = await inner.asend(None)
            while True:
                try:
                    sent = yield value
                except GeneratorExit:
                    raise
                except BaseException as thrown:  # noqa: BLE001 - whatever is thrown is the inner one's to handle
                    value = await inner.athrow(thrown)
                else:
                    value = await inner.asend(sent)
        except StopAsyncIteration:
            return
        finally:
            await inner.aclose()

    return wrapper


_WRAPPERS: dict[Kind, Callable[[str, Required, IsOn], Function]] = {
    Kind.PLAIN: _plain,
    Kind.COROUTINE: _coroutine,
    Kind.GENERATOR: _generator,
    Kind.ASYNC_GENERATOR: _async_generator,
}
