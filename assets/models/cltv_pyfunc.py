"""The lifetime-value model as MLflow serves it: parameters as JSON, scored by `ml.clv`.

Stays out: fitting.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from mlflow.pyfunc.model import PythonModel

from ml.clv.model import CltvModel
from ml.clv.scoring import score


class CltvPyfunc(PythonModel):
    """Scores frames of frequency, recency, T and monetary_value."""

    def __init__(self, text: str) -> None:
        self.text = text

    def predict(
        self, context: object, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """The columns of scores.customer_cltv for each row; `context` and `params` are MLflow's and not used."""
        return score(CltvModel.from_json(self.text), model_input)
