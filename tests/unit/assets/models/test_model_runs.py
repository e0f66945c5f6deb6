"""A month's model in MLflow: one live run, its tags, figures and version, and the same scores wherever it is loaded."""

from __future__ import annotations

import json
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
from ml.statements import Statement

MODELS = ["cltv_model", "churn_model"]
TAGS = {
    "snapshot_month": "2018-08",
    "as_of_date": "2018-09-01",
    "dagster_run_id": "the-dagster-run",
    "code_version": "the-code",
    "is_simulated": "true",
}


# What is built before a model of August and with it; churn stands on the month's lifetime-value model.
BEFORE = {"cltv_model": (), "churn_model": ("cltv_model 2018-08",)}
AUGUST = ("cltv_model 2018-08", "churn_model 2018-08")
# July's model is the champion, and August's is still to be built.
JULY = {
    "cltv_model": ("cltv_model 2018-07",),
    "churn_model": ("cltv_model 2018-07", "cltv_model 2018-08", "churn_model 2018-07"),
}


@pytest.fixture
def august(fitted, open_home):
    """Both models of August in a store that saw nothing else: fitted once, only to read."""
    with open_home(fitted(*AUGUST), read_only=True) as home:
        yield home


def build_all_of(home, name: str, **more) -> None:
    """Build a model's table after those of the month that it stands on."""
    for model in MODELS[: MODELS.index(name) + 1]:
        home.build(model, **more)


def row_of(warehouse, name: str, month: str = "2018-08") -> dict:
    rows = warehouse.execute(f"SELECT * FROM models.{name} WHERE snapshot_month = ?", [month])
    (row,) = rows.fetchall()
    return dict(zip([column[0] for column in rows.description], row, strict=True))


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
def test_the_months_run_says_where_it_came_from(name, august) -> None:
    tags = live_of(august.tracking, name).data.tags
    (fingerprint,) = august.warehouse.execute("SELECT fingerprint FROM raw.data_source").fetchone()

    assert {key: tags[key] for key in TAGS} == TAGS
    assert tags["data_fingerprint"] == fingerprint
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
    name, metrics, figures, august
) -> None:
    run = live_of(august.tracking, name)
    found = set(run.data.metrics)
    plain = {metric for metric in found if not metric.startswith("baseline_")}

    assert metrics <= plain
    assert {f"baseline_{metric}" for metric in metrics} <= found
    assert len(plain) <= 12
    assert figures <= {item.path for item in august.tracking.client().list_artifacts(run.info.run_id)}
    assert run.data.params["horizon_days"] == "180"


@pytest.mark.parametrize("name", MODELS)
def test_the_version_has_signature_and_input_example(name, august) -> None:
    info = mlflow.models.get_model_info(f"models:/{name}/{version_of(august.warehouse, name)}")

    assert len(info.signature.inputs.inputs) >= 4
    assert info.signature.outputs is not None
    assert info.saved_input_example_info is not None


@pytest.mark.parametrize("name", MODELS)
def test_building_again_adds_no_run_and_gives_the_same_version(name, home_with) -> None:
    home = home_with(*AUGUST)
    version, runs = version_of(home.warehouse, name), len(runs_of(home.tracking, name))
    build_all_of(home, name)

    assert version_of(home.warehouse, name) == version
    assert len(runs_of(home.tracking, name)) == runs


@pytest.mark.parametrize(
    ("name", "change"),
    [("cltv_model", {"fingerprint": "other"}), ("churn_model", {"fingerprint": "other"})],
)
def test_other_data_or_another_seed_adds_a_run_and_supersedes_the_older(name, change, home_with) -> None:
    home = home_with(*AUGUST)
    older, version = live_of(home.tracking, name), version_of(home.warehouse, name)
    build_all_of(home, name, **change)
    newer = live_of(home.tracking, name)

    assert newer.info.run_id != older.info.run_id
    assert int(version_of(home.warehouse, name)) > int(version)
    assert home.tracking.client().get_run(older.info.run_id).data.tags[SUPERSEDED] == "true"


TOO_FEW = [("cltv_model", "min_repeat_customers"), ("churn_model", "min_returns")]


@pytest.mark.parametrize(("name", "change"), TOO_FEW)
def test_a_month_with_too_little_data_and_no_champion_says_so_and_makes_no_run(
    name, change, home_with
) -> None:
    home = home_with(*BEFORE[name])
    built = home.build(name, **{change: 1_000_000})
    sql = f"SELECT model_version, status, reason, metrics FROM models.{name} WHERE snapshot_month = '2018-08'"
    version, status, reason, metrics = home.warehouse.execute(sql).fetchone()

    assert (built.rows, version, status, json.loads(metrics)) == (1, None, "not enough data", [])
    assert "1000000" in reason.replace(",", "")
    assert home.tracking.registry().versions(name) == []


@pytest.mark.parametrize(("name", "change"), TOO_FEW)
def test_a_month_in_which_nothing_can_be_fitted_keeps_the_champion_and_judges_it(
    name, change, home_with
) -> None:
    home = home_with(*JULY[name])
    home.build(name, **{change: 1_000_000})
    row = row_of(home.warehouse, name)

    assert (row["status"], row["model_version"], row["trained_version"]) == ("kept", "1", None)
    assert row["reason"].endswith("stays.")
    assert "1000000" in row["reason"].replace(",", "")


def test_a_month_in_which_every_fit_fails_keeps_the_champion(home_with, monkeypatch) -> None:
    home = home_with(*JULY["cltv_model"])

    def fail(*_):
        words = "BG/NBD: a = 2e+05 ran out of the domain"
        raise FitFailedError(Statement("nothing_fitted", words, {"families": ["BG/NBD"]}))

    monkeypatch.setattr("ml.clv.training.train", fail)
    home.build("cltv_model")
    row = row_of(home.warehouse, "cltv_model")

    assert (row["status"], row["model_version"], row["trained_version"]) == ("kept", "1", None)
    assert row["reason"] == (
        "BG/NBD: a = 2e+05 ran out of the domain; version 1, fitted as of 2018-08-01, stays."
    )
    assert json.loads(row["reason_coded"]) == [
        {"code": "nothing_fitted", "values": {"families": ["BG/NBD"]}},
        {"code": "champion_stays", "values": {"version": "1", "as_of": "2018-08-01"}},
    ]


def test_a_months_version_that_is_worse_is_held_and_the_champion_serves_with_its_own_figures(
    home_with, monkeypatch
) -> None:
    home = home_with(*JULY["cltv_model"])
    worse = (Comparison("holdout_log_likelihood", -0.2, -0.1, -0.1, -0.12, -0.08, True),)
    monkeypatch.setattr(CltvContest, "compare", lambda *_: worse)
    home.build("cltv_model")
    july, august = (row_of(home.warehouse, "cltv_model", month) for month in ("2018-07", "2018-08"))

    assert (august["status"], august["model_version"], august["trained_version"]) == ("fitted", "1", "2")
    assert august["decision"] == "held"
    assert "Worse than version 1" in august["decision_reason"]
    assert august["metrics"] != july["metrics"]
    assert len(json.loads(august["metrics"])) == len(json.loads(july["metrics"]))


def test_a_leaking_model_is_held_back_and_breaks_the_blocking_check(home_with) -> None:
    home = home_with(*BEFORE["churn_model"])
    home.warehouse.execute(
        "UPDATE features.churn_training SET review_score = if(is_churned, 1, 5) WHERE snapshot_month = '2018-08'"
    )
    home.build("churn_model")
    row = row_of(home.warehouse, "churn_model")
    contract = catalog()["models.churn_model"].contract
    checked = {**Parameters().values(), "months": ["2018-08"], "as_of_dates": [row["as_of_date"]]}
    broken = [result for result in check_table(home.warehouse, contract, checked) if not result.passed]

    assert row["trained_roc_auc"] > 0.9
    assert (row["model_version"], row["status"], row["decision"]) == (None, "held back", "held")
    assert "Leak alarm" in row["decision_reason"]
    assert home.tracking.registry().champion("churn_model", date(2019, 1, 1), "x") is None
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
def test_every_candidate_is_a_child_run_and_one_is_chosen(name, candidates, august) -> None:
    parent = live_of(august.tracking, name)
    children = [run for run in all_runs_of(august.tracking, name) if run.data.tags.get(KIND) == CANDIDATE]

    assert {run.info.run_name for run in children} == candidates
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert [run.data.tags["is_chosen"] for run in children].count("true") == 1
    assert all(run.data.metrics and run.data.params and run.data.tags["reason"] for run in children)


def test_the_run_says_what_lifetimes_makes_of_the_same_histories(august) -> None:
    said = live_of(august.tracking, "cltv_model").data.tags["lifetimes"]

    assert said.startswith("lifetimes finds the same BG/NBD (parameters within ")


@pytest.mark.parametrize("name", MODELS)
def test_the_model_card_tells_data_choice_figures_and_limits(name, august) -> None:
    run = live_of(august.tracking, name)
    card = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/{CARD_FILE}")

    for heading in ("## Data", "## Choice", "## Figures", "## Limits"):
        assert heading in card
    assert "simulated data" in card
    assert run.data.tags["reason"] in card
    name_of_figure = "holdout_total_error" if name == "cltv_model" else "roc_auc"
    assert f"| {name_of_figure} | {run.data.metrics[name_of_figure]:.4f} (" in card


def test_the_model_that_mlflow_serves_scores_like_the_pipeline(home_with) -> None:
    home = home_with("cltv_model 2018-08")
    catalog()["scores.customer_cltv"].module.build(home.work("scores.customer_cltv"))
    scores = home.warehouse.execute(
        f"SELECT {', '.join(INPUTS)}, scores.* FROM scores.customer_cltv AS scores "
        "JOIN features.customer_rfm USING (snapshot_month, customer_unique_id) WHERE snapshot_month = '2018-08'"
    ).df()
    served = mlflow.pyfunc.load_model(f"models:/cltv_model/{version_of(home.warehouse, 'cltv_model')}")

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
