"""Checks on the frames that models are given.

Stays out: repairing them; a frame that breaks a rule is refused, never mended.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ml.errors import InvalidInputError


def require_columns(frame: pd.DataFrame, columns: Iterable[str], what: str) -> None:
    """Raise `InvalidInputError` naming every one of `columns` that `frame` (called `what`) lacks."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InvalidInputError(f"{what}: missing column(s) {', '.join(missing)}")


def refuse_rows(bad: np.ndarray, what: str, column: str, problem: str) -> None:
    """Raise `InvalidInputError` if any row is bad.

    Args:
        bad: Booleans, shape (n,): True where the rule is broken.
        what: Name of the frame.
        column: Name of the column at fault.
        problem: What is wrong with it, to stand after the column's name.
    """
    count = int(np.count_nonzero(bad))
    if count:
        raise InvalidInputError(f"{what}: {column} {problem} in {count} of {len(bad)} row(s)")


def to_floats(frame: pd.DataFrame, column: str, what: str) -> np.ndarray:
    """Return a column as float64, shape (n,), missing values as NaN; raise where it holds no numbers."""
    try:
        return frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"{what}: {column} does not hold numbers ({error})") from error
