"""Who is whose fallback, and that a guarded function stays the kind of function that it was."""

import asyncio
import inspect
import pickle
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, cast

import pytest

from tidegate.flags import FeatureDisabled, FeatureFlags, PairingError

require, fallback = FeatureFlags.require, FeatureFlags.fallback


def both(call: Callable[[], Any], flag: str = "k") -> tuple[Any, Any]:
    """What it gives with the flag on, and off."""
    with FeatureFlags.override(**{flag: True}):
        on = call()
    with FeatureFlags.override(**{flag: False}):
        return on, call()


def test_the_fallback_may_come_first() -> None:
    @fallback("k")
    def old() -> str:
        return "old"

    @require("k")
    def new() -> str:
        return "new"

    assert both(new) == ("new", "old")
    assert both(old) == ("old", "old"), "a fallback called by its own name just runs"


def test_pairs_that_share_a_key_find_each_other_by_name() -> None:
    @require("k")
    def search() -> str:
        return "search"

    @fallback("k")
    def rank_legacy() -> str:
        return "rank_legacy"

    # For the moment the only two, so together; what is defined next fits better.
    assert both(search) == ("search", "rank_legacy")

    @require("k")
    def rank() -> str:
        return "rank"

    @fallback("k")
    def search_old() -> str:
        return "search_old"

    assert both(search) == ("search", "search_old")
    assert both(rank) == ("rank", "rank_legacy")


def test_the_longest_name_wins() -> None:
    @require("k")
    def search() -> str:
        return "search"

    @require("k")
    def search_images() -> str:
        return "search_images"

    @fallback("k")
    def search_images_legacy() -> str:
        return "images_legacy"

    assert both(search_images) == ("search_images", "images_legacy")
    with FeatureFlags.override(k=False), pytest.raises(FeatureDisabled):
        search()


def test_a_pair_can_be_named() -> None:
    @fallback("k", of="two")
    def plan_b() -> str:
        return "b"

    @require("k")
    def one() -> str:
        return "one"

    @require("k")
    def two() -> str:
        return "two"

    assert both(two) == ("two", "b")
    with FeatureFlags.override(k=False), pytest.raises(FeatureDisabled):
        one()


def test_what_is_ambiguous_is_refused_where_it_is_written() -> None:
    @require("k")
    def one() -> None: ...

    @require("k")
    def two() -> None: ...

    with pytest.raises(PairingError, match=r"not clear.*of="):

        @fallback("k")
        def plan_b() -> None: ...

    @fallback("k")
    def one_old() -> None: ...

    with pytest.raises(PairingError, match="both the fallback of one"):

        @fallback("k")
        def one_older() -> None: ...


def test_a_function_without_a_fallback_says_so() -> None:
    @require("k")
    def lonely() -> None: ...

    with pytest.raises(FeatureDisabled, match="needs the flag k, which is off") as caught:
        lonely()
    assert caught.value.key == "k"
    assert caught.value.function.endswith("lonely")
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - made on this line
    assert (copy.key, str(copy)) == ("k", str(caught.value))


class Engine:
    def __init__(self) -> None:
        self.name = "engine"

    @require("k")
    def run(self, query: str) -> str:
        return f"{self.name} new {query}"

    @fallback("k")
    def run_legacy(self, query: str) -> str:
        return f"{self.name} old {query}"

    @classmethod
    @require("k")
    def build(cls) -> str:
        return f"{cls.__name__} new"

    @classmethod
    @fallback("k")
    def build_legacy(cls) -> str:
        return f"{cls.__name__} old"

    @require("k")
    @staticmethod
    def version() -> str:
        return "new"

    @fallback("k")
    @staticmethod
    def version_legacy() -> str:
        return "old"


class OtherEngine:
    @require("k")
    def run(self) -> str:
        return "other new"

    @fallback("k")
    def replacement(self) -> str:
        return "other old"


def test_methods_pair_within_their_class() -> None:
    assert both(lambda: Engine().run("q")) == ("engine new q", "engine old q")
    assert both(Engine.build) == ("Engine new", "Engine old")
    assert both(Engine.version) == ("new", "old")
    assert both(OtherEngine().run) == ("other new", "other old")


def test_each_run_of_a_factory_makes_its_own_pair() -> None:
    def factory(name: str) -> Callable[[], str]:
        @fallback("k")
        def old() -> str:
            return f"old {name}"

        @require("k")
        def new() -> str:
            return f"new {name}"

        return new

    first, second = factory("a"), factory("b")
    assert both(first) == ("new a", "old a")
    assert both(second) == ("new b", "old b")


async def test_async_functions() -> None:
    @require("k")
    async def new(n: int) -> int:
        await asyncio.sleep(0)
        return n

    @fallback("k")
    def old(n: int) -> int:
        return -n

    assert inspect.iscoroutinefunction(new)
    with FeatureFlags.override(k=True):
        assert await new(3) == 3
    assert await new(3) == -3, "a plain function may stand in for an async one"


def test_generators() -> None:
    @require("k")
    def new() -> Generator[str, str, str]:
        got = yield "new"
        return got

    @fallback("k")
    def new_old() -> Generator[str, str, str]:
        yield "old"
        return "end"

    assert inspect.isgeneratorfunction(new)
    with FeatureFlags.override(k=True):
        running = new()
        assert next(running) == "new"
    with FeatureFlags.override(k=False):
        # The decision of this call was made; the next call decides anew.
        with pytest.raises(StopIteration, match="sent"):
            running.send("sent")
        assert list(new()) == ["old"]


async def test_async_generators_pass_on_what_is_sent_and_thrown() -> None:
    closed: list[str] = []

    @require("k")
    async def new() -> AsyncGenerator[str, str]:
        try:
            got = "nothing"
            while True:
                try:
                    got = yield f"got {got}"
                except ValueError as error:
                    got = str(error)
        finally:
            closed.append("new")

    @fallback("k")
    async def old() -> AsyncGenerator[str, str]:
        yield "old"

    assert inspect.isasyncgenfunction(new)
    with FeatureFlags.override(k=True):
        running = new()
        assert await anext(running) == "got nothing"
        assert await running.asend("word") == "got word"
        assert await running.athrow(ValueError("thrown")) == "got thrown"
        await running.aclose()
    assert closed == ["new"]
    assert [item async for item in new()] == ["old"]


def test_functions_that_cannot_stand_for_each_other_are_refused() -> None:
    @require("k")
    def new() -> None: ...

    with pytest.raises(PairingError, match="new is a function, new_old a async function"):

        @fallback("k")
        async def new_old() -> None: ...


def test_only_functions_are_decorated() -> None:
    with pytest.raises(PairingError, match="under @property"):
        require("k")(cast(Any, property(lambda self: 1)))
    with pytest.raises(PairingError, match="got a type"):
        fallback("k")(Engine)


def test_the_wrapper_keeps_the_name() -> None:
    assert (Engine.run.__name__, Engine.__module__) == ("run", Engine.run.__module__)
    assert Engine.run.feature_flag == "k"  # type: ignore[attr-defined]
