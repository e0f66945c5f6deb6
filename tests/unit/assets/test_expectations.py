"""Every expectation of every contract holds on a valid warehouse, and breaks on data that are wrong."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from assets.catalog import catalog
from assets.contracts import Column, Contract, Fact
from assets.expectations import column_suite
from assets.parameters import Parameters
from assets.resources.warehouse import ensure_table, prepare
from assets.statistics import table_facts
from assets.validation import check_table, keep_results

MONTHS = ("2018-07", "2018-08")
MARTS = ("marts.segment_summary", "marts.cltv_trend", "marts.past_predictions", "marts.model_quality")
CHECKED = {
    **Parameters().values(),
    "months": list(MONTHS),
    "as_of_dates": [dt.datetime(2018, 8, 1), dt.datetime(2018, 9, 1)],
}
ORDER = {
    "features": (
        "features.customer_rfm",
        "features.customer_behaviour",
        "features.clv_training",
        "features.churn_training",
        "features.purchase_counts",
    ),
    "marts": (
        "marts.past_predictions",
        "marts.model_quality",
        "marts.cltv_trend",
        "marts.segment_summary",
    ),
}
Make = Callable[[duckdb.DuckDBPyConnection, str, dict[str, Any]], None]

MODEL_ROWS = """
    INSERT INTO models.{model}_model BY NAME
    SELECT unnest($months) AS snapshot_month, '{model}_model' AS model_name, '1' AS model_version,
        'BG/NBD' AS choice, '1' AS trained_version, 'promoted' AS decision, 'no worse' AS decision_reason,
        '[]' AS decision_reason_coded, 'fitted' AS status, 'the best of two' AS reason, '[]' AS reason_coded,
        unnest($as_of_dates)::DATE AS as_of_date,
        DATE '2018-02-01' AS evaluated_from, DATE '2018-07-31' AS evaluated_to,
        '[{{"metric": "roc_auc", "value": 0.6, "low": 0.55, "high": 0.65, "baseline": "recency",
            "baseline_value": 0.5, "baseline_low": 0.45, "baseline_high": 0.55}}]' AS metrics
        {more}
"""
CHURN_RULE = ", 0.6 AS trained_roc_auc, 0.05 AS base_return_rate, 2.0 AS green_lift, 0.75 AS red_lift"
CLTV_SCORES = """
    INSERT INTO scores.customer_cltv BY NAME
    SELECT snapshot_month, customer_unique_id, '1' AS model_version, 0.5 AS p_alive,
        0.1 AS expected_purchases_30d, 0.2 AS expected_purchases_90d, 0.3 AS expected_purchases_180d,
        0.4 AS expected_purchases_365d, 100 AS expected_spend, 0.2 AS p_purchase,
        10 + row_number() OVER (ORDER BY customer_unique_id) / 100 AS cltv, cltv - 5 AS cltv_low, cltv + 5 AS cltv_high,
        if(frequency > 0, DATE '2018-12-24', NULL) AS expected_next_purchase_date
    FROM features.customer_rfm
"""
CHURN_SCORES = """
    INSERT INTO scores.customer_churn BY NAME
    SELECT *, CASE WHEN churn_probability <= 1 - 2.0 * 0.05 THEN 'green'
        WHEN churn_probability > 1 - 0.75 * 0.05 THEN 'red' ELSE 'yellow' END AS risk_band
    FROM (
        SELECT snapshot_month, customer_unique_id, '1' AS model_version, 0.01 AS churn_sensitivity_30d,
            '[{"feature": "recency_days", "words": "no purchase for 9 days"}]' AS reasons,
            0.88 + (row_number() OVER (ORDER BY customer_unique_id) % 12) / 100 AS churn_probability
        FROM features.customer_rfm
    )
"""
FORECAST = """
    INSERT INTO marts.segment_forecast BY NAME
    SELECT snapshot_month, dimension, segment, sum(cltv) AS cltv_total,
        0.5 * sum(cltv) AS cltv_low, 1.5 * sum(cltv) AS cltv_high
    FROM (
        SELECT snapshot_month, cltv, value_tier, age_band, rfm_segment, risk_band, action, 'All' AS total
        FROM scores.customer_segments
        JOIN scores.customer_cltv USING (snapshot_month, customer_unique_id)
        JOIN scores.customer_churn USING (snapshot_month, customer_unique_id)
    )
    UNPIVOT (segment FOR dimension IN (value_tier, age_band, rfm_segment, risk_band, action, total))
    GROUP BY ALL
"""
DRIFT = """
    INSERT INTO marts.population_drift BY NAME
    SELECT unnest($months) AS snapshot_month, '1' AS model_version, feature, 0.28 AS psi, 0.3 AS validated_psi
    FROM (VALUES ('recency_days'), ('churn_probability')) AS features (feature)
"""
EARLIER = {"2017-07": "2017-08-01", "2018-01": "2018-02-01"}
# What was foretold at earlier months, for the months checked to look back on.
EARLIER_MODELS = """
    INSERT INTO models.{model}_model BY NAME
    SELECT '{month}' AS snapshot_month, '{model}_model' AS model_name, '1' AS model_version,
        'fitted' AS status, 'the best of two' AS reason, '[]' AS reason_coded, DATE '{as_of}' AS as_of_date,
        DATE '{as_of}' - 180 AS evaluated_from, DATE '{as_of}' - 1 AS evaluated_to, '[]' AS metrics
"""
EARLIER_CLTV = """
    INSERT INTO scores.customer_cltv BY NAME
    SELECT DISTINCT '{month}' AS snapshot_month, customer_unique_id, '1' AS model_version, 0.5 AS p_alive,
        0.1 AS expected_purchases_30d, 0.2 AS expected_purchases_90d, 0.3 AS expected_purchases_180d,
        0.4 AS expected_purchases_365d, 100 AS expected_spend, 10 AS cltv
    FROM staging.purchases WHERE purchased_at < TIMESTAMP '{as_of}'
"""
EARLIER_CHURN = """
    INSERT INTO scores.customer_churn BY NAME
    SELECT DISTINCT '{month}' AS snapshot_month, customer_unique_id, '1' AS model_version,
        0.01 AS churn_sensitivity_30d, 0.5 + hash(customer_unique_id) % 100 / 250 AS churn_probability,
        'yellow' AS risk_band
    FROM staging.purchases WHERE purchased_at < TIMESTAMP '{as_of}'
"""
ALERTS = """
    INSERT INTO publish.alerts BY NAME
    SELECT 'turned_red ' || customer_unique_id AS alert_id, 'customer_turned_red' AS kind,
        'critical' AS severity, customer_unique_id AS subject, 'A High Value customer turned red.' AS message
    FROM scores.customer_segments JOIN scores.customer_churn USING (snapshot_month, customer_unique_id)
    WHERE snapshot_month = '2018-08' AND risk_band = 'red' AND value_tier = 'High Value'
"""
SNAPSHOT = """
    INSERT INTO publish.dashboard_snapshot BY NAME
    SELECT '2018-08-0123456789ab' AS snapshot_id, '2018-08' AS snapshot_month,
        DATE '2018-09-01' AS as_of_date, 2 AS months,
        (SELECT count(*) FROM features.customer_rfm WHERE snapshot_month = '2018-08') AS customers,
        (SELECT count(*) FROM staging.purchases WHERE purchased_at < TIMESTAMP '2018-09-01') AS purchases
"""
REJECTED = (
    "INSERT INTO raw.rejected_lines VALUES ('orders', 'orders.csv', 7, 'order_id', '', 'is missing', ',,,')"
)


@pytest.fixture(scope="module")
def warehouse(
    simulated_shop: Path,
    load_shop: Callable[..., None],
    make: Make,
    month: Callable[..., dict[str, Any]],
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A valid warehouse with two months; models and their scores are rows as the contracts want them."""
    with duckdb.connect() as connection:
        prepare(connection)
        load_shop(connection, simulated_shop)
        connection.execute(REJECTED)
        connection.execute("UPDATE raw.geolocation SET geolocation_lat = -20, geolocation_lng = -50")
        for table in catalog().values():
            ensure_table(connection, table.contract)
        for table in ("staging.places", "staging.customers", "staging.purchases", "staging.reviews"):
            make(connection, table, {})
        connection.execute("UPDATE staging.purchases SET payment_brl = value_brl")
        _for_each_month(connection, make, month, "features")
        bound = {name: CHECKED[name] for name in ("months", "as_of_dates")}
        connection.execute(MODEL_ROWS.format(model="cltv", more=""), bound)
        connection.execute(MODEL_ROWS.format(model="churn", more=CHURN_RULE), bound)
        connection.execute(CLTV_SCORES)
        connection.execute(CHURN_SCORES)
        for model, scores in (("cltv", EARLIER_CLTV), ("churn", EARLIER_CHURN)):
            for key, as_of in EARLIER.items():
                connection.execute(EARLIER_MODELS.format(model=model, month=key, as_of=as_of))
                connection.execute(scores.format(month=key, as_of=as_of))
        _for_each_month(connection, make, month, "scores.customer_segments")
        connection.execute(FORECAST)
        connection.execute(DRIFT, {"months": CHECKED["months"]})
        for table in MARTS:
            _for_each_month(connection, make, month, table)
        connection.execute(ALERTS)
        connection.execute(SNAPSHOT)
        yield connection


def _for_each_month(
    connection: duckdb.DuckDBPyConnection, make: Make, month: Callable[..., dict[str, Any]], prefix: str
) -> None:
    for key in MONTHS:
        for table in ORDER.get(prefix, (prefix,)):
            make(connection, table, month(key))


@dataclass(frozen=True)
class Case:
    """An expectation, and what breaks it.

    Attributes:
        table: the table checked.
        expectation: what must break.
        sql: what makes the data wrong.
        also: statements about the whole table that cannot but break with it; None where any may.
    """

    table: str
    expectation: str
    sql: str
    also: frozenset[str] | None = None

    def __str__(self) -> str:
        return f"{self.table}-{self.expectation}"


def _one(table: str, where: str = "true") -> str:
    return f"WHERE rowid = (SELECT min(rowid) FROM {table} WHERE {where})"


def _wrong_values(column: Column) -> Iterator[tuple[str, str]]:
    """For every rule of a column: its expectation, and SQL for a value that breaks it."""
    if not column.nullable:
        yield "expect_column_values_to_not_be_null", "NULL"
    if column.min is not None:
        yield "expect_column_values_to_be_between", f"{column.min} - 1"
    if column.max is not None:
        yield "expect_column_values_to_be_between", f"{column.max} + 1"
    if column.values is not None:
        yield "expect_column_values_to_be_in_set", "'no such value'"
    if column.pattern is not None:
        yield "expect_column_values_to_match_regex", "'#'"


def _column_rounds(contract: Contract) -> Iterator[tuple[set[tuple[str, str]], list[str]]]:
    """Rounds in which each column has at most one wrong value: expectations to break, and statements."""
    wrong = {name: list(_wrong_values(column)) for name, column in contract.columns.items()}
    for number in range(max(map(len, wrong.values()))):
        broken, statements = set(), []
        for name, values in wrong.items():
            if number < len(values):
                expectation, value = values[number]
                # A row without its month belongs to no month checked, so its other columns must stay right.
                place = "max" if name == "snapshot_month" else "min"
                row = f"(SELECT {place}(rowid) FROM {contract.table})"
                broken.add((expectation, name))
                statements.append(f'UPDATE {contract.table} SET "{name}" = {value} WHERE rowid = {row}')
        yield broken, statements


def _table_cases(contract: Contract) -> Iterator[Case]:
    """Wrong data for what every contract says of its table: names, key, column pairs, references, rows."""
    table = contract.table
    names = "expect_table_columns_to_match_ordered_list"
    first = next(iter(contract.columns))
    yield Case(table, names, f"ALTER TABLE {table} ADD COLUMN unknown INTEGER")
    yield Case(table, names, f'ALTER TABLE {table} RENAME COLUMN "{first}" TO renamed')
    if contract.key:
        yield Case(table, "key_is_unique", f"INSERT INTO {table} SELECT * FROM {table} {_one(table)}")
    for pair in contract.pairs:
        where = _one(table, f'"{pair.at_least}" IS NOT NULL')
        sql = f'UPDATE {table} SET "{pair.of}" = "{pair.at_least}" + 1 {where}'
        yield Case(table, f"{pair.at_least}_is_at_least_{pair.of}", sql)
    for column, target in contract.references.items():
        parent = target.rsplit(".", 1)[0].replace(".", "_")
        sql = f"UPDATE {table} SET \"{column}\" = 'nobody' {_one(table)}"
        yield Case(table, f"{column}_is_in_{parent}", sql, frozenset())
    if not contract.may_be_empty or contract.source is not None:
        yield Case(table, "has_rows", f"DELETE FROM {table}")


def _update(table: str, change: str, where: str = "true") -> str:
    return f"UPDATE {table} SET {change} {_one(table, where)}"


def _delete(table: str, where: str = "true") -> str:
    return f"DELETE FROM {table} {_one(table, where)}"


_STRANGER = "customer_unique_id = 'nobody'"
# Of each contract's own facts: what breaks it, and what cannot but break with it.
FACTS: dict[str, dict[str, str | tuple[str, ...]]] = {
    "raw.data_source": {"the_source_is_one": "INSERT INTO raw.data_source FROM raw.data_source"},
    "raw.geolocation": {"points_lie_in_brazil": _update("raw.geolocation", "geolocation_lat = 50")},
    "raw.loads": {
        "every_row_read_is_kept_or_rejected": _update("raw.loads", "rows_read = rows_read + 1"),
    },
    "staging.places": {
        "every_point_inside_brazil_is_used_once": _update("staging.places", "point_count = point_count + 1"),
    },
    "staging.customers": {
        "every_person_is_here_once": _delete("staging.customers"),
        "birth_dates_are_plausible": _update("staging.customers", "birth_date = DATE '1850-01-01'"),
    },
    "staging.purchases": {
        "value_is_price_plus_freight": _update("staging.purchases", "price_brl = price_brl + 1"),
        "money_of_the_items_is_preserved": _update(
            "raw.order_items", "price = price + 0.01", "order_id IN (SELECT order_id FROM staging.purchases)"
        ),
        "every_order_that_counts_is_a_purchase": (
            _delete("staging.purchases"),
            "money_of_the_items_is_preserved",
        ),
        "distances_are_known_where_both_places_are": _update(
            "staging.purchases", "distance_km = NULL", "distance_km IS NOT NULL"
        ),
        "payments_agree_with_the_value": _update(
            "staging.purchases", "payment_brl = payment_brl + 1", "payment_brl > 0"
        ),
    },
    "staging.reviews": {"every_reviewed_order_is_here": _delete("staging.reviews")},
    "features.customer_rfm": {
        "frequency_and_recency_agree": _update(
            "features.customer_rfm", "monetary_value = 5", "frequency = 0"
        ),
        "every_customer_of_the_month_is_here": _delete("features.customer_rfm", "frequency = 0"),
        "repeat_money_is_preserved": _update(
            "features.customer_rfm", "monetary_value = monetary_value + 0.01", "frequency = 1"
        ),
    },
    "features.customer_behaviour": {
        "customers_are_those_of_customer_rfm": _update("features.customer_behaviour", _STRANGER),
        "purchase_days_are_one_more_than_frequency": _update(
            "features.customer_behaviour", "purchase_days = 1", "purchase_days = 2"
        ),
        "an_only_order_is_the_first": _update(
            "features.customer_behaviour", "first_basket_items = first_basket_items + 1", "order_count = 1"
        ),
        "month_and_weekday_are_those_of_the_last_purchase": _update(
            "features.customer_behaviour", "last_purchase_month = 13 - last_purchase_month"
        ),
        "money_of_the_purchases_is_preserved": _update(
            "features.customer_behaviour", "value_brl = value_brl + 0.01", "order_count > 1"
        ),
    },
    "features.clv_training": {
        "customers_of_the_month_are_counted": _update(
            "features.clv_training", "customers = customers + 1", "split = 'full' AND frequency = 0"
        ),
        "repeat_purchases_are_preserved": _update(
            "features.clv_training", "frequency = frequency + 1000", "split = 'full'"
        ),
        "what_followed_is_told_exactly_for_the_calibration": _update(
            "features.clv_training", "holdout_purchases = 0", "split = 'full'"
        ),
        "repeat_value_needs_a_repeat_purchase": _update(
            "features.clv_training", "monetary_value = 5", "split = 'calibration' AND frequency = 0"
        ),
        "money_of_the_holdout_is_preserved": _update(
            "features.clv_training", "holdout_value_brl = holdout_value_brl + 0.01", "split = 'calibration'"
        ),
    },
    "features.purchase_counts": {
        "new_customers_add_up_to_all_customers": _update(
            "features.purchase_counts", "new_customers = new_customers + 1"
        ),
        "repeat_purchases_add_up_to_all_frequencies": _update(
            "features.purchase_counts", "repeat_purchases = repeat_purchases + 1"
        ),
    },
    "features.churn_training": {
        "labels_end_by_the_as_of_date": _update(
            "features.churn_training", "split = 'training'", "split = 'validation'"
        ),
        "returns_are_purchases_after_the_cutoff": _update(
            "features.churn_training", "is_churned = NOT is_churned"
        ),
    },
    "models.cltv_model": {
        "every_month_refers_to_a_model_or_says_why_not": _update("models.cltv_model", "model_version = NULL"),
        "every_fitted_version_has_a_decision": _update("models.cltv_model", "decision_reason = NULL"),
        "every_month_is_here": _delete("models.cltv_model"),
    },
    "models.churn_model": {
        "every_month_refers_to_a_model_or_says_why_not": _update("models.churn_model", "reason = ''"),
        "every_fitted_version_has_a_decision": _update("models.churn_model", "status = 'kept'"),
        "no_model_is_too_good_to_be_true": _update("models.churn_model", "trained_roc_auc = 0.901"),
        "every_month_is_here": _delete("models.churn_model"),
    },
    "scores.customer_cltv": {
        "customers_are_those_of_the_month": _update("scores.customer_cltv", _STRANGER),
        "scores_are_complete_exactly_with_a_model": _update("scores.customer_cltv", "p_alive = NULL"),
        "next_purchases_lie_ahead": _update(
            "scores.customer_cltv",
            "expected_next_purchase_date = DATE '2018-08-31'",
            "snapshot_month = '2018-08' AND expected_next_purchase_date IS NOT NULL",
        ),
    },
    "scores.customer_churn": {
        "customers_are_those_of_the_month": _delete("scores.customer_churn"),
        "every_score_has_a_reason": _update("scores.customer_churn", "reasons = '[]'"),
        "bands_follow_the_stored_rule": _update(
            "scores.customer_churn", "risk_band = 'green'", "risk_band = 'red'"
        ),
    },
    "scores.customer_segments": {
        "customers_are_those_of_the_month": _update("scores.customer_segments", _STRANGER),
        "high_value_customers_are_worth_more": (
            "UPDATE scores.customer_segments SET value_tier = 'Low Value' WHERE customer_unique_id = "
            "(SELECT arg_max(customer_unique_id, cltv) FROM scores.customer_cltv "
            "WHERE snapshot_month = '2018-08')"
        ),
        "a_reason_has_its_figure": _update(
            "scores.customer_segments", "action_reason_value = NULL", "action = 'Win-back'"
        ),
    },
    "marts.segment_forecast": {
        "totals_are_those_of_the_scores": _update(
            "marts.segment_forecast", "cltv_total = cltv_total + 0.02", "dimension = 'total'"
        ),
    },
    "marts.population_drift": {
        "no_feature_has_left_the_training_data": _update(
            "marts.population_drift", "psi = 0.31", "feature = 'recency_days'"
        ),
        "the_score_has_not_left_the_training_data": _update(
            "marts.population_drift", "psi = 0.31", "feature = 'churn_probability'"
        ),
    },
    "marts.segment_summary": {
        "every_expected_value_has_an_interval": _update(
            "marts.segment_summary", "cltv_low = NULL, cltv_high = NULL", "cltv_low IS NOT NULL"
        ),
        "segments_of_a_dimension_add_up": _update(
            "marts.segment_summary", "customers = customers + 1", "dimension = 'action'"
        ),
        "total_counts_every_customer_and_centavo": _update(
            "features.customer_behaviour", "value_brl = value_brl + 0.01"
        ),
    },
    "marts.cltv_trend": {
        "every_expected_value_has_an_interval": _update("marts.cltv_trend", "cltv_high = NULL"),
        "value_tiers_add_up": _update("marts.cltv_trend", "cltv_low_value = cltv_low_value + 0.02"),
        "revenue_is_preserved": _update("marts.cltv_trend", "revenue_brl = revenue_brl + 0.01"),
        "every_month_is_here": _delete("marts.cltv_trend"),
    },
    "marts.model_quality": {
        "probabilities_lie_in_the_unit_interval": _update(
            "marts.model_quality", "value = 1.01", "kind = 'validation'"
        ),
        "outcomes_are_those_of_past_predictions": _update(
            "marts.model_quality", "value = value + 0.01", "metric = 'purchases_error'"
        ),
        "outcomes_alone_name_a_scored_month": _update(
            "marts.model_quality", "scored_month = '2018-01'", "kind = 'validation'"
        ),
    },
    "marts.past_predictions": {
        "horizons_have_passed": _update(
            "marts.past_predictions", "evaluated_to = evaluated_to + 1", "metric = 'roc_auc'"
        ),
        "errors_are_those_of_the_amounts": _update(
            "marts.past_predictions", "value = value + 0.01", "metric = 'value_error'"
        ),
        "probabilities_lie_in_the_unit_interval": _update(
            "marts.past_predictions", "value = -0.01", "metric = 'roc_auc'"
        ),
        "purchases_seen_are_those_of_the_customers_scored": _update(
            "marts.past_predictions",
            "seen = seen + 1, value = predicted / (seen + 1) - 1",
            "metric = 'purchases_error'",
        ),
        "returns_seen_are_those_of_the_customers_scored": _update(
            "marts.past_predictions",
            "seen = seen / 2, value = predicted / (seen / 2) - 1",
            "metric = 'return_rate_error'",
        ),
    },
    "publish.alerts": {
        "customers_that_turned_red_are_red_and_of_high_value": _update(
            "publish.alerts", "subject = 'nobody'", "kind = 'customer_turned_red'"
        ),
    },
    "publish.dashboard_snapshot": {
        "customers_and_purchases_are_those_of_the_warehouse": _update(
            "publish.dashboard_snapshot", "customers = customers + 1"
        ),
    },
}


def _fact_cases() -> Iterator[Case]:
    for table, facts in FACTS.items():
        for name, wrong in facts.items():
            sql, *also = (wrong,) if isinstance(wrong, str) else wrong
            yield Case(table, name, sql, frozenset(also))


CONTRACTS = {key: table.contract for key, table in catalog().items()}
CASES = [*(case for contract in CONTRACTS.values() for case in _table_cases(contract)), *_fact_cases()]


def _broken(
    connection: duckdb.DuckDBPyConnection, contract: Contract, statements: list[str]
) -> set[tuple[str, str]]:
    """The expectations that break after some statements, which are then undone."""
    connection.begin()
    try:
        for statement in statements:
            connection.execute(statement)
        results = check_table(connection, contract, CHECKED)
    finally:
        connection.rollback()
    return {(result.expectation, result.column) for result in results if not result.passed}


@pytest.mark.parametrize("table", catalog())
def test_every_expectation_holds_on_a_valid_warehouse(
    warehouse: duckdb.DuckDBPyConnection, table: str
) -> None:
    results = check_table(warehouse, catalog()[table].contract, CHECKED)
    assert [result for result in results if not result.passed] == []
    assert all(result.observed == "holds" for result in results)


@pytest.mark.parametrize("table", catalog())
def test_every_expectation_has_data_on_which_it_breaks(
    warehouse: duckdb.DuckDBPyConnection, table: str
) -> None:
    contract = CONTRACTS[table]
    results = check_table(warehouse, contract, CHECKED)
    expected = [(result.expectation, result.column) for result in results]
    broken = {(case.expectation, "") for case in CASES if case.table == table}
    assert len(expected) == len(set(expected))
    assert set(expected) == broken.union(*(wrong for wrong, _ in _column_rounds(contract)))


@pytest.mark.parametrize("table", catalog())
def test_a_wrong_value_breaks_exactly_its_columns_expectation(
    warehouse: duckdb.DuckDBPyConnection, table: str
) -> None:
    contract = CONTRACTS[table]
    for expected, statements in _column_rounds(contract):
        broken = _broken(warehouse, contract, statements)
        assert {one for one in broken if one[1]} == expected


@pytest.mark.parametrize("case", CASES, ids=str)
def test_wrong_data_break_exactly_their_expectation(warehouse: duckdb.DuckDBPyConnection, case: Case) -> None:
    contract = CONTRACTS[case.table]
    broken = _broken(warehouse, contract, [case.sql])
    if case.also is None:
        others = {fact.name for fact in table_facts(contract)} - {case.expectation}
        broken = {one for one in broken if one[0] not in others}
    assert broken == {(case.expectation, ""), *((name, "") for name in case.also or ())}


LETTERS = Contract(
    layer="raw",
    name="letters",
    description="",
    grain="",
    columns={
        "id": Column(type="VARCHAR", meaning="", pattern="^[a-z]+$"),
        "n": Column(type="INTEGER", meaning="", min=0, max=10),
        "least": Column(type="BIGINT", meaning="", min=-3, nullable=True),
        "money": Column(type="DECIMAL(14,2)", meaning="", min=0.01),
        "share": Column(type="DOUBLE", meaning="", min=0, max=1, nullable=True),
        "most": Column(type="DOUBLE", meaning="", max=5),
        "kind": Column(type="VARCHAR", meaning="", values=("a", "b"), nullable=True),
        "day": Column(type="DATE", meaning=""),
        "flag": Column(type="BOOLEAN", meaning="", nullable=True),
    },
)
GOOD: dict[str, list[Any]] = {
    "id": ["x", "yz"],
    "n": [0, 5, 10],
    "least": [-3, 10**15, None],
    "money": [0.01, 99.5],
    "share": [0.0, 0.3, 1.0, None],
    "most": [-1e300, 5.0],
    "kind": ["a", "b", None],
    "day": [dt.date(2018, 1, 1)],
    "flag": [True, False, None],
}
BAD: dict[str, list[Any]] = {
    "id": ["X", "", "a1", None],
    "n": [-1, 11, None],
    "least": [-4],
    "money": [0.0, -5.0, None],
    "share": [-1e-9, 1.0000001, 2.0],
    "most": [5.1, None],
    "kind": ["c", "A"],
    "day": [None],
    "flag": [],
}


def _outcomes_on_all_rows(frame: pd.DataFrame) -> dict[tuple[str, str], bool]:
    """What Great Expectations itself finds when it is given every row."""
    import great_expectations as gx

    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("rows")
    definition = source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("rows")
    suite = gx.ExpectationSuite(name="rows", expectations=column_suite(LETTERS))
    outcome = definition.get_batch(batch_parameters={"dataframe": frame}).validate(suite)
    return {
        (found.expectation_config.type, found.expectation_config.kwargs.get("column", "")): found.success
        for found in outcome.results
    }


@pytest.mark.parametrize("seed", range(25))
def test_witnesses_decide_as_all_rows_would(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ensure_table(connection, LETTERS)
    rows = 0 if seed == 0 else int(rng.integers(1, 60))
    is_wrong = {name: seed > 1 and rng.random() < 0.4 for name in GOOD}
    for row in range(rows):
        values = []
        for name, good in GOOD.items():
            spoils = is_wrong[name] and BAD[name] and (row == 0 or rng.random() < 0.1)
            choices = BAD[name] if spoils else good
            values.append(choices[rng.integers(len(choices))])
        connection.execute(f"INSERT INTO raw.letters VALUES ({', '.join('?' * len(values))})", values)
    results = check_table(connection, LETTERS.model_copy(update={"may_be_empty": True}), {})
    found = {(result.expectation, result.column): result.passed for result in results}
    frame = connection.execute("FROM raw.letters").df()
    assert found == _outcomes_on_all_rows(frame)
    if seed > 1:
        wrong = {name for name, is_so in is_wrong.items() if is_so and BAD[name]}
        assert {column for (_, column), passed in found.items() if not passed} == wrong


@pytest.mark.parametrize(
    ("column", "expectation"),
    [
        ("share", "expect_column_values_to_be_between"),
        ("most", "expect_column_values_to_not_be_null"),
    ],
)
def test_a_value_that_is_no_number_breaks_its_column(
    connection: duckdb.DuckDBPyConnection, column: str, expectation: str
) -> None:
    ensure_table(connection, LETTERS)
    connection.execute("INSERT INTO raw.letters VALUES ('x', 1, 1, 1, 0.5, 1, 'a', DATE '2018-01-01', true)")
    assert all(result.passed for result in check_table(connection, LETTERS, {}))
    connection.execute(f"UPDATE raw.letters SET {column} = 'NaN'")
    broken = {(r.expectation, r.column) for r in check_table(connection, LETTERS, {}) if not r.passed}
    assert (expectation, column) in broken


def test_a_result_says_what_was_found(warehouse: duckdb.DuckDBPyConnection) -> None:
    contract = catalog()["staging.purchases"].contract
    warehouse.begin()
    try:
        warehouse.execute("UPDATE staging.purchases SET order_status = 'lost', price_brl = price_brl + 1")
        results = check_table(warehouse, contract, CHECKED)
        (count,) = warehouse.execute("SELECT count(*) FROM staging.purchases").fetchone() or (0,)
    finally:
        warehouse.rollback()
    broken = {result.expectation: result for result in results if not result.passed}
    status = broken["expect_column_values_to_be_in_set"]
    assert (status.observed, status.severity) == ("found lost", "critical")
    assert status.meaning == contract.columns["order_status"].meaning
    assert broken["value_is_price_plus_freight"].observed == f"off by {count:,}"
    assert json.loads(status.observed_coded) == [{"code": "found", "values": {"values": ["lost"]}}]
    assert json.loads(status.meaning_coded) == [{"code": "in_set", "values": {}}]
    fact = broken["value_is_price_plus_freight"]
    assert json.loads(fact.observed_coded) == [{"code": "off_by", "values": {"count": count}}]
    assert fact.meaning_coded == "[]"


def test_other_months_are_not_looked_at(warehouse: duckdb.DuckDBPyConnection) -> None:
    contract = catalog()["scores.customer_churn"].contract
    july = {**CHECKED, "months": ["2018-07"], "as_of_dates": [dt.datetime(2018, 8, 1)]}
    warehouse.begin()
    try:
        warehouse.execute("UPDATE scores.customer_churn SET risk_band = 'x' WHERE snapshot_month = '2018-08'")
        assert all(result.passed for result in check_table(warehouse, contract, july))
        assert not all(result.passed for result in check_table(warehouse, contract, CHECKED))
    finally:
        warehouse.rollback()


def test_a_fact_that_counts_nothing_does_not_hold(connection: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT sum(n) FROM raw.letters"
    contract = LETTERS.model_copy(
        update={"facts": (Fact(name="sums", meaning="", violations=sql),), "may_be_empty": True}
    )
    ensure_table(connection, contract)
    assert [(r.expectation, r.observed) for r in check_table(connection, contract, {}) if not r.passed] == [
        ("sums", "nothing to count")
    ]


def test_kept_results_are_those_of_the_latest_check(warehouse: duckdb.DuckDBPyConnection) -> None:
    contract = catalog()["raw.sellers"].contract
    results = check_table(warehouse, contract, {})
    for _ in range(2):
        keep_results(warehouse, contract, results)
    kept = warehouse.execute("SELECT table_name, expectation, is_passed FROM publish.data_checks").fetchall()
    assert kept == [("raw.sellers", result.expectation, True) for result in results]


def test_results_of_an_older_version_give_way(connection: duckdb.DuckDBPyConnection) -> None:
    ensure_table(connection, LETTERS)
    connection.execute("CREATE TABLE publish.data_checks (table_name VARCHAR, expectation VARCHAR)")
    results = check_table(connection, LETTERS, {})
    keep_results(connection, LETTERS, results)
    (kept,) = connection.execute("SELECT count(meaning_coded) FROM publish.data_checks").fetchone() or (0,)
    assert kept == len(results)


@pytest.mark.parametrize("value", ["'inf'", "'nan'"])
def test_a_score_that_is_no_number_breaks_its_range(warehouse: duckdb.DuckDBPyConnection, value: str) -> None:
    contract = CONTRACTS["scores.customer_cltv"]
    wrong = _update("scores.customer_cltv", f"expected_spend = {value}")
    broken = _broken(warehouse, contract, [wrong])

    assert ("expect_column_values_to_be_between", "expected_spend") in broken
