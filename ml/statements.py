"""What is said of a model or of data: an English sentence beside a code with values, to be said in other languages.

Stays out: the words of other languages (the dashboard says each code in the language of its reader).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes:
        code: What is said.
        words: The same in English, for logs and records; part of a sentence where statements are joined.
        values: What it is said with; numbers, texts, days as ISO dates, and lists of these.
    """

    code: str
    words: str
    values: Mapping[str, Any] = field(default_factory=dict)


def coded(statements: Iterable[Statement]) -> str:
    """Return statements without their words as JSON, numbers to six digits."""
    listed = [{"code": one.code, "values": _rounded(dict(one.values))} for one in statements]
    return json.dumps(listed, ensure_ascii=False)


def sentences(statements: Iterable[Statement]) -> str:
    """Return the words of statements that are whole sentences as one text."""
    return " ".join(one.words for one in statements if one.words)


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
