"""Says things once. A flag is asked thousands of times a second; its trouble is one line in the log, not thousands."""

import logging
import threading

logger = logging.getLogger("tidegate.flags")

# Beyond this many different things the log is no place to read them any more; nothing new is said, and memory stays
# bounded.
_MOST = 1000

_said: set[object] = set()
_lock = threading.Lock()


def once(about: object, message: str, *values: object, level: int = logging.WARNING) -> None:
    """Logs the message unless something was logged about the same thing before."""
    if about in _said:
        return
    with _lock:
        if about in _said or len(_said) >= _MOST:
            return
        _said.add(about)
    logger.log(level, message, *values)


def forget(about: object) -> None:
    """What is mended may be said again when it breaks again."""
    with _lock:
        _said.discard(about)


def forget_all() -> None:
    """A new configuration begins a new conversation.

    Replaces the lock too: after a fork somebody who is gone may hold it.
    """
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()
    _said.clear()


class OncePerLine(logging.Filter):
    """Lets each line of code of a library speak once.

    The flagd engine logs an error for every evaluation without a targeting key, and a stack trace for every version
    that is none.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[tuple[str, int]] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """True where this line has not spoken before; what is below a warning is for those who debug and stays."""
        if record.levelno < logging.WARNING:
            return True
        line = (record.pathname, record.lineno)
        if line in self._seen:
            return False
        self._seen.add(line)
        return True


def quieten_the_engine() -> None:
    """Installs the filter on flagd's logger, once."""
    theirs = logging.getLogger("openfeature.contrib")
    if not any(isinstance(known, OncePerLine) for known in theirs.filters):
        theirs.addFilter(OncePerLine())
