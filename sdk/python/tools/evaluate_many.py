"""What flagd's published in-process engine answers, so that another engine can be held against it.

Reads JSON lines from standard input, each `{"flags": document, "cases": [{"key", "context", "type"}, ...]}`, and
prints a JSON line for each: an array with `{"value", "variant", "reason"}` or `{"error"}` for every case. `type` is
`boolean`, `string`, `integer`, `float` or `object`; `targetingKey` of the context is the targeting key. An absent value
is the code's default. A document that the engine refuses gives `{"refused": why}`.
"""

import json
import logging
import sys
from typing import Any

from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import OpenFeatureError

# Stands for the code's default, which is not part of the answer.
_DEFAULTS: dict[str, Any] = {"boolean": False, "string": "", "integer": 0, "float": 0.0, "object": {}}


def main() -> None:
    """Answers every line."""
    logging.disable()
    for line in sys.stdin:
        if line.strip():
            sys.stdout.write(json.dumps(answers(json.loads(line)), separators=(",", ":")) + "\n")
            sys.stdout.flush()


def answers(asked: dict[str, Any]) -> Any:
    """The answers to all cases of one document."""
    core = FlagdCore()
    try:
        core.set_flags(json.dumps(asked["flags"]))
    except Exception as problem:
        return {"refused": repr(problem)}
    return [_answer(core, case) for case in asked["cases"]]


def _answer(core: FlagdCore, case: dict[str, Any]) -> dict[str, Any]:
    attributes = dict(case.get("context") or {})
    key = attributes.pop("targetingKey", None)
    kind = case["type"]
    try:
        ask = getattr(core, f"resolve_{kind}_value")
        found = ask(case["key"], _DEFAULTS[kind], EvaluationContext(key, attributes))
    except OpenFeatureError as problem:
        return {"error": str(problem.error_code)}
    except Exception as problem:
        # The engine lets these through; OpenFeature's client makes GENERAL of them.
        return {"error": "GENERAL", "details": repr(problem)}
    answer: dict[str, Any] = {"variant": found.variant, "reason": str(found.reason)}
    if found.variant is not None:
        answer["value"] = found.value
    return answer


if __name__ == "__main__":
    main()
