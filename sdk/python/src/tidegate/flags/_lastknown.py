"""Last known values on disk: what a process begins with when Tidegate is away.

One file for each channel of each Tidegate, readable by its owner only, replaced atomically: the workers of a server
write
the same file at the same moment. What somebody else could have written is not read, since it decides which code runs.
"""

import hashlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidegate.flags import _quiet
from tidegate.flags._settings import Settings

FORMAT = 1

# As much as gRPC takes in one message, with room for the frame round it.
_MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class LastKnown:
    """What was good when it was written."""

    document: Mapping[str, Any]
    context: Mapping[str, Any]


class Disk:
    """The file of one channel. Never raises: a full disk must not take a process along."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.cache
        self._of = f"{settings.host}:{settings.port}/{settings.channel or ''}"
        name = re.sub(r"[^A-Za-z0-9._-]", "_", settings.channel or "default")
        self.path = (
            settings.cache / f"flags-{name}-{hashlib.sha256(self._of.encode()).hexdigest()[:12]}.json"
            if settings.cache
            else None
        )
        self._written: bytes | None = None

    def load(self) -> LastKnown | None:
        """What was written last, if it is ours and whole."""
        if self.path is None:
            return None
        try:
            kept = json.loads(_read_ours(self.path))
            return self._checked(kept)
        except FileNotFoundError:
            return None
        except Exception as problem:  # noqa: BLE001 - a file that anything may have happened to
            _quiet.once(("load", str(self.path)), "last known flags in %s are not used: %s", self.path, problem)
            return None

    def _checked(self, kept: dict[str, Any]) -> LastKnown:
        if kept["format"] != FORMAT or kept["of"] != self._of:
            raise ValueError("it belongs to something else")
        document, context = kept["document"], kept["context"]
        if not isinstance(document, dict) or not isinstance(context, dict):
            raise TypeError("it holds no flags")
        return LastKnown(document, context)

    def save(self, document: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        """Writes them, unless they are there already."""
        if self.path is None or self._folder is None:
            return
        try:
            kept = {"format": FORMAT, "of": self._of, "document": document, "context": context}
            text = json.dumps(kept, separators=(",", ":")).encode()
            if text != self._written:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _replace(self.path, text)
                self._written = text
        except Exception as problem:  # noqa: BLE001 - as above
            _quiet.once(("save", str(self.path)), "last known flags cannot be written to %s: %s", self.path, problem)


def _read_ours(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as file:
        # Asked of the open file: the name may have become another one since.
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid() or about.st_mode & 0o022:
            raise PermissionError("somebody else may have written it")
        if about.st_size > _MOST_BYTES:
            raise ValueError("it is too large")
        return file.read(_MOST_BYTES)


def _replace(path: Path, text: bytes) -> None:
    # `mkstemp` gives a name of its own to each writer, and 0600.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
