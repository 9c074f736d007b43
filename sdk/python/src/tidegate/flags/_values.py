"""The flags that this process knows, in flagd's published engine.

It is mended where one bad flag would take the others along.
"""

import copy
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.contrib.tools.flagd.core.model import Flag

from tidegate.flags import _quiet

# What flagd's engine understands. It refuses a whole document for one key more.
_KEYS = ("state", "variants", "defaultVariant", "targeting", "metadata")


@dataclass(frozen=True)
class Constant:
    """The answer of a flag without rules: the same for everybody until the next change."""

    value: Any
    variant: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """One state of a channel. Replaced as a whole, so a reader never sees half a change."""

    document: Mapping[str, Any]
    context: Mapping[str, Any]
    # False while the values come from the disk or from the parent process.
    live: bool
    constants: Mapping[str, Constant] = field(default_factory=dict)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What Tidegate says of the whole set: the channel and the revision."""
        found = self.document.get("metadata")
        return found if isinstance(found, Mapping) else {}


class FlagValues:
    """Holds the last good state. `replace` never raises, and nothing that it is given makes it forget what it knew."""

    def __init__(self) -> None:
        self.core = FlagdCore()
        self.now: Snapshot | None = None
        self._lock = threading.Lock()

    def replace(self, document: object, context: Mapping[str, Any], live: bool) -> list[str] | None:
        """Takes a document; the keys of the flags that changed, or None where it was no document at all."""
        with self._lock:
            if live is False and self.now is not None and self.now.live:
                # The connection was quicker than the disk.
                return []
            try:
                before = self.now.document["flags"] if self.now else {}
                good = _repaired(document, before)
                # The engine writes into what it is given.
                changed = self.core.set_flags_and_get_changed_keys(copy.deepcopy(good))
                self.now = Snapshot(good, dict(context), live, _constants(good))
            except Exception as problem:  # noqa: BLE001 - bytes of others: whatever is wrong with them, the values stay
                _quiet.once(("document", str(problem)), "flags not understood, the last known values stay: %s", problem)
                return None
        return changed


def _repaired(document: object, before: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(document, dict) or not isinstance(document.get("flags"), dict):
        raise TypeError("expected an object with an object `flags`")
    flags: dict[str, Any] = {}
    for key, given in document["flags"].items():
        try:
            flags[key] = _flag(key, given)
        except Exception as problem:  # noqa: BLE001 - as above
            kept = "its last known definition stays" if key in before else "it is unknown"
            _quiet.once(("flag", key, repr(problem)), "flag %s is not understood, %s: %r", key, kept, problem)
            if key in before:
                flags[key] = before[key]
    good: dict[str, Any] = {"flags": flags, "metadata": _scalars(document.get("metadata"))}
    if isinstance(evaluators := document.get("$evaluators"), dict):
        good["$evaluators"] = evaluators
    return good


def _flag(key: str, given: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: given[name] for name in _KEYS if name in given}
    if "metadata" in kept:
        kept["metadata"] = _scalars(kept["metadata"])
    if not isinstance(kept.get("targeting", {}), dict | None):
        raise TypeError("targeting is no rule")
    # Refused here, this flag is refused alone. Through text, since it must be JSON to be kept.
    Flag.from_dict(key, json.loads(json.dumps(kept)))
    return kept


def _scalars(metadata: object) -> dict[str, Any]:
    if not isinstance(metadata, Mapping):
        return {}
    return {k: v for k, v in metadata.items() if k and isinstance(v, bool | int | float | str)}


def _constants(document: Mapping[str, Any]) -> dict[str, Constant]:
    found: dict[str, Constant] = {}
    for key, flag in document["flags"].items():
        variant = flag.get("defaultVariant")
        if isinstance(variant, str) and flag["state"] == "ENABLED" and not flag.get("targeting"):
            value = flag["variants"].get(variant)
            if value is not None:
                found[key] = Constant(value, variant, {**document["metadata"], **flag.get("metadata", {})})
    return found
