"""How features become the columns of a linear model: logarithms, standardised numbers, indicators, cycles.

Stays out: the coefficients. What is learned from the training rows (means, scales, categories) is kept as a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from ml.churn.features import CATEGORICAL, PERIODS


@dataclass(frozen=True)
class NumberColumns:
    """A number, standardised over the rows that have it; where it is missing, 0 and an indicator of 1."""

    name: str
    is_log: bool
    mean: float
    scale: float
    has_indicator: bool

    @classmethod
    def learn(cls, values: pd.Series, is_log: bool) -> NumberColumns:
        """Learn mean and scale; a column that is always missing, or always the same, gets a scale of 1."""
        numbers = _transformed(values.to_numpy(dtype=np.float64), is_log)
        known = numbers[~np.isnan(numbers)]
        mean = float(known.mean()) if known.size else 0.0
        scale = float(known.std()) if known.size else 0.0
        name = str(values.name)
        return cls(name, is_log, mean, scale if scale > 0 else 1.0, 0 < known.size < numbers.size)

    def matrix(self, values: pd.Series) -> np.ndarray:
        """Return one column, or two with the indicator, shape (n, 1 or 2)."""
        numbers = _transformed(values.to_numpy(dtype=np.float64), self.is_log)
        missing = np.isnan(numbers)
        standard = np.where(missing, 0.0, (numbers - self.mean) / self.scale)
        return np.column_stack([standard, missing]) if self.has_indicator else standard[:, None]


@dataclass(frozen=True)
class CycleColumns:
    """A place on a cycle, such as the month, as sine and cosine, so that December lies beside January."""

    name: str
    period: int

    def matrix(self, values: pd.Series) -> np.ndarray:
        """Return two columns, shape (n, 2)."""
        angle = 2 * np.pi * values.to_numpy(dtype=np.float64) / self.period
        return np.column_stack([np.sin(angle), np.cos(angle)])


@dataclass(frozen=True)
class CategoryColumns:
    """One column per frequent category, and one for all others, seen in training or not."""

    name: str
    categories: tuple[str, ...]

    @classmethod
    def learn(cls, values: pd.Series, min_rows: int) -> CategoryColumns:
        """Keep the categories that have at least `min_rows` rows."""
        return cls(str(values.name), frequent_categories(values, min_rows))

    def matrix(self, values: pd.Series) -> np.ndarray:
        """Return the columns, shape (n, len(categories) + 1); each row has a single 1."""
        codes = category_codes(values, self.categories)
        return np.eye(len(self.categories) + 1)[codes]


Columns = NumberColumns | CycleColumns | CategoryColumns
_KINDS: dict[str, type[Columns]] = {
    "number": NumberColumns,
    "cycle": CycleColumns,
    "category": CategoryColumns,
}


def learn_columns(features: pd.DataFrame, is_log: bool, min_category_rows: int) -> tuple[Columns, ...]:
    """Learn the columns of every feature, in the order of the frame.

    Args:
        features: The features of the training rows.
        is_log: Whether numbers go through sign(x) log(1 + |x|), which tames long tails.
        min_category_rows: Rows below which a category counts among the others.
    """
    learned: list[Columns] = []
    for name, values in features.items():
        if name in CATEGORICAL:
            learned.append(CategoryColumns.learn(values, min_category_rows))
        elif name in PERIODS:
            learned.append(CycleColumns(str(name), PERIODS[str(name)]))
        else:
            learned.append(NumberColumns.learn(values, is_log))
    return tuple(learned)


def frequent_categories(values: pd.Series, min_rows: int) -> tuple[str, ...]:
    """Return the categories with at least `min_rows` rows, in alphabetical order."""
    counts = values.value_counts()
    return tuple(sorted(str(name) for name in counts.index[counts >= max(min_rows, 1)]))


def category_codes(values: pd.Series, categories: tuple[str, ...]) -> np.ndarray:
    """Return the place of each value in `categories`, and len(categories) for all others, shape (n,)."""
    codes = pd.Categorical(values.astype(object), categories=list(categories)).codes.astype(np.int64)
    return np.where(codes < 0, len(categories), codes)


def columns_to_list(columns: tuple[Columns, ...]) -> list[dict[str, object]]:
    """Return columns as plain values."""
    kinds = {kind: name for name, kind in _KINDS.items()}
    return [{"kind": kinds[type(one)], **asdict(one)} for one in columns]


def columns_from_list(content: list[Mapping[str, object]]) -> tuple[Columns, ...]:
    """Return the columns that `columns_to_list` wrote, also after JSON."""
    return tuple(_column(dict(one)) for one in content)


def _column(content: dict[str, object]) -> Columns:
    kind = _KINDS[str(content.pop("kind"))]
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
    return kind(**values)  # type: ignore[arg-type]


def _transformed(numbers: np.ndarray, is_log: bool) -> np.ndarray:
    return np.sign(numbers) * np.log1p(np.abs(numbers)) if is_log else numbers
