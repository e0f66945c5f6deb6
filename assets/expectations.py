"""Decide a table's expectations with Great Expectations, on the statistics that the engine hands over.

Stays out: gathering the statistics (`assets.statistics`), and where this runs (`assets.validation`).

Great Expectations has no DuckDB source, and copying every row of every table into pandas each night would cost
more than the models. On the witnesses of a column and the violations of a statement each expectation comes out
just as it would on all rows.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from assets.contracts import Column, Contract, Fact
from assets.statistics import HAS_ROWS, table_facts
from ml.statements import Statement, coded

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.core.result_format import ResultFormatUnion
    from great_expectations.expectations.expectation import Expectation


_COLUMNS = "expect_table_columns_to_match_ordered_list"
_HOLDS = Statement("holds", "holds")


@dataclass(frozen=True)
class Result:
    """One expectation's outcome.

    Attributes:
        expectation: Great Expectations' name of it, or the fact's own.
        column: the column, empty for a statement about the whole table.
        severity: `critical` blocks what depends on the table, `warning` does not.
        passed: whether it holds.
        observed: what was found, in words.
        observed_coded: the same as codes and values.
        meaning: the statement in words; of an expectation on a column what the column means.
        meaning_coded: the statement as codes and values; none of a fact that is the contract's own.
    """

    expectation: str
    column: str
    severity: str
    passed: bool
    observed: str
    observed_coded: str
    meaning: str
    meaning_coded: str


def decide_columns(contract: Contract, witnesses: pd.DataFrame) -> list[Result]:
    """The outcome of every expectation on single columns, given the columns' witnesses."""
    return [_column_result(found, contract) for found in _validate(witnesses, column_suite(contract))]


def decide_names(contract: Contract, names: Sequence[str]) -> list[Result]:
    """The outcome of the expectation on the names and order of the columns alone."""
    found = _validate(pd.DataFrame(columns=list(names)), column_suite(contract)[:1])
    return [_column_result(result, contract) for result in found]


def decide_facts(contract: Contract, violations: pd.DataFrame) -> list[Result]:
    """The outcome of every statement about the whole table, given how far the table is from each."""
    facts = table_facts(contract)
    found = _validate(violations, [_fact_expectation(fact) for fact in facts])
    return [_fact_result(fact, result) for fact, result in zip(facts, found, strict=True)]


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


def _fact_expectation(fact: Fact) -> Expectation:
    import great_expectations.expectations as gxe

    severity: Any = fact.severity
    return gxe.ExpectColumnMaxToBeBetween(column=fact.name, min_value=0, max_value=0, severity=severity)


def _fact_result(fact: Fact, found: Any) -> Result:
    observed = _HOLDS if found.success else _how_far(fact, float(found.result["observed_value"]))
    return Result(
        expectation=fact.name,
        column="",
        severity=fact.severity,
        passed=bool(found.success),
        observed=observed.words,
        observed_coded=coded([observed]),
        meaning=fact.meaning,
        meaning_coded=fact.coded,
    )


def _how_far(fact: Fact, count: float) -> Statement:
    if fact.name == HAS_ROWS:
        return Statement("is_empty", "it is empty")
    if math.isinf(count):
        return Statement("nothing_to_count", "nothing to count")
    return Statement("off_by", f"off by {count:,.2f}".removesuffix(".00"), {"count": count})


def _column_result(found: Any, contract: Contract) -> Result:
    config = found.expectation_config
    name = config.kwargs.get("column", "")
    column = contract.columns.get(name)
    observed = _HOLDS if found.success else _seen(config.type, found.result)
    return Result(
        expectation=config.type,
        column=name,
        severity="critical",
        passed=bool(found.success),
        observed=observed.words,
        observed_coded=coded([observed]),
        meaning=column.meaning if column else "",
        meaning_coded=coded([_asked_of_column(config.type)]),
    )


def _seen(expectation: str, result: Mapping[str, Any]) -> Statement:
    if expectation == _COLUMNS:
        names = result.get("observed_value")
        return Statement("found", f"found {names}", {"values": [str(name) for name in names or []]})
    unexpected = dict.fromkeys(str(value) for value in result.get("partial_unexpected_list") or [])
    few = list(unexpected)[:5]
    if not few:
        return Statement("found_missing", "found missing values")
    return Statement("found", f"found {', '.join(few)}", {"values": few})


def _asked_of_column(expectation: str) -> Statement:
    return {
        _COLUMNS: Statement("has_its_columns", "The table has its columns in their order."),
        "expect_column_values_to_not_be_null": Statement("never_missing", "No value is missing."),
        "expect_column_values_to_be_between": Statement("in_range", "Every value lies in its range."),
        "expect_column_values_to_be_in_set": Statement("in_set", "Every value is one of those known."),
        "expect_column_values_to_match_regex": Statement("has_form", "Every value has its form."),
    }[expectation]


def _validate(frame: pd.DataFrame, suite: Sequence[Expectation]) -> list[Any]:
    """Great Expectations' results in the suite's order; RuntimeError where one could not run.

    What was found is asked for where an expectation does not hold; to know that it holds costs half as much.
    """
    verdicts = _outcomes(frame, suite, "BOOLEAN_ONLY")
    broken = [item for item, verdict in zip(suite, verdicts, strict=True) if not verdict.success]
    told = iter(_outcomes(frame, broken, "SUMMARY"))
    return [verdict if verdict.success else next(told) for verdict in verdicts]


def _outcomes(
    frame: pd.DataFrame, suite: Sequence[Expectation], result_format: ResultFormatUnion
) -> list[Any]:
    import great_expectations as gx

    if not suite:
        return []
    batch = _batches().get_batch(batch_parameters={"dataframe": frame})
    contract = gx.ExpectationSuite(name="contract", expectations=list(suite))
    found_results: list[Any] = batch.validate(contract, result_format=result_format).results
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


def prepare() -> None:
    """Import Great Expectations and set it up; the first decision does so otherwise."""
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
