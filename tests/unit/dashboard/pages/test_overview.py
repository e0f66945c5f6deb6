"""The overview's parts that lead on: links, intervals, alerts, empty charts, the line on trust."""

from __future__ import annotations

import html
import json
import re


def _chart(page: str, name: str) -> dict:
    return json.loads(re.search(rf'id="chart-{name}">(.*?)</script>', page)[1])


def test_slices_legend_and_table_lead_to_the_customers_of_a_segment(client, publish, rows) -> None:
    publish(rows)
    page = client.get("/").text
    assert [part["link"] for part in _chart(page, "risk_band")["slices"]] == [
        "/customers?risk_band=red",
        "/customers?risk_band=yellow",
        "/customers?risk_band=green",
    ]
    legend = page[page.index('id="legend-value_tier"') :].split("</table>")[0]
    assert re.findall(r'<a href="([^"]+)"', legend) == [
        "/customers?value_tier=High+Value",
        "/customers?value_tier=Low+Value",
    ]
    table = page[page.index('id="segment-table"') :].split("</table>")[0]
    assert "/customers?rfm_segment=Champions" in table
    assert 'href="/customers?action=VIP+promotion"' in page
    assert 'href="/actions"' in page
    assert 'href="/alerts"' in page
    assert 'href="/models"' in page[page.index('id="trust"') :]


def test_the_course_of_expected_revenue_has_its_interval_and_the_actual_one(client, publish, rows) -> None:
    publish(rows)
    expected, band, actual = _chart(client.get("/").text, "cltv")["series"]
    assert expected["values"] == [7.5, 10.0]
    assert (band["form"], band["values"], band["tops"]) == ("band", [6.0, 8.0], [10.5, 14.0])
    assert band["texts"][1].replace("\u00a0", " ") == "R$ 8.00 to R$ 14.00"
    assert actual["values"] == [300.0, 150.5]


def test_the_share_of_active_customers_is_said_with_its_days_and_change(client, publish, rows) -> None:
    publish(rows, horizon_days=77)
    page = html.unescape(client.get("/").text).replace("\u00a0", " ")
    card = page[page.index('data-card="active_share"') :].split("</li>")[0]
    assert 'data-value="75.0%"' in card
    assert "3 whose last purchase lies within the last 77 days" in card
    assert "+8.33 points" in card


def test_the_expected_revenue_carries_its_interval_where_there_is_one(client, publish, rows) -> None:
    publish(rows)
    assert "80% interval R$\u00a08.00 to R$\u00a014.00" in client.get("/").text
    rows["cltv_trend"][1] |= {"cltv_low": None, "cltv_high": None}
    publish(rows, "2018-08-bbbbbbbbbbbb")
    card = client.get("/").text.split('data-card="expected_revenue_brl"')[1].split("</li>")[0]
    assert "over the 365 days after the snapshot" in card
    assert "interval" not in card


def test_the_line_on_trust_counts_checks_and_names_the_ranking(client, publish, rows) -> None:
    publish(rows)
    line = client.get("/").text.split('id="trust"')[1].split("</section>")[0]
    assert "2 of 4 data checks passed, 2 to look at" in line
    assert "30 rows loaded, 1 set aside" in line
    assert "ROC AUC 0.600, naive baseline 0.500" in line
    rows |= {"data_checks": rows["data_checks"][:2], "model_quality": []}
    publish(rows, "2018-08-bbbbbbbbbbbb")
    line = client.get("/").text.split('id="trust"')[1].split("</section>")[0]
    assert "All 2 data checks passed" in line
    assert "has not been judged yet" in line


def test_one_month_is_no_course_but_a_table(client, publish, rows) -> None:
    rows["cltv_trend"] = rows["cltv_trend"][1:]
    rows["segment_summary"] = [row for row in rows["segment_summary"] if row["snapshot_month"] == "2018-08"]
    publish(rows, months=["2018-08"])
    page = client.get("/").text
    for name in ("cltv", "cltv-mean"):
        part = page.split(f'data-trend="{name}"')[1].split("</article>")[0]
        assert "Not enough data for a course over the months" in part
        assert "Aug 2018" in part
    assert 'data-chart="chart-risk"' in page
    assert page.count("No earlier month to compare with") == 7


def test_a_snapshot_without_segments_has_words_in_place_of_every_ring_and_table(
    client, publish, rows
) -> None:
    publish({"cltv_trend": rows["cltv_trend"]}, model_versions={}, risk_rule=None)
    page = client.get("/").text
    for name in ("value_tier", "risk_band", "age_band", "rfm_segment"):
        ring = page.split(f'data-donut="{name}"')[1].split("</article>")[0]
        assert "Not enough data" in ring
        assert "data-chart" not in ring
    assert page.split('id="segment-table"')[1].split("</table>")[0].count("Not enough data") == 3
    assert "Not enough data for recommendations" in page
    assert "No data checks are recorded" in page


def test_alerts_of_segments_are_named_as_terms_and_those_of_tables_as_they_are(client, publish, rows) -> None:
    alert = {"kind": "segment_jumped", "message": "Red grew."}
    rows["alerts"] = [
        alert | {"alert_id": "a", "severity": "critical", "dimension": "risk_band", "subject": "red"},
        *(
            alert
            | {"kind": "data_warning", "alert_id": f"a{i}", "expectation": "ids_are_unique"}
            | {"severity": "warning", "subject": f"raw.orders{i}"}
            for i in range(6)
        ),
    ]
    publish(rows)
    part = client.get("/").text.split('aria-labelledby="alerts"')[1].split("</section>")[0]
    assert "Red: at risk" in part
    assert re.search(r'translate="no">raw\.orders0 ids_are_unique<', part)
    assert "2 more" in part
