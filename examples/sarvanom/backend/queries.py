"""Answers queries: the snippet of the release process, alive.

`process_query` is what callers call. Which of the two runs is Tidegate's word, asked once per call.
"""

from documents import DOCUMENTS, Document
from shared.core.feature_flags import FeatureFlags


@FeatureFlags.require("new_query_engine")
async def process_query(query: str):
    # New implementation: every word counts, and the best match comes first.
    words = set(query.lower().split())
    ranked = sorted(((_score(words, document), document) for document in DOCUMENTS), key=lambda found: -found[0])
    return {"engine": "new", "results": [_result(document) for score, document in ranked if score]}


@FeatureFlags.fallback("new_query_engine")
async def process_query_legacy(query: str):
    # Legacy implementation: what holds the query as it was typed, in the order in which it was written.
    found = [document for document in DOCUMENTS if query.lower() in f"{document.title} {document.text}".lower()]
    return {"engine": "legacy", "results": [_result(document) for document in found]}


def _score(words: set[str], document: Document) -> float:
    title, text = (set(part.lower().replace(".", "").split()) for part in (document.title, document.text))
    return 2 * len(words & title) + len(words & text)


def _result(document: Document) -> dict[str, str]:
    return {"title": document.title, "text": document.text}
