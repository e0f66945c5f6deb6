"""A month's model in MLflow: one live run, its tags, figures and version, and the same scores wherever it is loaded."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import duckdb
import mlflow.artifacts
import mlflow.pyfunc
import pandas as pd
import pytest

from assets.catalog import catalog
from assets.models.card import CARD_FILE
from assets.models.cltv_model import INPUTS, CltvContest
from assets.parameters import Parameters
from assets.resources.records import CANDIDATE, KIND
from assets.resources.registry import CHAMPION, SUPERSEDED
from assets.resources.tracking import Tracking
from assets.validation import check_table
from ml.errors import FitFailedError
from ml.metrics import Comparison

MODELS = ["cltv_model", "churn_model"]
TAGS = {
    "snapshot_month": "2018-08",
    "as_of_date": "2018-09-01",
    "dagster_run_id": "the-dagster-run",
    "code_version": "the-code",
    "is_simulated": "true",
}


def build(work, name: str, tracking: Tracking | None = None, month: str = "2018-08", **more):
    """Build a model's table; churn stands on the month's lifetime-value model."""
    if name == "churn_model":
        build(work, "cltv_model", tracking, month)
    table = f"models.{name}"
    task = work(table, month, **more)
    return catalog()[table].module.build(replace(task, tracking=tracking) if tracking else task)


def row_of(warehouse, name: str, month: str = "2018-08") -> dict:
    rows = warehouse.execute(f"SELECT * FROM models.{name} WHERE snapshot_month = ?", [month])
    (row,) = rows.fetchall()
    return dict(zip([column[0] for column in rows.description], row, strict=True))


@pytest.fixture
def new_tracking(tmp_path) -> Tracking:
    """A store that no other test has written to."""
    return Tracking(database=str(tmp_path / "mlflow.db"), artifacts=str(tmp_path / "artifacts"))


def all_runs_of(tracking, name: str):
    client = tracking.client()
    return client.search_runs(
        [client.get_experiment_by_name(name).experiment_id], order_by=["start_time DESC"]
    )


def runs_of(tracking, name: str):
    """The months' runs, without those of candidates."""
    return [run for run in all_runs_of(tracking, name) if run.data.tags.get(KIND) != CANDIDATE]


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
            {"holdout_log_likelihood", "holdout_mae", "holdout_rmse", "holdout_total_error"},
            {"calibration.png", "frequency_recency.png", CARD_FILE, "candidates.csv", "served", "judged"},
        ),
        (
            "churn_model",
            {"roc_auc", "pr_auc", "lift_at_10pct", "brier", "log_loss"},
            {"reliability.png", "gain.png", CARD_FILE, "importance.csv", "served", "judged", "recipe"},
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
    assert len(plain) <= 12
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
    ("name", "change"),
    [("cltv_model", {"fingerprint": "other"}), ("churn_model", {"fingerprint": "other"})],
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


TOO_FEW = [("cltv_model", "min_repeat_customers"), ("churn_model", "min_returns")]


@pytest.mark.parametrize(("name", "change"), TOO_FEW)
def test_a_month_with_too_little_data_and_no_champion_says_so_and_makes_no_run(
    name, change, work, new_tracking, warehouse
) -> None:
    built = build(work, name, new_tracking, **{change: 1_000_000})
    sql = f"SELECT model_version, status, reason, metrics FROM models.{name} WHERE snapshot_month = '2018-08'"
    version, status, reason, metrics = warehouse.execute(sql).fetchone()

    assert (built.rows, version, status, json.loads(metrics)) == (1, None, "not enough data", [])
    assert "1000000" in reason.replace(",", "")
    assert new_tracking.registry().versions(name) == []


@pytest.mark.parametrize(("name", "change"), TOO_FEW)
def test_a_month_in_which_nothing_can_be_fitted_keeps_the_champion_and_judges_it(
    name, change, work, new_tracking, warehouse
) -> None:
    build(work, name, new_tracking, month="2018-07")
    build(work, name, new_tracking, **{change: 1_000_000})
    row = row_of(warehouse, name)

    assert (row["status"], row["model_version"], row["trained_version"]) == ("kept", "1", None)
    assert row["reason"].endswith("stays.")
    assert "1000000" in row["reason"].replace(",", "")


def test_a_month_in_which_every_fit_fails_keeps_the_champion(
    work, new_tracking, warehouse, monkeypatch
) -> None:
    build(work, "cltv_model", new_tracking, month="2018-07")

    def fail(*_):
        raise FitFailedError("BG/NBD: a = 2e+05 ran out of the domain")

    monkeypatch.setattr("ml.clv.training.train", fail)
    build(work, "cltv_model", new_tracking)
    row = row_of(warehouse, "cltv_model")

    assert (row["status"], row["model_version"], row["trained_version"]) == ("kept", "1", None)
    assert row["reason"] == (
        "BG/NBD: a = 2e+05 ran out of the domain; version 1, fitted as of 2018-08-01, stays."
    )


def test_a_months_version_that_is_worse_is_held_and_the_champion_serves_with_its_own_figures(
    work, new_tracking, warehouse, monkeypatch
) -> None:
    build(work, "cltv_model", new_tracking, month="2018-07")
    worse = (Comparison("holdout_log_likelihood", -0.2, -0.1, -0.1, -0.12, -0.08, True),)
    monkeypatch.setattr(CltvContest, "compare", lambda *_: worse)
    build(work, "cltv_model", new_tracking)
    july, august = row_of(warehouse, "cltv_model", "2018-07"), row_of(warehouse, "cltv_model")

    assert (august["status"], august["model_version"], august["trained_version"]) == ("fitted", "1", "2")
    assert august["decision"] == "held"
    assert "Worse than version 1" in august["decision_reason"]
    assert august["metrics"] != july["metrics"]
    assert len(json.loads(august["metrics"])) == len(json.loads(july["metrics"]))


def test_a_leaking_model_is_held_back_and_breaks_the_blocking_check(work, new_tracking, warehouse) -> None:
    warehouse.execute(
        "UPDATE features.churn_training SET review_score = if(is_churned, 1, 5) WHERE snapshot_month = '2018-08'"
    )
    build(work, "churn_model", new_tracking)
    row = row_of(warehouse, "churn_model")
    contract = catalog()["models.churn_model"].contract
    checked = {**Parameters().values(), "months": ["2018-08"], "as_of_dates": [row["as_of_date"]]}
    broken = [result for result in check_table(warehouse, contract, checked) if not result.passed]

    assert row["trained_roc_auc"] > 0.9
    assert (row["model_version"], row["status"], row["decision"]) == (None, "held back", "held")
    assert "Leak alarm" in row["decision_reason"]
    assert new_tracking.registry().champion("churn_model", date(2019, 1, 1), "x") is None
    assert [(result.expectation, result.severity) for result in broken] == [
        ("no_model_is_too_good_to_be_true", "critical")
    ]


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("cltv_model", {"2018-08 BG/NBD", "2018-08 MBG/NBD", "2018-08 Pareto/NBD"}),
        (
            "churn_model",
            {
                "2018-08 recency alone",
                "2018-08 purchase model",
                "2018-08 logistic regression",
                "2018-08 catboost",
            },
        ),
    ],
)
def test_every_candidate_is_a_child_run_and_one_is_chosen(name, candidates, work, new_tracking) -> None:
    build(work, name, new_tracking)
    parent = live_of(new_tracking, name)
    children = [run for run in all_runs_of(new_tracking, name) if run.data.tags.get(KIND) == CANDIDATE]

    assert {run.info.run_name for run in children} == candidates
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert [run.data.tags["is_chosen"] for run in children].count("true") == 1
    assert all(run.data.metrics and run.data.params and run.data.tags["reason"] for run in children)


def test_the_run_says_what_lifetimes_makes_of_the_same_histories(work, tracking) -> None:
    build(work, "cltv_model")
    said = live_of(tracking, "cltv_model").data.tags["lifetimes"]

    assert said.startswith("lifetimes finds the same BG/NBD (parameters within ")


@pytest.mark.parametrize("name", MODELS)
def test_the_model_card_tells_data_choice_figures_and_limits(name, work, tracking) -> None:
    build(work, name)
    run = live_of(tracking, name)
    card = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/{CARD_FILE}")

    for heading in ("## Data", "## Choice", "## Figures", "## Limits"):
        assert heading in card
    assert "simulated data" in card
    assert run.data.tags["reason"] in card
    name_of_figure = "holdout_total_error" if name == "cltv_model" else "roc_auc"
    assert f"| {name_of_figure} | {run.data.metrics[name_of_figure]:.4f} (" in card


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
            "WHERE run_uuid NOT IN (SELECT run_uuid FROM tags WHERE key = 'superseded' OR key = 'kind') ORDER BY 1, 2"
        ).fetchall()
        (registered,) = store.execute("SELECT count(*) FROM registered_models").fetchone()

    months = ("2018-05", "2018-06", "2018-07", "2018-08")
    assert runs == [(name, month, "FINISHED") for name in sorted(MODELS) for month in months]
    assert registered == len(MODELS)


def test_in_a_history_no_month_is_served_by_a_version_of_later_data(pipeline_home) -> None:
    tracking = Tracking(
        database=str(pipeline_home / "mlflow.db"), artifacts=str(pipeline_home / "mlartifacts")
    )
    with duckdb.connect(str(pipeline_home / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "SELECT model_name, model_version, as_of_date FROM models.cltv_model "
            "UNION ALL SELECT model_name, model_version, as_of_date FROM models.churn_model"
        ).fetchall()

    assert len(rows) == 8
    for name, number, as_of in rows:
        assert tracking.registry().version(name, number).as_of <= as_of
    for name in MODELS:
        (champion,) = [one for one in tracking.registry().versions(name) if CHAMPION in one.aliases]
        assert champion.number == max((number for other, number, _ in rows if other == name), key=int)
