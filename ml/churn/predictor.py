"""What every fitted churn model can do, whatever its class.

Stays out: how it does it; one module per class in `classes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pandas as pd

from ml.churn.recipe import Parameter


class Predictor(Protocol):
    """A fitted model. Its methods are given the frame of `feature_frame` with the predictor's features.

    Attributes:
        features: Names of its k features, in order.
        base: Log-odds of churn without any contribution.
        settled: Parameters that early stopping decided; a refit takes them over.
    """

    @property
    def features(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def base(self) -> float: ...  # noqa: D102

    @property
    def settled(self) -> Mapping[str, Parameter]: ...  # noqa: D102

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return P(return within the horizon), shape (n,)."""
        ...

    def contributions(self, features: pd.DataFrame) -> np.ndarray:
        """Return what each feature adds to the log-odds of churn, shape (n, k); with `base` they sum to them."""
        ...

    def to_files(self) -> dict[str, bytes]:
        """Return the content of the files that the class's `from_files` reads."""
        ...

    def identity(self) -> bytes:
        """Return bytes that are equal for equal content, whenever and wherever the model was fitted."""
        ...
