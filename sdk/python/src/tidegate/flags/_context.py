"""Who asks.

An evaluation context that follows the request through `await`, without being handed from function to function.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar, Token
from datetime import date, datetime
from types import TracebackType
from typing import Any

from openfeature.api import get_evaluation_context, get_transaction_context
from openfeature.evaluation_context import EvaluationContext

EMPTY = EvaluationContext()

_current: ContextVar[EvaluationContext] = ContextVar("tidegate_flags_context", default=EMPTY)


def current() -> EvaluationContext:
    """What OpenFeature knows for the process and the transaction, under what `FeatureFlags.context` said."""
    ours = _current.get()
    process, transaction = get_evaluation_context(), get_transaction_context()
    # Nearly always empty, and merging costs more than the evaluation.
    if process.attributes or process.targeting_key or transaction.attributes or transaction.targeting_key:
        return process.merge(transaction).merge(ours)
    return ours


class Entered:
    """A context manager for `with` and `async with`; made for one block."""

    def __init__(self, targeting_key: object, attributes: Mapping[str, object]) -> None:
        key = targeting_key if targeting_key is not None else attributes.get("user_id")
        self._key = None if key is None else str(key)
        self._attributes = {name: _plain(value) for name, value in attributes.items()}
        self._token: Token[EvaluationContext] | None = None

    def __enter__(self) -> EvaluationContext:
        around = _current.get()
        made = EvaluationContext(self._key or around.targeting_key, {**around.attributes, **self._attributes})
        self._token = _current.set(made)
        return made

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _current.reset(self._token)

    async def __aenter__(self) -> EvaluationContext:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


def _plain(value: object) -> Any:
    """What JSON can say, since the rules are JSON: a UUID or a decimal becomes its text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes | bytearray):
        return [_plain(inner) for inner in value]
    return str(value)
