"""What the pipeline states, in the language of the request: each statement is stored as a code with values.

Stays out: making statements (`ml.statements` is where their codes come from) and the words of single codes (the
modules beside this one).
"""

from __future__ import annotations

import json

from dashboard.statements import churn, data, decisions, lifetime_value
from dashboard.statements.parts import Say

WORDS: dict[str, Say] = {**decisions.WORDS, **churn.WORDS, **lifetime_value.WORDS, **data.WORDS}


def said(coded: str | None, stored: str | None) -> str:
    """Statements in a JSON list of codes and values as text; the English text stored with them where one is unknown."""
    try:
        texts = [WORDS[one["code"]](one["values"]) for one in json.loads(coded or "[]")]
    except (KeyError, TypeError, ValueError):
        return stored or ""
    return " ".join(texts) or stored or ""
