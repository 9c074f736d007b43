"""Values, types, reasons and contexts, by a server that speaks gRPC."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason
from openfeature.hook import Hook

from conftest import Server, eventually
from documents import ALL_KINDS, document, switch, targeted
from sync_server import SyncServer
from tidegate.flags import FeatureFlags, Status


@pytest.fixture
def flags(any_server: Server, configure: Callable[..., None]) -> Server:
    configure(any_server.target)
    assert FeatureFlags.start(30)
    return any_server


def test_every_type_of_flag(flags: Server) -> None:
    assert FeatureFlags.is_enabled("new_query_engine") is True
    assert FeatureFlags.is_enabled("off", default=True) is False
    assert FeatureFlags.get_string("text", "x") == "alpha"
    assert FeatureFlags.get_int("whole", 1) == 10
    assert repr(FeatureFlags.get_float("number", 1.0)) == "10.0"
    assert FeatureFlags.get_object("shape", {}) == {"depth": 3}


@pytest.mark.parametrize(
    "case",
    [
        ("new_query_engine", False, True, Reason.STATIC, None),
        ("disabled", False, False, Reason.DISABLED, None),
        ("code_default", True, True, Reason.DEFAULT, None),
        ("pro", True, False, Reason.TARGETING_MATCH, None),
        ("nowhere", True, True, Reason.ERROR, ErrorCode.FLAG_NOT_FOUND),
        ("text", 5, 5, Reason.ERROR, ErrorCode.TYPE_MISMATCH),
        ("new_query_engine", 1, 1, Reason.ERROR, ErrorCode.TYPE_MISMATCH),
        ("new_query_engine", 1.5, 1.5, Reason.ERROR, ErrorCode.TYPE_MISMATCH),
        ("whole", True, True, Reason.ERROR, ErrorCode.TYPE_MISMATCH),
    ],
)
def test_reasons_and_defaults(flags: Server, case: tuple[str, Any, Any, Reason, ErrorCode | None]) -> None:
    key, default, value, reason, error = case
    found = FeatureFlags.details(key, default)
    assert (found.value, found.reason, found.error_code) == (value, reason, error)
    if isinstance(default, bool):
        assert FeatureFlags.is_enabled(key, default) is value, "the short way says the same as the long one"


def test_metadata_says_the_revision(flags: Server) -> None:
    assert FeatureFlags.details("new_query_engine", False).flag_metadata["version"] == "7"
    assert FeatureFlags.status().source == "live"


def test_the_status_says_what_is_known(server: SyncServer, configure: Callable[..., None]) -> None:
    configure(server.target, channel="production")
    assert FeatureFlags.status() == Status("none", False, "production", None, 0)
    assert FeatureFlags.start(30)
    eventually(lambda: FeatureFlags.status() == Status("live", True, "production", "7", len(ALL_KINDS["flags"])))


def test_a_change_is_pushed(flags: Server) -> None:
    flags.push(document(new_query_engine=switch(False)))
    eventually(lambda: not FeatureFlags.is_enabled("new_query_engine"))
    flags.push(ALL_KINDS)
    eventually(lambda: FeatureFlags.is_enabled("new_query_engine"))


def test_the_context_decides(flags: Server) -> None:
    assert not FeatureFlags.is_enabled("pro")
    with FeatureFlags.context(user_id=1, plan="pro"):
        assert FeatureFlags.is_enabled("pro")
        with FeatureFlags.context(plan="free"):
            assert not FeatureFlags.is_enabled("pro")
        assert FeatureFlags.is_enabled("pro")
    assert not FeatureFlags.is_enabled("pro")


def test_half_of_the_users_are_half_of_the_users(flags: Server) -> None:
    def on(user: int) -> bool:
        with FeatureFlags.context(user_id=user):
            return FeatureFlags.is_enabled("half")

    share = sum(on(user) for user in range(1000)) / 1000
    assert 0.45 < share < 0.55
    assert [on(user) for user in range(50)] == [on(user) for user in range(50)]


async def test_tasks_do_not_see_each_others_context(flags: Server) -> None:
    async def ask(plan: str) -> bool:
        async with FeatureFlags.context(user_id=plan, plan=plan):
            await asyncio.sleep(0.01)
            return await asyncio.to_thread(FeatureFlags.is_enabled, "pro")

    assert await asyncio.gather(*(ask(plan) for plan in ["pro", "free"] * 10)) == [True, False] * 10


def test_the_context_is_openfeatures(flags: Server) -> None:
    api.set_evaluation_context(EvaluationContext(attributes={"plan": "pro"}))
    assert FeatureFlags.is_enabled("pro"), "of the process"
    with FeatureFlags.context(plan="free"):
        assert not FeatureFlags.is_enabled("pro"), "ours is nearer"


def test_values_that_json_cannot_say_become_text() -> None:
    with FeatureFlags.context(user_id=UUID(int=7), tags={"a"}, many=(1, b"x")) as made:
        assert made.targeting_key == "00000000-0000-0000-0000-000000000007"
        assert made.attributes == {"user_id": made.targeting_key, "tags": ["a"], "many": [1, "b'x'"]}


def test_hooks_see_every_evaluation(flags: Server) -> None:
    seen: list[tuple[str, Any]] = []

    class Recorder(Hook):
        def finally_after(self, hook_context: Any, details: Any, hints: Any) -> None:
            seen.append((hook_context.flag_key, details.value))

    api.add_hooks([Recorder()])
    FeatureFlags.is_enabled("new_query_engine")
    FeatureFlags.is_enabled("pro")
    FeatureFlags.get_int("whole", 1)
    assert seen == [("new_query_engine", True), ("pro", False), ("whole", 10)]


def test_a_hook_that_raises_breaks_nothing(flags: Server) -> None:
    class Broken(Hook):
        def before(self, hook_context: Any, hints: Any) -> None:
            raise RuntimeError("broken hook")

    api.add_hooks([Broken()])
    assert FeatureFlags.is_enabled("new_query_engine", default=True) is True


def test_many_threads_ask_while_flags_change(flags: Server) -> None:
    stop = threading.Event()
    wrong: list[Any] = []

    def ask() -> None:
        # With pauses, as a server has them: a thread that never waits gives others their turn every 5 ms only.
        while not stop.wait(0.001):
            for key, default in (("new_query_engine", None), ("pro", None)):
                with FeatureFlags.context(user_id="u", plan="pro"):
                    if FeatureFlags.is_enabled(key, default) not in (True, False):  # type: ignore[arg-type]
                        wrong.append(key)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(30):
            flags.push(document(**ALL_KINDS["flags"], **{f"turn_{turn}": switch(True)}))
        flags.push(document(**ALL_KINDS["flags"], turn_30=switch(True)))
        eventually(lambda: FeatureFlags.is_enabled("turn_30"))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []


RULES_THAT_BREAK = {
    "compares_text_with_numbers": {"<": ["abc", 3]},
    "unknown_operator": {"no_such_operator": [1]},
    "unknown_variant": {"if": [True, "nowhere"]},
    "of_nobody": {"fractional": [["on", 1], ["off", 1]]},
    "no_version": {"if": [{"sem_ver": [{"var": "v"}, ">", "1.0.0"]}, "on", None]},
}


def test_rules_that_break_give_the_default_and_one_line(
    server: SyncServer, configure: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    server.push(document(good=switch(True), **{key: targeted(rule) for key, rule in RULES_THAT_BREAK.items()}))
    configure(server.target)
    assert FeatureFlags.start(30)
    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            for key in RULES_THAT_BREAK:
                with FeatureFlags.context(v="what"):
                    FeatureFlags.is_enabled(key, default=False)
            assert FeatureFlags.is_enabled("good")
    assert FeatureFlags.details("unknown_variant", True).value is True
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == len(set(lines)), "said more than once"
    assert 3 <= len(lines) <= 8


@pytest.mark.parametrize("strange", [None, 7, ("a",), ["unhashable"], object()])
def test_nothing_that_is_asked_raises(flags: Server, strange: Any) -> None:
    assert FeatureFlags.is_enabled(strange) is False
    assert FeatureFlags.get_string(strange, "x") == "x"


def test_a_guarded_call_evaluates_once(flags: Server) -> None:
    seen: list[str] = []

    class Recorder(Hook):
        def finally_after(self, hook_context: Any, details: Any, hints: Any) -> None:
            seen.append(hook_context.flag_key)

    @FeatureFlags.require("new_query_engine")
    def run() -> str:
        return "new"

    api.add_hooks([Recorder()])
    assert run() == "new"
    assert seen == ["new_query_engine"]
