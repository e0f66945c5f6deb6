"""A month's model in MLflow: one live run, its tags, figures and version, and the same scores wherever it is loaded."""

from __future__ import annotations

import json

import mlflow.pyfunc
import pandas as pd
import pytest

from assets.catalog import catalog
from assets.models.cltv_model import INPUTS
from assets.resources.tracking import SUPERSEDED

MODELS = ["cltv_model", "churn_model"]
TAGS = {
    "snapshot_month": "2018-08",
    "as_of_date": "2018-09-01",
    "dagster_run_id": "the-dagster-run",
    "code_version": "the-code",
    "is_simulated": "true",
}


def build(work, name: str, **more):
    table = f"models.{name}"
    return catalog()[table].module.build(work(table, **more))


def runs_of(tracking, name: str):
    client = tracking.client()
    return client.search_runs(
        [client.get_experiment_by_name(name).experiment_id], order_by=["start_time DESC"]
    )


def live_of(tracking, name: str):
    (run,) = [run for run in runs_of(tracking, name) if run.data.tags.get(SUPERSEDED) != "true"]
    return run


def version_of(warehouse, name: str) -> str:
    sql = f"SELECT model_version FROM models.{name} WHERE snapshot_month = '2018-08'"
    return warehouse.execute(sql).fetchone()[0]


@pytest.mark.parametrize("name", MODELS)
def test_the_months_run_says_where_it_came_from(name, work, tracking, warehouse) -> None:
    build(work, name)
    tags = live_of(tracking, name).data.tags

    assert {key: tags[key] for key in TAGS} == TAGS
    assert (
        tags["data_fingerprint"] == warehouse.execute("SELECT fingerprint FROM raw.data_source").fetchone()[0]
    )
    assert len(tags["reason"]) > 20


@pytest.mark.parametrize(
    ("name", "metrics", "figures"),
    [
        (
            "cltv_model",
            {"holdout_mae", "holdout_rmse", "holdout_total_error"},
            {"calibration.png", "frequency_recency.png"},
        ),
        (
            "churn_model",
            {"roc_auc", "pr_auc", "lift_at_10pct", "brier", "log_loss"},
            {"reliability.png", "gain.png"},
        ),
    ],
)
def test_the_run_keeps_figures_metrics_beside_a_baseline_and_parameters(
    name, metrics, figures, work, tracking
) -> None:
    build(work, name)
    run = live_of(tracking, name)
    found = set(run.data.metrics)
    plain = {metric for metric in found if not metric.startswith("baseline_")}

    assert metrics <= plain
    assert {f"baseline_{metric}" for metric in metrics} <= found
    assert len(plain) <= 10
    assert figures <= {item.path for item in tracking.client().list_artifacts(run.info.run_id)}
    assert run.data.params["horizon_days"] == "180"


@pytest.mark.parametrize("name", MODELS)
def test_the_version_has_signature_and_input_example(name, work, tracking, warehouse) -> None:
    build(work, name)
    info = mlflow.models.get_model_info(f"models:/{name}/{version_of(warehouse, name)}")

    assert len(info.signature.inputs.inputs) >= 4
    assert info.signature.outputs is not None
    assert info.saved_input_example_info is not None


@pytest.mark.parametrize("name", MODELS)
def test_building_again_adds_no_run_and_gives_the_same_version(name, work, tracking, warehouse) -> None:
    build(work, name)
    version, runs = version_of(warehouse, name), len(runs_of(tracking, name))
    build(work, name)

    assert version_of(warehouse, name) == version
    assert len(runs_of(tracking, name)) == runs


@pytest.mark.parametrize(
    ("name", "change"), [("cltv_model", {"fingerprint": "other"}), ("churn_model", {"seed": 8})]
)
def test_other_data_or_another_seed_adds_a_run_and_supersedes_the_older(
    name, change, work, tracking, warehouse
) -> None:
    build(work, name)
    older, version = live_of(tracking, name), version_of(warehouse, name)
    build(work, name, **change)
    newer = live_of(tracking, name)

    assert newer.info.run_id != older.info.run_id
    assert int(version_of(warehouse, name)) > int(version)
    assert tracking.client().get_run(older.info.run_id).data.tags[SUPERSEDED] == "true"


@pytest.mark.parametrize(
    ("name", "change"), [("cltv_model", "min_repeat_customers"), ("churn_model", "min_returns")]
)
def test_a_month_with_too_little_data_says_so_and_makes_no_run(
    name, change, work, tracking, warehouse
) -> None:
    build(work, name)
    before = len(runs_of(tracking, name))
    built = build(work, name, **{change: 1_000_000})
    sql = f"SELECT model_version, status, reason, metrics FROM models.{name} WHERE snapshot_month = '2018-08'"
    version, status, reason, metrics = warehouse.execute(sql).fetchone()

    assert (built.rows, version, status, json.loads(metrics)) == (1, None, "not enough data", [])
    assert "1000000" in reason.replace(",", "")
    assert len(runs_of(tracking, name)) == before


def test_the_model_that_mlflow_serves_scores_like_the_pipeline(work, warehouse) -> None:
    build(work, "cltv_model")
    catalog()["scores.customer_cltv"].module.build(work("scores.customer_cltv"))
    scores = warehouse.execute(
        f"SELECT {', '.join(INPUTS)}, scores.* FROM scores.customer_cltv AS scores "
        "JOIN features.customer_rfm USING (snapshot_month, customer_unique_id) WHERE snapshot_month = '2018-08'"
    ).df()
    served = mlflow.pyfunc.load_model(f"models:/cltv_model/{version_of(warehouse, 'cltv_model')}")

    predicted = served.predict(
        scores[list(INPUTS)].astype({"frequency": "int64", "recency": "int64", "T": "int64"})
    )

    assert len(predicted) > 5_000
    for column in ("p_alive", "expected_purchases_180d", "expected_spend", "cltv"):
        pd.testing.assert_series_equal(predicted[column].reset_index(drop=True), scores[column], rtol=1e-12)


def test_in_a_history_every_month_has_one_live_run_of_each_model(pipeline_home) -> None:
    import sqlite3

    with sqlite3.connect(pipeline_home / "mlflow.db") as store:
        runs = store.execute(
            "SELECT experiments.name, runs.name, runs.status FROM runs JOIN experiments USING (experiment_id) "
            "WHERE run_uuid NOT IN (SELECT run_uuid FROM tags WHERE key = 'superseded') ORDER BY 1, 2"
        ).fetchall()
        (registered,) = store.execute("SELECT count(*) FROM registered_models").fetchone()

    months = ("2018-05", "2018-06", "2018-07", "2018-08")
    assert runs == [(name, month, "FINISHED") for name in sorted(MODELS) for month in months]
    assert registered == len(MODELS)
