"""The churn model as MLflow serves it: the version's files, scored by `ml.churn`.

Stays out: fitting.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from mlflow.pyfunc.model import PythonModel

from ml.churn.model import ChurnModel
from ml.churn.scoring import score


class ChurnPyfunc(PythonModel):
    """Scores frames of the features of features.customer_behaviour."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def predict(
        self, context: object, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """churn_probability and churn_sensitivity_30d of each row; `context` and `params` are MLflow's, not used."""
        return score(ChurnModel.from_files(self.files), model_input)
