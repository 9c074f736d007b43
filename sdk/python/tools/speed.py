"""How long a question takes, in microseconds: the short way, OpenFeature's client, and the whole way with a hook."""

import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from functools import partial
from pathlib import Path

from openfeature import api
from openfeature.hook import Hook

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from documents import ALL_KINDS
from sync_server import SyncServer
from tidegate.flags import FeatureFlags

ROUNDS = 5
CALLS = 5_000


def main() -> None:
    """Measures each case in several rounds and prints the best, which others on the machine disturbed least."""
    server = SyncServer(ALL_KINDS)
    with tempfile.TemporaryDirectory() as cache:
        FeatureFlags.configure(target=server.target, cache=cache)
        if not FeatureFlags.start():
            sys.exit("the server does not answer")
        client = FeatureFlags.client()
        with FeatureFlags.context(user_id="user-1", plan="pro"):
            for name, key in (("no rule", "new_query_engine"), ("one rule", "pro"), ("half of the users", "half")):
                report(f"{name:18} is_enabled", partial(FeatureFlags.is_enabled, key))
                report(f"{name:18} client", partial(client.get_boolean_value, key, False))
            api.add_hooks([Hook()])
            report("with a hook        is_enabled", partial(FeatureFlags.is_enabled, "new_query_engine"))
        FeatureFlags.shutdown()
    server.stop()


def report(name: str, call: Callable[[], object]) -> None:
    """One line."""
    best = min(timeit.repeat(call, timer=time.thread_time, number=CALLS, repeat=ROUNDS)) / CALLS
    sys.stdout.write(f"{name:32} {best * 1e6:7.2f} us\n")


if __name__ == "__main__":
    main()
