"""The shop that benchmarks measure on can be made."""

from __future__ import annotations

from tests.benchmarks.shop import staged_shop


def test_the_staged_shop_has_every_customer_and_what_they_bought() -> None:
    with staged_shop(300) as connection:
        row = connection.execute(
            "SELECT count(*), count(DISTINCT customer_unique_id) FROM staging.purchases "
            "JOIN staging.customers USING (customer_unique_id)"
        ).fetchone()
    assert row is not None
    assert row[1] == 300
    assert row[0] >= 300
