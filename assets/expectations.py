"""Check a table against its contract with Great Expectations, on sufficient statistics.

Stays out: Dagster (`orchestration.checks` turns results into blocking asset checks).

Great Expectations has no DuckDB source, and copying every row of every table into pandas each night would
cost more than the models. What the engine hands over instead decides each expectation just as all rows would:

* witnesses: of each column its least and greatest value, or all its distinct values where a set or a pattern
  is expected, and a missing value if there is one. A column keeps its range, set, pattern or completeness
  exactly if its witnesses do.
* facts: of each statement about the whole table (key, order of two columns, references, sums, row counts) the
  number of violations, counted in SQL. The statement holds exactly if the number is 0.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from assets.contracts import Column, Contract, Fact
from assets.resources.warehouse import bind, transaction

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.expectations.expectation import Expectation


HAS_ROWS = "has_rows"


@dataclass(frozen=True)
class Result:
    """One expectation's outcome.

    Attributes:
        expectation: Great Expectations' name of it, or the fact's own.
        column: the column, empty for a statement about the whole table.
        severity: `critical` blocks what depends on the table, `warning` does not.
        passed: whether it holds.
        observed: what was found.
        meaning: the statement in words.
    """

    expectation: str
    column: str
    severity: str
    passed: bool
    observed: str
    meaning: str


def check_table(
    connection: duckdb.DuckDBPyConnection, contract: Contract, parameters: Mapping[str, Any]
) -> list[Result]:
    """Check a table: all its rows, or of a monthly table the rows of `$months`.

    Where the columns are not the contract's, nothing else can be said, and nothing else is.

    Args:
        connection: to the warehouse.
        contract: what must hold.
        parameters: what facts bind; `months` and `as_of_dates` for a monthly table.
    """
    suite = column_suite(contract)
    names = [name for (name, *_) in connection.execute(f"DESCRIBE {contract.table}").fetchall()]
    if names != list(contract.columns):
        return [
            _column_result(found, contract) for found in _validate(pd.DataFrame(columns=names), suite[:1])
        ]
    witnesses = find_witnesses(connection, contract, parameters)
    columns = [_column_result(found, contract) for found in _validate(witnesses, suite)]
    facts = table_facts(contract)
    counts = count_violations(connection, facts, parameters)
    found_facts = _validate(counts, [_fact_expectation(fact) for fact in facts])
    return columns + [_fact_result(fact, found) for fact, found in zip(facts, found_facts, strict=True)]


def column_suite(contract: Contract) -> list[Expectation]:
    """The expectations on single columns: names, missing values, ranges, sets, patterns."""
    import great_expectations.expectations as gxe

    suite: list[Expectation] = [gxe.ExpectTableColumnsToMatchOrderedList(column_list=list(contract.columns))]
    for name, column in contract.columns.items():
        suite.extend(_column_suite(name, column))
    return suite


def _column_suite(name: str, column: Column) -> Iterator[Expectation]:
    import great_expectations.expectations as gxe

    if not column.nullable:
        yield gxe.ExpectColumnValuesToNotBeNull(column=name)
    if column.min is not None or column.max is not None:
        yield gxe.ExpectColumnValuesToBeBetween(column=name, min_value=column.min, max_value=column.max)
    if column.values is not None:
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(column.values))
    if column.pattern is not None:
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex=column.pattern)


def table_facts(contract: Contract) -> list[Fact]:
    """The statements about the whole table: rows, key, order of columns, references, the contract's facts."""
    facts = [*_key_facts(contract), *_pair_facts(contract), *_reference_facts(contract), *contract.facts]
    if contract.may_be_empty and contract.source is None:
        return facts
    severity: Any = "warning" if contract.may_be_empty else "critical"
    count = f"SELECT (count(*) = 0)::INTEGER FROM {contract.table}{_of_months(contract)}"
    return [Fact(name=HAS_ROWS, meaning="The table has rows.", severity=severity, violations=count), *facts]


def _key_facts(contract: Contract) -> Iterator[Fact]:
    if contract.key:
        key = ", ".join(f'"{name}"' for name in contract.key)
        yield Fact(
            name="key_is_unique",
            meaning=f"No two rows share the key ({', '.join(contract.key)}).",
            violations=(
                f"SELECT count(*) - count(DISTINCT ({key})) FROM {contract.table}{_of_months(contract)}"
            ),
        )


def _pair_facts(contract: Contract) -> Iterator[Fact]:
    for pair in contract.pairs:
        yield Fact(
            name=f"{pair.at_least}_is_at_least_{pair.of}",
            meaning=f"{pair.at_least} is never below {pair.of}.",
            violations=(
                f'SELECT count(*) FILTER (WHERE "{pair.at_least}" < "{pair.of}") '
                f"FROM {contract.table}{_of_months(contract)}"
            ),
        )


def _reference_facts(contract: Contract) -> Iterator[Fact]:
    for column, target in contract.references.items():
        parent, parent_column = target.rsplit(".", 1)
        yield Fact(
            name=f"{column}_is_in_{parent.replace('.', '_')}",
            meaning=f"Every {column} is in {parent}.",
            severity="warning",
            violations=(
                f'SELECT count(*) FROM {contract.table} AS child WHERE "{column}" IS NOT NULL AND NOT EXISTS '
                f'(SELECT 1 FROM {parent} AS parent WHERE parent."{parent_column}" = child."{column}")'
            ),
        )


def find_witnesses(
    connection: duckdb.DuckDBPyConnection, contract: Contract, parameters: Mapping[str, Any]
) -> pd.DataFrame:
    """A small frame with the table's columns whose values decide every expectation on a single column.

    The column of the month is looked at in all rows: those without a month belong to none of `$months`.
    """
    names = list(contract.columns)
    parts = [_witness_sql(name, column) for name, column in contract.columns.items()]
    if contract.is_monthly:
        place = names.index("snapshot_month")
        parts[place] = f"(SELECT {parts[place]} FROM {contract.table})"
    sql = f"SELECT {', '.join(parts)} FROM {contract.table}{_of_months(contract)}"
    values = connection.execute(sql, bind(sql, parameters)).fetchone() or ()
    longest = max((len(found) for found in values), default=0)
    padded = {name: _padded(found, longest) for name, found in zip(names, values, strict=True)}
    return pd.DataFrame(padded, columns=names, dtype=object)


def _witness_sql(name: str, column: Column) -> str:
    """SQL for a column's witnesses. NaN is no number: it is missing, and lies outside of any range."""
    is_float = column.type == "DOUBLE"
    number = f"""nullif("{name}", 'NaN')""" if is_float else f'"{name}"'
    missing = f"if(count(*) > count({number}), [NULL], [])"
    if column.values is not None or column.pattern is not None:
        return f'coalesce(list(DISTINCT "{name}"), []) || {missing}'
    if column.min is None and column.max is None:
        return f"if(count({number}) > 0, ['known'], []) || {missing}"
    outside = f"if(count(\"{name}\") > count({number}), ['-inf', 'inf']::DOUBLE[], [])"
    extremes = f"list_distinct([min({number}), max({number})]::DOUBLE[])"
    return " || ".join([extremes, *([outside] if is_float else []), missing])


def _padded(values: Sequence[Any], length: int) -> list[Any]:
    return [*values, *[values[0] if values else None] * (length - len(values))]


def count_violations(
    connection: duckdb.DuckDBPyConnection, facts: Sequence[Fact], parameters: Mapping[str, Any]
) -> pd.DataFrame:
    """One row: for each statement about the whole table, how far the table is from it.

    A query that gives nothing, such as a sum over no rows, is infinitely far: it must not pass for 0.
    """
    counts = {}
    for fact in facts:
        (count,) = connection.execute(fact.violations, bind(fact.violations, parameters)).fetchone() or (
            None,
        )
        counts[fact.name] = [math.inf if count is None else float(count)]
    return pd.DataFrame(counts)


def _fact_expectation(fact: Fact) -> Expectation:
    import great_expectations.expectations as gxe

    severity: Any = fact.severity
    return gxe.ExpectColumnMaxToBeBetween(column=fact.name, min_value=0, max_value=0, severity=severity)


def _fact_result(fact: Fact, found: Any) -> Result:
    count = float(found.result["observed_value"])
    observed = "holds" if found.success else f"off by {count:,.2f}".removesuffix(".00")
    if math.isinf(count):
        observed = "nothing to count"
    if fact.name == HAS_ROWS and not found.success:
        observed = "it is empty"
    return Result(fact.name, "", fact.severity, bool(found.success), observed, fact.meaning)


def _column_result(found: Any, contract: Contract) -> Result:
    config = found.expectation_config
    name = config.kwargs.get("column", "")
    column = contract.columns.get(name)
    unexpected = dict.fromkeys(str(value) for value in found.result.get("partial_unexpected_list") or [])
    bad = ", ".join(list(unexpected)[:5])
    observed = "holds" if found.success else (f"found {bad}" if bad else "found missing values")
    if config.type == "expect_table_columns_to_match_ordered_list" and not found.success:
        observed = f"found {found.result.get('observed_value')}"
    return Result(
        config.type, name, "critical", bool(found.success), observed, column.meaning if column else ""
    )


def _validate(frame: pd.DataFrame, suite: Sequence[Expectation]) -> list[Any]:
    """Great Expectations' results in the suite's order; RuntimeError where one could not run."""
    import great_expectations as gx

    if not suite:
        return []
    batch = _batches().get_batch(batch_parameters={"dataframe": frame})
    outcome = batch.validate(gx.ExpectationSuite(name="contract", expectations=list(suite)))
    found_results: list[Any] = outcome.results
    by_config = {
        (found.expectation_config.type, _subject(found.expectation_config.kwargs)): found
        for found in found_results
    }
    results = [by_config[(item.expectation_type, _subject(item.configuration.kwargs))] for item in suite]
    for found in results:
        if found.exception_info and found.exception_info.get("raised_exception"):
            raise RuntimeError(f"{found.expectation_config.type} could not run: {found.exception_info}")
    return results


def _subject(kwargs: Mapping[str, Any]) -> str:
    return str(kwargs.get("column", ""))


def prepare_validation() -> None:
    """Import Great Expectations and set it up; the first check does so otherwise."""
    _batches()


@cache
def _batches() -> BatchDefinition:
    """Where frames are handed to Great Expectations; made once, since each change of it is serialised."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("warehouse")
    return source.add_dataframe_asset("table").add_batch_definition_whole_dataframe("rows")


def _of_months(contract: Contract) -> str:
    return " WHERE snapshot_month IN (SELECT unnest($months))" if contract.is_monthly else ""


def keep_results(
    connection: duckdb.DuckDBPyConnection, contract: Contract, results: Sequence[Result]
) -> None:
    """Replace the table's rows in `publish.data_checks` by the results of its latest check."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS publish.data_checks "
        "(table_name VARCHAR, expectation VARCHAR, column_name VARCHAR, severity VARCHAR, "
        "is_passed BOOLEAN, observed VARCHAR, meaning VARCHAR)"
    )
    with transaction(connection):
        connection.execute("DELETE FROM publish.data_checks WHERE table_name = ?", [contract.table])
        connection.executemany(
            "INSERT INTO publish.data_checks VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                [contract.table, r.expectation, r.column, r.severity, r.passed, r.observed, r.meaning]
                for r in results
            ],
        )
