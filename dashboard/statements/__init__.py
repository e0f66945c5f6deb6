"""What the pipeline states, in the language of the request: each statement is stored as a code with values.

Stays out: making statements (`ml.statements` is where their codes come from) and the words of single codes (the
modules beside this one).
"""

from __future__ import annotations

import json
from typing import Protocol

from dashboard.i18n import gettext
from dashboard.statements import churn, data, decisions, lifetime_value
from dashboard.statements.parts import Say

WORDS: dict[str, Say] = {**decisions.WORDS, **churn.WORDS, **lifetime_value.WORDS, **data.WORDS}


class Asking(Protocol):
    """What a check asks for, in English and as codes and values, and how grave it is not to hold."""

    @property
    def severity(self) -> str: ...  # noqa: D102
    @property
    def meaning(self) -> str | None: ...  # noqa: D102
    @property
    def meaning_coded(self) -> str | None: ...  # noqa: D102


def said(coded: str | None, stored: str | None) -> str:
    """Statements in a JSON list of codes and values as text; the English text stored with them where one is unknown."""
    try:
        texts = [WORDS[one["code"]](one["values"]) for one in json.loads(coded or "[]")]
    except (KeyError, TypeError, ValueError):
        return stored or ""
    return " ".join(texts) or stored or ""


def asked_of(check: Asking) -> str:
    """What a check asks for.

    A contract's own statements are texts of the catalogues where they only warn. The others keep a snapshot from being
    published, so one that is broken is named by its expectation alone.
    """
    if check.meaning_coded not in (None, "[]"):
        return said(check.meaning_coded, check.meaning)
    if check.severity == "warning" and check.meaning:
        return gettext(check.meaning)
    return gettext("The table's contract holds.")
