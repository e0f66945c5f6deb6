"""The page of the segments and its parts."""

from __future__ import annotations

import html
import re
from dataclasses import fields
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from jinja2 import meta
from starlette.datastructures import QueryParams

from dashboard.pages.cut_form import cut_form, read_cut
from dashboard.pages.heat import FEW, LEVELS, heat_table
from dashboard.pages.measures import MEASURES
from dashboard.pages.movement import movement_table, signed_count
from dashboard.pages.segments import SegmentsContext
from dashboard.queries.cube import DIMENSIONS, CrossTable, Figures, cross_table, read_cube
from dashboard.queries.movement import movements
from dashboard.templating import TEMPLATES

MARKUP = "<img src=x onerror=alert(1)>"


def _cell(value: str, age: str, risk: str, rfm: str, customers: int, **more: object) -> dict[str, object]:
    sums = {
        "active_customers": customers // 2,
        "repeat_customers": 1,
        "scored_customers": customers,
        "order_count": 2 * customers,
        "value_brl": 100 * customers,
        "cltv_total": 5.0 * customers,
        "churn_probability_total": 0.9 * customers,
        "churn_sensitivity_total": 0.01 * customers,
    }
    return (
        dict(zip(DIMENSIONS, (value, age, risk, rfm), strict=True)) | {"customers": customers} | sums | more
    )


@pytest.fixture
def cubed(rows):
    """The tiny snapshot with a cube of four combinations and a movement."""
    rows["segment_cube"] = [
        _cell("High Value", "Adult 20–64", "green", "Champions", 4),
        _cell("Low Value", "Adult 20–64", "yellow", "New", 100),
        _cell("Low Value", "Unknown", "red", "Lost", 900),
        _cell("Low Value", "Adult 20–64", "red", "Lost", 1600),
    ]
    rows["segment_movement"] = [
        {
            "dimension": "risk_band",
            "segment_before": before,
            "segment": now,
            "customers": n,
            "cltv_total": 1.0,
        }
        for before, now, n in (
            ("red", "red", 2400),
            ("yellow", "red", 100),
            ("green", "green", 3),
            (None, "green", 1),
            (None, "yellow", 100),
        )
    ]
    return rows


def _crossed(asking, rows, filters: dict[str, tuple[str, ...]] | None = None) -> CrossTable:
    with asking(rows) as connection:
        return cross_table(read_cube(connection), "rfm_segment", "risk_band", filters or {})


def test_a_cell_leads_to_its_customers_and_says_how_many(asking, cubed) -> None:
    heat = heat_table(_crossed(asking, cubed, {"age_band": ("Adult 20–64",)}), MEASURES["customers"])
    lost = heat.rows[2]
    assert (lost.segment, lost.cells[0].text, lost.cells[0].customers) == ("Lost", "1,600", "1,600 customers")
    assert parse_qs(urlsplit(lost.cells[0].link).query) == {
        "age_band": ["Adult 20–64"],
        "rfm_segment": ["Lost"],
        "risk_band": ["red"],
    }
    assert lost.cells[0].label == "Lost, Red: at risk: Customers 1,600. Show 1,600 customers."
    assert (lost.cells[1].text, lost.cells[1].link) == ("0", "")


def test_the_edges_lead_to_whole_rows_and_columns(asking, cubed) -> None:
    heat = heat_table(_crossed(asking, cubed), MEASURES["customers"])
    assert heat.rows[2].cells[-1].link == "/customers?rfm_segment=Lost"
    assert heat.total.cells[0].link == "/customers?risk_band=red"
    assert (heat.total.cells[-1].link, heat.total.cells[-1].text) == ("/customers", "2,604")
    assert all(cell.level is None for cell in heat.total.cells)


def test_shades_of_sums_begin_at_nothing_and_end_at_the_largest(asking, cubed) -> None:
    heat = heat_table(_crossed(asking, cubed), MEASURES["customers"])
    levels = {row.segment: [cell.level for cell in row.cells[:-1]] for row in heat.rows}
    assert levels["Lost"][0] == LEVELS - 1
    assert levels["Champions"] == [None, None, 0]
    assert heat.scale[0].text == "0"
    assert len(heat.scale) == LEVELS


def test_rates_of_few_customers_have_no_shade(asking, cubed) -> None:
    heat = heat_table(_crossed(asking, cubed), MEASURES["repurchase_rate"])
    champions = heat.rows[0].cells[2]
    assert (champions.text, champions.level, champions.is_few) == ("25.00%", None, True)
    assert heat.has_few
    assert heat.rows[1].cells[1].level == LEVELS - 1
    assert FEW > 4


def test_every_shade_holds_the_figures_from_its_bound_on(asking, cubed) -> None:
    cubed["segment_cube"] = [
        _cell("Low Value", age, risk, "Lost", 10 + 37 * i * i)
        for i, (age, risk) in enumerate(
            (age, risk) for age in ("Adult 20–64", "Unknown") for risk in ("red", "yellow", "green")
        )
    ]
    with asking(cubed) as connection:
        cross = cross_table(read_cube(connection), "age_band", "risk_band", {})
    heat = heat_table(cross, MEASURES["customers"])
    bounds = [int(shade.text.replace(",", "")) for shade in heat.scale]
    for row in heat.rows:
        for cell in row.cells[:-1]:
            customers = int(cell.text.replace(",", ""))
            assert cell.level is not None
            assert bounds[cell.level] <= customers + 1
            assert cell.level == LEVELS - 1 or customers <= bounds[cell.level + 1] + 1


def test_missing_figures_say_so(asking, cubed) -> None:
    for row in cubed["segment_cube"]:
        row["cltv_total"] = None
    heat = heat_table(_crossed(asking, cubed), MEASURES["cltv_mean"])
    assert heat.rows[2].cells[0].text == "not enough data"
    assert (heat.rows[2].cells[0].level, heat.scale) == (None, ())


def test_every_measure_is_a_figure_of_a_group() -> None:
    assert set(MEASURES) <= {field.name for field in fields(Figures)}


def test_movement_tables_state_who_improved_and_who_declined(asking, cubed) -> None:
    with asking(cubed) as connection:
        table = movement_table(movements(connection)[0], "2018-07")
    assert table.sentence == (
        "Of the customers known in July 2018, 0 moved to a better segment and 100 to a worse one; 2,403 stayed. "
        "New since then: 101."
    )
    assert [row.segment for row in table.rows] == ["green", "yellow", "red", "new"]
    assert [(cell.text, cell.direction) for cell in table.rows[1].cells] == [
        ("–", ""),
        ("–", ""),
        ("100", "declined"),
    ]
    assert [(one.segment, one.now, one.change) for one in table.balances] == [
        ("green", "4", "+1"),
        ("yellow", "100", "0"),
        ("red", "2,500", "+100"),
    ]
    assert (table.total.now, table.total.change, table.total.change_share) == ("2,604", "+101", "+4.0%")
    assert table.note == ""


def test_signed_counts_have_their_sign() -> None:
    assert [signed_count(value) for value in (12, 0, -3.0)] == ["+12", "0", "−3"]


def test_what_an_address_names_wrongly_is_told_and_replaced() -> None:
    segments = dict.fromkeys(DIMENSIONS, ("a", "b"))
    query = QueryParams("rows=city&columns=age_band&measure=fame&age_band=a&age_band=c&risk=red")
    asked = read_cut(query, segments)
    assert (asked.rows, asked.columns, asked.measure) == ("rfm_segment", "age_band", "customers")
    assert asked.filters == {"age_band": ("a",)}
    assert asked.has_unknown
    assert asked.notices == (
        "This page has no setting “risk”.",
        "The rows cannot be “city”.",
        "There is no figure “fame” to show.",
        "There is no “c” in Age band.",
    )


@pytest.mark.parametrize("name", DIMENSIONS)
def test_rows_and_columns_are_never_the_same(name: str) -> None:
    asked = read_cut(QueryParams(f"rows={name}&columns={name}"), dict.fromkeys(DIMENSIONS, ()))
    assert asked.rows == name != asked.columns
    assert (len(asked.notices), asked.has_unknown) == (1, False)


def test_filters_are_offered_for_what_is_not_crossed_and_for_what_is_filtered() -> None:
    segments = dict.fromkeys(DIMENSIONS, ("a", "b"))
    form = cut_form(read_cut(QueryParams("risk_band=a"), segments), segments)
    assert [one.name for one in form.filters] == ["value_tier", "age_band", "risk_band"]
    assert [one.summary for one in form.filters] == ["All", "All", "a"]
    assert [option.is_chosen for option in form.filters[2].options] == [True, False]


def _shown(text: str) -> dict[tuple[str, str], str]:
    """The texts of the heat map by row and column; '' is the edge."""
    table = re.search(r'<table class="heat".*?</table>', text, re.DOTALL)
    assert table
    found = {}
    for row, cells in re.findall(r'<tr data-row="([^"]*)">(.*?)</tr>', table[0], re.DOTALL):
        for column, cell in re.findall(r'<td[^>]*data-column="([^"]*)"[^>]*>(.*?)</td>', cells, re.DOTALL):
            spans = re.search(r"<span[^>]*>([^<]*)</span>", cell)
            assert spans
            found[html.unescape(row), html.unescape(column)] = spans[1]
    return found


def test_page_and_api_show_the_same_numbers(client: TestClient, publish, cubed) -> None:
    publish(cubed)
    shown = _shown(client.get("/segments?age_band=Adult+20–64").text)
    answer = client.get("/api/v1/segments?age_band=Adult+20–64").json()
    cells = {(cell["row"], cell["column"]): cell["figures"]["customers"] for cell in answer["cross"]["cells"]}
    cells |= {(edge["segment"], ""): edge["figures"]["customers"] for edge in answer["cross"]["rows"]}
    cells |= {("", edge["segment"]): edge["figures"]["customers"] for edge in answer["cross"]["columns"]}
    cells["", ""] = answer["cross"]["total"]["customers"]
    assert {key: int(text.replace(",", "")) for key, text in shown.items() if text != "0"} == cells
    assert cells["", ""] == 1704


def test_an_unknown_name_is_a_page_that_says_so(client: TestClient, publish, cubed) -> None:
    publish(cubed)
    reply = client.get("/segments?measure=fame&rfm_segment=Kings")
    assert reply.status_code == 400
    assert "There is no figure “fame” to show." in reply.text
    assert "There is no “Kings” in RFM segment." in reply.text
    assert 'id="heat"' in reply.text


def test_filters_that_nobody_passes_are_told(client: TestClient, publish, cubed) -> None:
    publish(cubed)
    text = client.get("/segments?value_tier=High+Value&age_band=Unknown").text
    assert "No customer is in all of these segments." in text
    assert 'id="heat"' not in text


def test_one_month_has_no_movement(client: TestClient, publish, rows) -> None:
    publish(rows)
    assert 'id="no-movement"' in client.get("/segments").text
    assert "There are no customers yet." in client.get("/segments").text


def test_numbers_carry_their_horizon(client: TestClient, publish, cubed) -> None:
    publish(cubed, horizon_days=77, cltv_horizon_days=222)
    for measure in MEASURES:
        text = client.get(f"/segments?measure={measure}").text
        assert "222 days" in text
        assert "180 days" not in text
        assert "365 days" not in text


def test_intervals_stand_beside_the_totals_that_have_one(client: TestClient, publish, cubed) -> None:
    row = next(row for row in cubed["segment_summary"] if row["segment"] == "High Value")
    row |= {"cltv_low": 4.0, "cltv_high": 9.0}
    publish(cubed)
    text = client.get("/segments").text.replace("\u00a0", " ")
    assert text.count(" to R$ ") == 1
    assert "R$ 4.00 to R$ 9.00" in text


def test_markup_in_the_data_stays_text(client: TestClient, publish, cubed) -> None:
    for row in cubed["segment_cube"]:
        row["age_band"] += MARKUP
    for row in cubed["segment_movement"]:
        row["segment"] += MARKUP
    publish(cubed)
    for path in (
        "/segments",
        "/segments?rows=age_band",
        f"/segments?rows={MARKUP}&measure={MARKUP}&{MARKUP}=1",
    ):
        text = client.get(path).text
        assert "<img src=x" not in text
        assert "onerror" in text
        assert not re.search(r"\sstyle=|\son\w+=\"", text)


def test_the_page_uses_what_its_context_declares(client: TestClient) -> None:
    environment = client.app.state.templates.environment
    folder = TEMPLATES / "partials/segments"
    used: set[str] = set()
    for path in (TEMPLATES / "segments.html", *folder.iterdir()):
        used |= meta.find_undeclared_variables(environment.parse(path.read_text(encoding="utf-8")))
    declared = {field.name for field in fields(SegmentsContext)}
    assert used - {"icons", "values"} - set(environment.globals) == declared
