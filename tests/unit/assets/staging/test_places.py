"""A zip prefix lies at the medians of its points inside Brazil; points elsewhere do not count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

Put = Callable[[str, list[dict[str, Any]]], None]
Build = Callable[..., list[dict[str, Any]]]
Make = Callable[[duckdb.DuckDBPyConnection, str, dict[str, Any]], None]


def point(prefix: str, latitude: float, longitude: float) -> dict[str, Any]:
    return {
        "geolocation_zip_code_prefix": prefix,
        "geolocation_lat": latitude,
        "geolocation_lng": longitude,
        "geolocation_city": "recife",
        "geolocation_state": "PE",
    }


def test_a_prefix_lies_at_the_medians_of_its_points(put: Put, build: Build) -> None:
    put(
        "raw.geolocation",
        [
            point("50010", -8.0, -35.0),
            point("50010", -8.5, -34.5),
            point("50010", -9.0, -34.0),
            point("01310", -23.0, -46.0),
            point("01310", -24.0, -47.0),
        ],
    )
    assert build("staging.places") == [
        {"zip_prefix": "01310", "latitude": -23.5, "longitude": -46.5, "point_count": 2},
        {"zip_prefix": "50010", "latitude": -8.5, "longitude": -34.5, "point_count": 3},
    ]


@pytest.mark.parametrize(
    ("latitude", "longitude", "is_inside"),
    [
        (-34, -74.1, True),
        (6, -28, True),
        (-34.001, -50, False),
        (6.001, -50, False),
        (-20, -74.101, False),
        (-20, -27.999, False),
        (41.15, -8.61, False),
    ],
)
def test_points_outside_the_rectangle_around_brazil_are_left_out(
    put: Put, build: Build, latitude: float, longitude: float, is_inside: bool
) -> None:
    put("raw.geolocation", [point("50010", -10, -40), point("50010", latitude, longitude)])
    put("raw.geolocation", [point("99999", latitude, longitude)])
    found = {row["zip_prefix"]: row["point_count"] for row in build("staging.places")}
    assert found == ({"50010": 2, "99999": 1} if is_inside else {"50010": 1})


def test_a_shop_without_geolocation_has_no_places(build: Build) -> None:
    assert build("staging.places") == []


def test_prefixes_of_a_simulated_shop_lie_in_their_state(
    connection: duckdb.DuckDBPyConnection, simulated_shop: Path, load_shop: Callable[..., None], make: Make
) -> None:
    load_shop(connection, simulated_shop)
    make(connection, "staging.places", {})
    latitudes = dict(
        connection.execute(
            "SELECT customer_state, median(latitude) FROM raw.customers JOIN staging.places "
            "ON customer_zip_code_prefix = zip_prefix WHERE customer_state IN ('RS', 'SP', 'BA') GROUP BY ALL"
        ).fetchall()
    )
    assert -33 < latitudes["RS"] < -27 < latitudes["SP"] < -19 < latitudes["BA"] < -8
