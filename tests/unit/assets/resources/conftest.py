"""A model store and records of models that answer with their input."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from assets.resources.records import ModelRecord
from assets.resources.tracking import Tracking
from ml.metrics import ModelMetric

METRICS = [
    ModelMetric("roc_auc", 0.61, 0.58, 0.64, "recency alone", 0.57, 0.55, 0.59),
    ModelMetric("brier", 0.1, 0.09, 0.11),
]


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    """A new store."""
    folder = tmp_path_factory.mktemp("store")
    return Tracking(
        database=str(folder / "mlflow.db"),
        artifacts=str(folder / "artifacts"),
        ui_url="http://localhost:5000/",
    )


def log_echo():
    """Log a model that answers with its input."""
    import mlflow.pyfunc

    class Echo(mlflow.pyfunc.PythonModel):
        def predict(self, context: object, model_input: list[str]) -> list[str]:
            return model_input

    return mlflow.pyfunc.log_model(name="model", python_model=Echo(), pip_requirements=["mlflow"])


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Callable[..., ModelRecord]:
    """A record of a model named after the test: `record(digest="a", month="2018-08", as_of=..., ...)`."""
    name = request.node.name.replace("[", "_").replace("]", "").replace("/", "_")[:60]

    def make(digest: str = "a", month: str = "2018-08", log_model=log_echo, **more) -> ModelRecord:
        as_of = (dt.date.fromisoformat(f"{month}-01") + dt.timedelta(days=31)).replace(day=1)
        given = {"as_of": as_of, "lineage": "shop", "choice": "catboost", **more}
        return ModelRecord(
            name=name,
            month=month,
            digest=digest,
            log_model=log_model,
            parameters={"trees": 12},
            metrics=METRICS,
            **given,
        )

    return make
