"""The application: pages, API, errors and headers."""

from __future__ import annotations

import html
import re

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.static_files import NotBuiltError

MARKUP = "<img src=x onerror=alert(1)></script>"


def _legend(text: str, dimension: str) -> dict[str, int]:
    table = re.search(rf'id="legend-{dimension}".*?</table>', text, re.DOTALL)
    assert table
    found = re.findall(r'data-segment="([^"]*)".*?data-count="(\d+)"', table[0], re.DOTALL)
    return {html.unescape(segment): int(count) for segment, count in found}


def _card(text: str, name: str) -> str:
    found = re.search(rf'data-card="{name}".*?data-value="([^"]*)"', text, re.DOTALL)
    assert found
    return html.unescape(found[1]).replace("\u00a0", " ")


def test_without_a_snapshot_the_page_says_which_command_to_run(client: TestClient) -> None:
    response = client.get("/")
    assert response.status_code == 503
    assert "crm run" in response.text
    assert client.get("/api/v1/summary").status_code == 503
    assert "nothing has been published" in client.get("/api/v1/healthz").json()["detail"]


def test_a_broken_snapshot_is_told_and_not_a_failure(client: TestClient, publish, rows) -> None:
    publish(rows, schema_version=99)
    assert client.get("/").status_code == 503
    assert "schema version 99" in client.get("/api/v1/healthz").json()["detail"]


def test_an_unknown_page_is_told_kindly_and_as_json_under_the_api(client: TestClient) -> None:
    response = client.get("/nowhere")
    assert (response.status_code, "does not exist" in response.text) == (404, True)
    response = client.get("/api/v1/nowhere")
    assert (response.status_code, response.json()) == (404, {"detail": "This page does not exist"})


def test_an_unforeseen_error_is_a_page_with_every_header(client: TestClient, publish, rows) -> None:
    rows["cltv_trend"].pop()
    publish(rows)
    response = client.get("/")
    assert (response.status_code, "Something went wrong" in response.text) == (500, True)
    assert "cltv_trend" not in response.text
    assert "script-src 'self'" in response.headers["content-security-policy"]


def test_the_last_day_known_is_the_day_before_the_as_of_midnight(client: TestClient, publish, rows) -> None:
    publish(rows)
    text = client.get("/").text
    assert "Data up to 29 August 2018" in text
    assert "1 Aug 2018 to 29 Aug 2018, from 2 purchases" in text


def test_health_names_the_snapshot(client: TestClient, publish, rows) -> None:
    publish(rows)
    assert client.get("/api/v1/healthz").json() == {"status": "ok", "snapshot_id": "2018-08-aaaaaaaaaaaa"}


def test_a_new_snapshot_is_shown_without_a_restart(client: TestClient, publish, rows) -> None:
    publish(rows)
    assert _card(client.get("/").text, "customers") == "4"
    rows["cltv_trend"][1]["customers"] = 5
    publish(rows, "2018-08-bbbbbbbbbbbb")
    assert _card(client.get("/").text, "customers") == "5"


def test_page_and_api_show_the_same_numbers(client: TestClient, publish, rows) -> None:
    publish(rows)
    page, answer = client.get("/").text, client.get("/api/v1/summary").json()
    assert (_card(page, "customers"), answer["headline"]["customers"]["value"]) == ("4", 4)
    assert _card(page, "value_at_risk_brl") == "R$ 1,234.56"
    assert answer["headline"]["value_at_risk_brl"]["value"] == 1234.56
    for dimension in ("value_tier", "age_band", "risk_band", "rfm_segment"):
        counted = {row["segment"]: row["customers"] for row in answer["segments"][dimension]}
        assert _legend(page, dimension) == counted


def test_numbers_carry_their_horizon_and_missing_ones_say_so(client: TestClient, publish, rows) -> None:
    publish(rows, horizon_days=77, cltv_horizon_days=222)
    text = client.get("/").text
    assert "in the next 222 days" in text
    assert "within 77 days" in text
    assert "not enough data" in text
    assert "180 days" not in text
    assert "365 days" not in text


def test_a_month_without_scores_does_not_pretend_that_nobody_is_at_risk(
    client: TestClient, publish, rows
) -> None:
    bands = [row for row in rows["segment_summary"] if row["dimension"] == "risk_band"]
    rows["segment_summary"] = [row for row in rows["segment_summary"] if row not in bands]
    rows["segment_summary"].append(bands[0] | {"snapshot_month": "2018-08", "customers": 4})
    publish(rows, risk_rule=None)
    text = client.get("/").text
    assert _card(text, "customers_at_risk") == "not enough data"
    assert client.get("/api/v1/summary").json()["headline"]["customers_at_risk"]["value"] is None


@pytest.mark.parametrize(
    ("changes", "present", "absent"),
    [
        ({"is_simulated": True}, ["Simulated data."], ["Ages are simulated"]),
        (
            {"is_simulated": True, "demographics": "simulated"},
            ["Ages are simulated too."],
            ["no-demographics"],
        ),
        ({"demographics": "simulated"}, ["Ages are simulated."], ["Simulated data."]),
        ({"demographics": "none"}, ["CRM_DEMOGRAPHICS=simulated"], ["Simulated data.", 'id="simulated"']),
        ({"demographics": "file"}, [], ["CRM_DEMOGRAPHICS", 'id="simulated"']),
    ],
)
def test_what_is_simulated_or_missing_is_said(client, publish, rows, changes, present, absent) -> None:
    publish(rows, **changes)
    text = client.get("/").text
    assert all(words in text for words in present)
    assert not any(words in text for words in absent)


def test_without_alerts_the_page_says_that_nothing_differs(client: TestClient, publish, rows) -> None:
    publish(rows)
    assert "No differences against the snapshot published before" in client.get("/").text


def test_an_empty_database_still_makes_a_page(client: TestClient, publish, rows) -> None:
    publish({"cltv_trend": rows["cltv_trend"]}, model_versions={}, risk_rule=None)
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/summary").status_code == 200


def test_markup_in_the_data_stays_text(client: TestClient, publish, model_rows) -> None:
    rows = model_rows
    rows["alerts"] = [
        {"alert_id": "a", "severity": MARKUP, "subject": MARKUP, "kind": MARKUP, "message": MARKUP}
    ]
    for row in rows["segment_summary"]:
        if row["dimension"] in ("rfm_segment", "action", "value_tier", "age_band"):
            row["segment"] += MARKUP
    rows["data_checks"][2] |= {"table_name": MARKUP, "observed": MARKUP, "expectation": MARKUP}
    rows["model_quality"][1] |= {"metric": MARKUP, "baseline": MARKUP, "baseline_value": 1.0}
    rows["glossary"] = [row | {"meaning": MARKUP} for row in rows["glossary"]]
    rows["model_history"][-1] |= {"choice": MARKUP, "reason": MARKUP, "decision_reason": MARKUP}
    rows["population_drift"][0] |= {"feature": MARKUP}
    rows["data_loads"][0] |= {"file_name": MARKUP, "note": MARKUP}
    publish(rows, source=MARKUP)
    for path in ("/", "/models"):
        text = client.get(path).text
        assert "<img src=x" not in text
        assert "onerror" in text
        for block in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL):
            assert "<" not in block


def test_every_response_carries_the_headers_and_no_script_is_inline(
    client: TestClient, publish, rows
) -> None:
    publish(rows)
    for path in ("/", "/models", "/api/v1/docs", "/api/v1/summary", "/nowhere"):
        response = client.get(path)
        policy = response.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["cache-control"] == "no-cache"
        assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", response.text)
        assert not re.search(r"<script(?![^>]*(\bsrc=|application/json))", response.text)


def test_the_nonce_is_new_each_time_and_the_pages_own(client: TestClient, publish, rows) -> None:
    publish(rows)
    first, second = client.get("/"), client.get("/")
    nonces = [
        re.search(r"'nonce-([^']+)'", reply.headers["content-security-policy"])[1]
        for reply in (first, second)
    ]
    assert nonces[0] != nonces[1]
    assert f'nonce="{nonces[0]}"' in first.text


def test_a_foreign_host_name_is_refused(client: TestClient) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/", headers={"host": "127.0.0.1:8000"}).status_code == 503


def test_static_files_are_kept_for_ever_under_an_address_of_their_content(
    client, publish, rows, built
) -> None:
    publish(rows)
    address = re.search(r'href="(/static/[0-9a-f]{12}/app\.css)"', client.get("/").text)[1]
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    (built / "app.css").write_text("/* changed */", encoding="utf-8")
    with TestClient(create_app(Settings(_env_file=None), built), base_url="http://localhost") as other:
        assert other.get(address).status_code == 404


def test_missing_styles_stop_the_start_with_the_command_that_makes_them(tmp_path) -> None:
    with pytest.raises(NotBuiltError, match=r"lacks app\.css.*dashboard/build\.sh"):
        create_app(Settings(_env_file=None), tmp_path)


def test_links_to_the_tools_appear_when_configured(published, publish, rows, built) -> None:
    publish(rows)
    settings = Settings(home=published.parent, mlflow_url="http://localhost:5000", _env_file=None)
    with TestClient(create_app(settings, built), base_url="http://localhost") as client:
        text = client.get("/models").text
    assert 'href="http://localhost:5000/"' in text
    assert "Pipeline in Dagster" not in text


API = (
    "summary",
    "customers",
    "customers/{customer_unique_id}",
    "segments",
    "actions",
    "alerts",
    "models",
    "glossary",
    "healthz",
)


def test_the_api_is_documented(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert set(document["paths"]) == {f"/api/v1/{name}" for name in API}
    text = client.get("/api/v1/docs").text
    assert all(path in text for path in document["paths"])
    assert all(name in text for name in document["components"]["schemas"])
