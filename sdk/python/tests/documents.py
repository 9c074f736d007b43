"""Flag documents as Tidegate sends them."""

from typing import Any


def switch(on: bool, **more: Any) -> dict[str, Any]:
    return {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "on" if on else "off", **more}


def targeted(rule: Any) -> dict[str, Any]:
    return switch(False, targeting=rule)


def document(**flags: Any) -> dict[str, Any]:
    return {"flags": flags, "metadata": {"flagSetId": "production", "version": "7"}}


PRO_ONLY = {"if": [{"==": [{"var": "plan"}, "pro"]}, "on", "off"]}
HALF = {"fractional": [{"cat": ["new_query_engine:", {"var": "targetingKey"}]}, ["on", 50000], ["off", 50000]]}

ALL_KINDS = document(
    new_query_engine=switch(True),
    off=switch(False),
    pro=targeted(PRO_ONLY),
    half=targeted(HALF),
    text={"state": "ENABLED", "variants": {"a": "alpha"}, "defaultVariant": "a"},
    whole={"state": "ENABLED", "variants": {"ten": 10}, "defaultVariant": "ten"},
    number={"state": "ENABLED", "variants": {"ten": 10}, "defaultVariant": "ten"},
    shape={"state": "ENABLED", "variants": {"s": {"depth": 3}}, "defaultVariant": "s"},
    disabled={"state": "DISABLED", "variants": {"on": True}, "defaultVariant": "on"},
    code_default={"state": "ENABLED", "variants": {"on": True}},
)
