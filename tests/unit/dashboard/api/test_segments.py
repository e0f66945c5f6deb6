"""The API of segments and actions: what it accepts, and that it knows every term."""

from __future__ import annotations

from typing import Literal, get_args

import pytest
from fastapi.testclient import TestClient

from dashboard import terms
from dashboard.api import actions, segments
from dashboard.queries.cube import DIMENSIONS


@pytest.mark.parametrize(
    ("dimension", "names"),
    [
        ("value_tier", segments.ValueTier),
        ("age_band", segments.AgeBand),
        ("risk_band", segments.RiskBand),
        ("rfm_segment", segments.RfmSegment),
        ("action", actions.ActionName),
    ],
)
def test_the_api_knows_every_segment_of_the_terms(dimension: str, names: Literal) -> None:
    known = get_args(names)
    assert [terms.rank(dimension, name)[0] for name in known] == list(range(len(known)))
    assert terms.rank(dimension, "none of them")[0] == len(known)


def test_the_api_crosses_what_the_cube_has() -> None:
    assert get_args(segments.Dimension) == DIMENSIONS


@pytest.mark.parametrize(
    "query",
    [
        "segments?rows=city",
        "segments?risk_band=purple",
        "segments?age_band=Adult",
        "actions?action=Spam",
        "actions?response_percent=101",
        "actions?margin_percent=-1",
        "actions?contact_cost_brl=nan",
        "actions?contact_cost_brl=inf",
        "actions?budget_brl=much",
    ],
)
def test_what_is_unknown_or_out_of_bounds_is_refused(client: TestClient, publish, rows, query: str) -> None:
    publish(rows)
    assert client.get(f"/api/v1/{query}").status_code == 422


def test_a_known_segment_without_customers_has_zero(client: TestClient, publish, rows) -> None:
    publish(rows)
    answer = client.get("/api/v1/segments?risk_band=green&rows=risk_band&columns=risk_band").json()["cross"]
    assert answer["total"]["customers"] == 0
    assert [edge["segment"] for edge in answer["rows"]] == ["green"]
    assert answer["filters"] == {"risk_band": ["green"]}


def test_segments_and_movement_are_in_the_answer(client: TestClient, publish, rows) -> None:
    publish(rows)
    answer = client.get("/api/v1/segments").json()
    assert set(answer["segments"]) == set(DIMENSIONS)
    assert (answer["movements"], answer["compared_with"]) == ([], None)


def test_actions_are_in_the_answer_with_the_chosen(client: TestClient, publish, rows) -> None:
    publish(rows)
    answer = client.get("/api/v1/actions?action=Nurture").json()
    assert [one["segment"]["segment"] for one in answer["actions"]] == ["VIP promotion", "Nurture"]
    assert (answer["chosen"], answer["plan"]) == (["Nurture"], None)


def test_both_are_documented_with_examples(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for path in ("/api/v1/segments", "/api/v1/actions"):
        for parameter in paths[path]["get"]["parameters"]:
            assert parameter["description"]
            assert parameter["schema"]["examples"]
        assert "503" in paths[path]["get"]["responses"]


def test_without_a_snapshot_there_is_a_503(client: TestClient) -> None:
    for path in ("/segments", "/actions", "/api/v1/segments", "/api/v1/actions"):
        assert client.get(path).status_code == 503
