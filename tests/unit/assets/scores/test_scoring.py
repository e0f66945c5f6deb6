"""Scoring loads the one version that the month refers to, and never another."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assets.catalog import catalog
from assets.resources.tracking import TrackingError

PAIRS = [("cltv_model", "customer_cltv"), ("churn_model", "customer_churn")]


@pytest.fixture(params=PAIRS, ids=[scores for _, scores in PAIRS])
def pair(request) -> tuple[str, str]:
    """A model's table and the table of its scores."""
    model, scores = request.param
    return f"models.{model}", f"scores.{scores}"


@pytest.fixture
def home(home_with):
    """A home of the test's own with both models of 2018-08."""
    return home_with("cltv_model 2018-08", "churn_model 2018-08")


@pytest.fixture
def work(home):
    return home.work


@pytest.fixture
def warehouse(home):
    return home.warehouse


def score(work, table: str):
    return catalog()[table].module.build(work(table))


def rows(warehouse, table: str) -> list[tuple]:
    return warehouse.execute(
        f"SELECT * FROM {table} WHERE snapshot_month = '2018-08' ORDER BY ALL"
    ).fetchall()


def test_scores_equal_those_of_the_run_that_made_the_warehouse(pair, work, warehouse) -> None:
    _, table = pair
    version = list(catalog()[table].contract.columns).index("model_version")
    before = [row[:version] + row[version + 1 :] for row in rows(warehouse, table)]
    built = score(work, table)
    after = [row[:version] + row[version + 1 :] for row in rows(warehouse, table)]

    assert built.rows == len(after) > 5_000
    assert sorted(after, key=str) == sorted(before, key=str)


def test_a_version_that_is_not_there_stops_the_scoring_and_changes_nothing(pair, work, warehouse) -> None:
    model, table = pair
    before = rows(warehouse, table)
    warehouse.execute(f"UPDATE {model} SET model_version = '999' WHERE snapshot_month = '2018-08'")

    with pytest.raises(TrackingError, match="version 999 cannot be read"):
        score(work, table)

    assert rows(warehouse, table) == before


def test_an_artifact_that_is_gone_stops_the_scoring_though_older_versions_are_there(
    pair, home, work, warehouse
) -> None:
    model, table = pair
    home.build("cltv_model", fingerprint="other data")
    if model == "models.churn_model":
        home.build("churn_model", fingerprint="other data")
    sql = f"SELECT model_name, model_version FROM {model} WHERE snapshot_month = '2018-08'"
    name, version = warehouse.execute(sql).fetchone()
    assert int(version) > 1
    run = home.tracking.client().get_run(home.tracking.registry().version(name, version).run_id)
    folder = Path(run.info.artifact_uri.removeprefix("file://"))
    aside = folder.with_name("aside")
    folder.rename(aside)
    before = rows(warehouse, table)

    try:
        with pytest.raises(TrackingError, match=f"{name} version {version} cannot be read"):
            score(work, table)
    finally:
        shutil.move(aside, folder)

    assert rows(warehouse, table) == before


def test_a_month_whose_model_was_never_made_is_an_error(pair, work, warehouse) -> None:
    model, table = pair
    warehouse.execute(f"DELETE FROM {model} WHERE snapshot_month = '2018-08'")

    with pytest.raises(LookupError, match=rf"{model} has no row for 2018-08"):
        score(work, table)


def test_without_a_model_every_customer_is_there_and_nobody_is_scored(pair, work, warehouse) -> None:
    model, table = pair
    warehouse.execute(f"UPDATE {model} SET model_version = NULL, status = 'not enough data'")
    column = "cltv" if table.endswith("cltv") else "churn_probability"
    built = score(work, table)
    (scored,) = warehouse.execute(
        f"SELECT count({column}) FROM {table} WHERE snapshot_month = '2018-08'"
    ).fetchone()

    assert built.rows > 5_000
    assert scored == 0
