"""Bad input and broken contracts: the run ends with 1 and a message that helps, and nothing that was good is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from assets.resources.warehouse import Warehouse
from dashboard.snapshot import current_snapshot_id, verify
from orchestration.instance import open_instance
from orchestration.jobs import NIGHTLY
from orchestration.run import start_run
from orchestration.settings import Settings

MONTH = "2018-07"


@pytest.fixture
def broken_shop(small_shop: Path, tmp_path: Path) -> Path:
    """A copy of the shop's files, to break."""
    return Path(shutil.copytree(small_shop, tmp_path / "broken"))


@pytest.fixture(scope="module")
def good_home(pipeline_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the home with a published snapshot."""
    return Path(shutil.copytree(pipeline_home, tmp_path_factory.mktemp("good") / "home"))


def delete_items(shop: Path) -> str:
    (shop / "olist_order_items_dataset.csv").unlink()
    return "olist_order_items_dataset"


def break_dates(shop: Path) -> str:
    path = shop / "olist_orders_dataset.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    broken = [
        line.replace("2017-", "not a date 2017-") if n % 10 == 0 else line for n, line in enumerate(lines)
    ]
    path.write_text("\n".join([header, *broken]) + "\n", encoding="utf-8")
    return "olist_orders_dataset.csv"


def rename_column(shop: Path) -> str:
    path = shop / "olist_order_items_dataset.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("freight_value", "freight_valu", 1), encoding="utf-8"
    )
    return "olist_order_items_dataset.csv"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (delete_items, ("is missing", "Found there", "olist_orders_dataset.csv")),
        (
            break_dates,
            ("rejected", "CRM_MAX_REJECT_SHARE", "line", "order_purchase_timestamp", "Mend the file"),
        ),
        (rename_column, ("freight_value", "freight_valu")),
    ],
)
def test_a_broken_source_ends_the_run_with_a_remedy_and_changes_nothing(
    spoil, words, crm_here, good_home, broken_shop, digests
) -> None:
    before = digests(good_home), current_snapshot_id(good_home / "published")
    file = spoil(broken_shop)

    done = crm_here(good_home, "run", "--source", str(broken_shop), "--month", MONTH)

    assert done.exit_code == 1
    assert file in done.stderr
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert "last good snapshot stays" in done.stderr
    assert (digests(good_home), current_snapshot_id(good_home / "published")) == before
    verify(good_home / "published" / before[1])


def test_a_source_that_is_not_there_ends_the_run_with_1_and_is_named(crm_here, tmp_path) -> None:
    done = crm_here(tmp_path / "home", "run", "--source", str(tmp_path / "nowhere"), "--month", MONTH)

    assert done.exit_code == 1
    assert f"{tmp_path}/nowhere does not exist" in done.stderr.replace("\n", "")
    assert not (tmp_path / "home" / "published").exists()


class SpoiledWarehouse(Warehouse):
    """A warehouse in which, after each step, one statement spoils a table."""

    statement: str

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with super().connect() as connection:
            yield connection
            connection.execute(self.statement)


@pytest.fixture
def run_spoiled(good_home, small_shop, monkeypatch) -> Callable[[str], tuple[dg.DagsterInstance, str]]:
    """Run the nightly job over a warehouse that a statement spoils; gives the instance and the run's id."""
    monkeypatch.setenv("DAGSTER_HOME", str(good_home / "dagster"))
    settings = Settings(_env_file=None, home=good_home, source=str(small_shop))

    def run(statement: str) -> tuple[dg.DagsterInstance, str]:
        instance = open_instance(settings)
        spoiled = SpoiledWarehouse(path=str(settings.warehouse_path), statement=statement)
        started = start_run(instance, settings, NIGHTLY, (MONTH, MONTH), resources={"warehouse": spoiled})
        assert len(list(started.events)) > 10
        return instance, started.run_id

    return run


def _steps(instance: dg.DagsterInstance, run_id: str, kind: dg.DagsterEventType) -> set[str]:
    return {str(entry.step_key) for entry in instance.all_logs(run_id, of_type=kind)}


@pytest.mark.parametrize(
    ("statement", "failed", "stopped"),
    [
        (
            "UPDATE staging.purchases SET value_brl = value_brl + 1 WHERE order_id = "
            "(SELECT min(order_id) FROM staging.purchases)",
            "staging__purchases_contract_holds",
            {"features__customer_rfm", "models__cltv_model", "scores__customer_cltv", "marts__cltv_trend"},
        ),
        (
            "UPDATE scores.customer_churn SET churn_probability = 1.5 WHERE snapshot_month = '2018-07'",
            "scores__customer_churn_contract_holds",
            {"scores__customer_segments", "marts__segment_summary"},
        ),
    ],
    ids=["staging", "scores"],
)
def test_a_broken_critical_expectation_stops_all_that_depends_on_it(
    statement, failed, stopped, run_spoiled, good_home
) -> None:
    published = good_home / "published"
    before = current_snapshot_id(published), sorted(published.iterdir())

    instance, run_id = run_spoiled(statement)

    done = _steps(instance, run_id, dg.DagsterEventType.STEP_SUCCESS)
    assert instance.get_run_by_id(run_id).status == dg.DagsterRunStatus.FAILURE
    assert _steps(instance, run_id, dg.DagsterEventType.STEP_FAILURE) == {failed}
    assert failed.removesuffix("_contract_holds") in done
    assert not done & (stopped | {"publish__alerts", "publish__dashboard_snapshot"})
    assert (current_snapshot_id(published), sorted(published.iterdir())) == before
    verify(published / str(before[0]))


def test_a_broken_warning_is_told_and_stops_nothing(pipeline_home) -> None:
    with duckdb.connect(str(pipeline_home / "warehouse.duckdb"), read_only=True) as connection:
        warned = connection.execute(
            "SELECT table_name, expectation FROM publish.data_checks WHERE NOT is_passed ORDER BY ALL"
        ).fetchall()
        alerts = connection.execute(
            "SELECT subject FROM publish.alerts WHERE kind = 'data_warning' ORDER BY 1"
        ).fetchall()

    assert ("raw.geolocation", "points_lie_in_brazil") in warned
    assert [subject for (subject,) in alerts] == [table for table, _ in warned]


def test_the_next_good_run_mends_what_a_failed_one_left(
    crm_here, good_home, small_shop, pipeline_home, digests
) -> None:
    done = crm_here(
        good_home, "run", "--source", str(small_shop), "--month", MONTH, CRM_HISTORY_START="2018-05"
    )

    assert done.exit_code == 0, done.stderr
    after, wanted = digests(good_home), digests(pipeline_home)
    assert {name for name in after if after[name] != wanted[name]} == set()
    assert current_snapshot_id(good_home / "published") == current_snapshot_id(pipeline_home / "published")


def test_status_after_a_first_run_that_failed_early_shows_what_there_is(
    crm_here, broken_shop, tmp_path
) -> None:
    delete_items(broken_shop)
    home = tmp_path / "home"
    assert crm_here(home, "run", "--source", str(broken_shop), "--month", MONTH).exit_code == 1

    shown = crm_here(home, "status")

    assert shown.exit_code == 0, shown.output
    assert "not made yet" in shown.output


def test_status_while_another_process_writes_says_so_in_a_line(crm, good_home) -> None:
    with duckdb.connect(str(good_home / "warehouse.duckdb")):
        shown = crm(good_home, "status")

    assert shown.returncode == 1
    assert "Traceback" not in shown.stderr
    assert "wait for it to end" in shown.stderr


def test_a_shop_of_a_few_customers_is_simulated_run_and_published_without_models(crm_here, tmp_path) -> None:
    home, shop = tmp_path / "home", tmp_path / "tiny"
    made = crm_here(home, "simulate", "--customers", "150", "--seed", "2", "--out", str(shop))
    done = crm_here(home, "run", "--source", str(shop), "--latest")

    assert made.exit_code == 0, made.output
    assert done.exit_code == 0, done.output
    manifest = verify(home / "published" / str(current_snapshot_id(home / "published")))
    assert manifest.is_simulated
    assert manifest.model_versions == {}
    assert manifest.risk_rule is None
    assert done.output.count("not enough data") >= 3
