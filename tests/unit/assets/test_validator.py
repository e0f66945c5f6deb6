"""The process of Great Expectations: answers belong to their questions, and failures are said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from assets.catalog import catalog
from assets.contracts import Fact
from assets.validation import check_table
from assets.validator import Validator, ValidatorError, validator

SELLERS = catalog()["raw.sellers"].contract
NAMES = list(SELLERS.columns)


@pytest.fixture
def process() -> Iterator[Validator]:
    started = Validator()
    yield started
    started.end()


def test_a_failure_is_said_with_its_cause_and_the_next_answer_is_its_own(process: Validator) -> None:
    with pytest.raises(ValidatorError, match="no_such_decision"):
        process.ask("no_such_decision")
    (result,) = process.ask("decide_names", SELLERS, NAMES)
    assert result.passed
    (result,) = process.ask("decide_names", SELLERS, NAMES[::-1])
    assert not result.passed


def test_a_process_that_ended_is_said_and_another_takes_its_place() -> None:
    first = validator()
    first.end()
    with pytest.raises(ValidatorError, match="ended early"):
        first.ask("decide_names", SELLERS, NAMES)
    assert validator() is not first
    assert validator().ask("decide_names", SELLERS, NAMES)[0].passed


def test_a_check_whose_query_fails_leaves_no_answer_for_the_next_table(
    connection: duckdb.DuckDBPyConnection, put: Callable[[str, list[dict[str, Any]]], None]
) -> None:
    put("raw.sellers", [])
    put("raw.products", [])
    broken = Fact(
        name="broken", meaning="Its query fails.", violations="SELECT count(*) FROM raw.no_such_table"
    )
    with pytest.raises(duckdb.CatalogException, match="no_such_table"):
        check_table(connection, SELLERS.model_copy(update={"facts": (broken,)}), {})
    results = check_table(connection, catalog()["raw.products"].contract, {})
    columns = {result.column for result in results if result.column}
    assert columns <= set(catalog()["raw.products"].contract.columns)
    assert "product_id" in columns
