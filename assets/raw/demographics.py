"""Draw birth dates for a shop that has none, from Brazil's census pyramid; opt-in, and labelled as simulated.

Stays out: real demographics, which are read from a file like any other table.
"""

from __future__ import annotations

import duckdb

from ml.statements import Statement

SIMULATED_AGES = Statement("ages_simulated", "simulated: ages drawn from Brazil's census pyramid")

# Share of the population by age in per cent, both sexes: IBGE, Censo Demografico 2010, table 1378
# (five-year groups; the last one is 80 years and over, drawn evenly up to 95).
CENSUS_PYRAMID: tuple[tuple[int, int, float], ...] = (
    (0, 5, 7.23),
    (5, 10, 7.85),
    (10, 15, 9.00),
    (15, 20, 8.91),
    (20, 25, 9.04),
    (25, 30, 8.97),
    (30, 35, 8.26),
    (35, 40, 7.27),
    (40, 45, 6.82),
    (45, 50, 6.20),
    (50, 55, 5.32),
    (55, 60, 4.34),
    (60, 65, 3.41),
    (65, 70, 2.54),
    (70, 75, 1.96),
    (75, 80, 1.34),
    (80, 95, 1.54),
)


def draw_demographics(connection: duckdb.DuckDBPyConnection, seed: int) -> int:
    """Fill `raw.customer_demographics` with one birth date per person, the same for the same person and seed.

    The age drawn is that on the day of the first order, so that later orders change nobody's birth date.

    Returns:
        The number of persons.
    """
    groups = ", ".join(str(group) for group in CENSUS_PYRAMID)
    connection.execute(
        f"""
        INSERT INTO raw.customer_demographics BY NAME
        WITH
        pyramid AS (
            SELECT age_from, age_to, share / sum(share) OVER () AS weight,
                (sum(share) OVER (ORDER BY age_from) - share) / sum(share) OVER () AS below
            FROM (VALUES {groups}) AS groups (age_from, age_to, share)
        ),
        shop AS (SELECT min(order_purchase_timestamp)::DATE AS first_day FROM raw.orders),
        persons AS (
            SELECT
                customer_unique_id,
                coalesce(min(order_purchase_timestamp)::DATE, any_value(first_day)) AS first_day,
                md5_number_lower(customer_unique_id || $seed::VARCHAR) / 18446744073709551616::DOUBLE AS draw
            FROM raw.customers LEFT JOIN raw.orders USING (customer_id) CROSS JOIN shop
            GROUP BY customer_unique_id
        ),
        ages AS (
            SELECT *, age_from + (age_to - age_from) * (draw - below) / weight AS age
            FROM persons ASOF JOIN pyramid ON persons.draw >= pyramid.below
        )
        SELECT customer_unique_id, first_day - CAST(365.25 * age AS INTEGER) AS birth_date
        FROM ages
        ORDER BY customer_unique_id
        """,
        {"seed": seed},
    )
    (count,) = connection.execute("SELECT count(*) FROM raw.customer_demographics").fetchone() or (0,)
    return int(count)
