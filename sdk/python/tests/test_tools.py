"""The tools do what they say."""

import json
import subprocess
import sys
from pathlib import Path

from documents import ALL_KINDS

TOOLS = Path(__file__).parents[1] / "tools"


def test_evaluate_many_answers_every_line() -> None:
    asked = [
        {
            "flags": ALL_KINDS,
            "cases": [
                {"key": "new_query_engine", "type": "boolean", "context": {}},
                {"key": "pro", "type": "boolean", "context": {"targetingKey": "u", "plan": "pro"}},
                {"key": "number", "type": "float"},
                {"key": "disabled", "type": "boolean", "context": None},
                {"key": "text", "type": "integer"},
                {"key": "nowhere", "type": "object"},
            ],
        },
        {"flags": {"flags": []}, "cases": []},
    ]
    done = subprocess.run(
        [sys.executable, TOOLS / "evaluate_many.py"],
        input="\n".join(map(json.dumps, asked)) + "\n\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    answers, refusal = map(json.loads, done.stdout.splitlines())
    assert answers == [
        {"variant": "on", "reason": "STATIC", "value": True},
        {"variant": "on", "reason": "TARGETING_MATCH", "value": True},
        {"variant": "ten", "reason": "STATIC", "value": 10.0},
        {"variant": None, "reason": "DISABLED"},
        {"error": "TYPE_MISMATCH"},
        {"error": "FLAG_NOT_FOUND"},
    ]
    assert list(refusal) == ["refused"]
