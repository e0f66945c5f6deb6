"""What the API says when it cannot answer, as its documentation shows it.

Stays out: making the answers (`dashboard.errors`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """Why a request could not be answered."""

    detail: str


NO_SNAPSHOT: dict[int | str, dict[str, Any]] = {
    503: {"model": Problem, "description": "Nothing has been published yet, or it cannot be read"}
}
