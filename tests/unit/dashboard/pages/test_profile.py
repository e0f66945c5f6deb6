"""The profile of a customer: page and API over a tiny snapshot."""

from __future__ import annotations

import html
import json
import re
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jinja2 import meta

from dashboard.pages.profile import ProfileContext
from dashboard.pages.profile_purchases import item_words
from dashboard.pages.profile_scores import interval_bar
from dashboard.pages.profile_timeline import round_top
from dashboard.queries.purchases import PURCHASE_LIMIT, Item
from dashboard.templating import TEMPLATES

ID = "0123456789abcdef0123456789abcdef"
MARKUP = "<img src=x onerror=alert(1)></script>"
SCORES = (
    *("p_alive", "p_purchase", "expected_spend", "expected_next_purchase_date"),
    *(f"expected_purchases_{days}d" for days in (30, 90, 180, 365)),
    *("cltv", "cltv_low", "cltv_high", "churn_probability", "churn_sensitivity_30d", "reasons"),
)


def _customer() -> dict[str, Any]:
    reasons = [
        {"feature": "recency_days", "value": "40", "effect": -0.5, "words": "no purchase for 40 days"},
        {"feature": "category", "value": "health_beauty", "effect": 0.25, "words": "bought health beauty"},
        {"feature": "shoe_size", "value": "44", "effect": 0.1, "words": "wears size 44"},
    ]
    return {
        "customer_unique_id": ID,
        "city": "sao paulo",
        "state": "SP",
        "zip_prefix": "01001",
        "age_band": "Adult 20–64",
        "order_count": 2,
        "value_brl": 300.5,
        "first_purchase_date": date(2018, 6, 1),
        "last_purchase_date": date(2018, 7, 20),
        "recency_days": 40,
        "frequency": 1,
        "category": "health_beauty",
        "payment_type": "boleto",
        "review_score": 2.0,
        "delivery_delay_days": 4,
        "p_alive": 0.9,
        "p_purchase": 0.0451,
        "expected_purchases_30d": 0.0101,
        "expected_purchases_90d": 0.0262,
        "expected_purchases_180d": 0.0513,
        "expected_purchases_365d": 0.0924,
        "expected_spend": 150.25,
        "cltv": 13.57,
        "cltv_low": 10.11,
        "cltv_high": 17.99,
        "expected_next_purchase_date": date(2019, 3, 9),
        "churn_probability": 0.9549,
        "churn_sensitivity_30d": 0.0123,
        "risk_band": "yellow",
        "reasons": json.dumps(reasons),
        "value_tier": "High Value",
        "recency_score": 4,
        "frequency_score": 2,
        "monetary_score": 4,
        "rfm_segment": "Loyal",
        "action": "Service recovery",
        "action_reason_code": "bad review",
        "action_reason_value": 2,
    }


def _purchase(order: str, at: datetime, **more: Any) -> dict[str, Any]:
    items = [
        {"category": "health_beauty", "price_brl": 100.0, "freight_brl": 10.0},
        {"category": None, "price_brl": 30.0, "freight_brl": 10.25},
    ]
    blank = {
        "customer_unique_id": ID,
        "value_brl": 150.25,
        "price_brl": 130.0,
        "freight_brl": 20.25,
        "item_count": 2,
        "items": json.dumps(items),
        "payment_type": "credit_card",
        "estimated_delivery_date": date(2018, 8, 1),
    }
    return {"order_id": order, "purchased_at": at} | blank | more


def _median(dimension: str, segment: str, **more: Any) -> dict[str, Any]:
    blank = {
        "customers": 10,
        "order_count": 1.5,
        "value_brl": 118.03,
        "recency_days": 364.5,
        "review_score": 5.0,
        "cltv": 5.67,
        "churn_probability": 0.983,
    }
    return {"dimension": dimension, "segment": segment} | blank | more


def _month(month: str, **more: Any) -> dict[str, Any]:
    blank = {
        "cltv": 12.0,
        "churn_probability": 0.97,
        "risk_band": "red",
        "value_tier": "Low Value",
        "rfm_segment": "New",
    }
    return {"snapshot_month": month, "customer_unique_id": ID} | blank | more


@pytest.fixture
def shop(rows) -> dict[str, list[dict[str, Any]]]:
    """The tiny snapshot with one customer in it, who bought in June and July and is scored in both its months."""
    cube = {"value_tier": "High Value", "risk_band": "yellow", "rfm_segment": "Loyal"}
    later = {
        "cltv": 13.57,
        "churn_probability": 0.9549,
        "risk_band": "yellow",
        "value_tier": "High Value",
        "rfm_segment": "Loyal",
    }
    return rows | {
        "customers": [_customer()],
        "customer_history": [_month("2018-07"), _month("2018-08", **later)],
        "purchases": [
            _purchase("a", datetime(2018, 6, 1, 9), delivered_at=datetime(2018, 8, 5, 3), review_score=2),
            _purchase("b", datetime(2018, 7, 20, 23), review_comment="Não chegou"),
        ],
        "segment_medians": [
            _median("total", "All"),
            _median("rfm_segment", "Loyal", value_brl=276.27, cltv=53.3, order_count=2.0),
            _median("rfm_segment", "Lost"),
        ],
        "segment_cube": [
            cube | {"age_band": "Adult 20–64", "customers": 3},
            cube | {"age_band": "Unknown", "action": "Service recovery", "customers": 4},
            cube | {"risk_band": "red", "age_band": "Unknown", "customers": 100},
        ],
        "segment_summary": [
            *rows["segment_summary"],
            *(
                {"snapshot_month": month, "dimension": name, "segment": segment, "customers": 11}
                for month in ("2018-08",)
                for name, segment in (("rfm_segment", "Loyal"), ("action", "Service recovery"))
            ),
        ],
    }


def _page(client: TestClient, **headers: str) -> str:
    response = client.get(f"/customers/{ID}", headers=headers)
    assert response.status_code == 200, response.text
    return response.text


def _plain(text: str) -> str:
    """The words of a piece of a page, without tags."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u00a0", " ")).strip()


def _at(page: str, name: str, value: str) -> str:
    """The words of the element whose attribute `name` is `value`."""
    found = re.search(rf'<(\w+)[^>]*\s{name}="{value}"[^>]*>(.*?)</\1>', page, re.DOTALL)
    assert found, f"{name}={value}"
    return _plain(found[2])


def _row(page: str, name: str, value: str) -> dict[str, str]:
    """The cells of a table row by column."""
    row = re.search(rf'<tr[^>]*\s{name}="{value}"[^>]*>(.*?)</tr>', page, re.DOTALL)
    assert row, f"{name}={value}"
    cells = re.findall(r'<t[hd][^>]*data-column="(\w+)"[^>]*>(.*?)</t[hd]>', row[1], re.DOTALL)
    return {column: _plain(text) for column, text in cells}


def test_the_numbers_are_those_of_the_snapshot_with_their_horizons(client, publish, shop) -> None:
    publish(shop, horizon_days=77, cltv_horizon_days=222)
    page = _page(client)
    assert _at(page, "data-figure", "cltv") == "R$ 13.57"
    assert _at(page, "data-figure", "interval") == "80% interval R$ 10.11 to R$ 17.99"
    assert _at(page, "data-figure", "p_purchase") == "4.51%"
    assert _at(page, "data-figure", "next_purchase") == "9 March 2019"
    assert _at(page, "data-figure", "churn_probability") == "95.5%"
    assert _at(page, "data-figure", "risk_band").endswith("Yellow: watch")
    assert _at(page, "data-figure", "churn_sensitivity_30d") == "+1.23 points"
    expected = {days: _at(page, "data-expected", days)[-5:] for days in ("30", "90", "180", "365")}
    assert expected == {"30": "0.010", "90": "0.026", "180": "0.051", "365": "0.092"}
    for words in (
        "Discounted, over 222 days",
        "Chance of no purchase within 77 days",
        "Chance of a purchase within 77 days",
        "Chance to buy again within 77 days: 4.51%, against 1.16% on average",
        "What is expected of this customer over 222 days",
    ):
        assert words in _plain(page)


def test_the_head_says_who_it_is(client, publish, shop) -> None:
    publish(shop)
    page = _page(client)
    assert _at(page, "id", "customer-id") == ID
    assert _at(page, "id", "place") == "sao paulo , SP"
    assert _at(page, "data-fact", "value_brl") == "Spent so far R$ 300.50 R$ 150.25 per order"
    assert _at(page, "data-fact", "last_purchase_date").endswith(
        "20 Jul 2018 40 days before the end of the data"
    )
    segments = dict(re.findall(r'data-dimension="(\w+)" data-segment="([^"]+)"', page))
    customer = _customer()
    assert segments == {
        name: customer[name] for name in ("value_tier", "risk_band", "rfm_segment", "age_band")
    }
    assert "data-copy=" in page


def test_reasons_say_what_raises_and_what_lowers_the_risk(client, publish, shop) -> None:
    publish(shop)
    page = _page(client)
    assert _at(page, "data-reason", "recency_days") == "No purchase for 40 days lowers the risk"
    assert _at(page, "data-reason", "category") == "Bought health beauty raises the risk"
    assert _at(page, "data-reason", "shoe_size") == "Wears size 44 raises the risk"
    assert _at(page, "data-figure", "action") == "Service recovery"
    assert _at(page, "data-figure", "action_reason") == "The last review gave 2 of 5 stars."


def test_without_a_model_every_score_says_that_there_is_not_enough_data(client, publish, shop) -> None:
    shop["customers"][0] |= dict.fromkeys(SCORES) | {"risk_band": "unknown", "value_tier": "Unknown"}
    shop["customer_history"] = [
        _month("2018-08", cltv=None, churn_probability=None, risk_band="unknown", value_tier="Unknown")
    ]
    publish(shop, risk_rule=None)
    page = _page(client)
    for name in (
        "cltv",
        "p_purchase",
        "next_purchase",
        "churn_probability",
        "churn_sensitivity_30d",
        "action_value",
    ):
        assert _at(page, "data-figure", name) == "not enough data"
    assert _at(page, "data-expected", "180").endswith("not enough data")
    assert "No model has scored this customer yet." in page
    assert 'data-figure="interval"' not in page
    assert 'data-point="expected"' not in page
    assert _row(page, "data-month", "2018-08")["churn_probability"] == "not enough data"
    assert "0.0%" not in _plain(page)
    assert client.get(f"/api/v1/customers/{ID}").json()["customer"]["churn_probability"] is None


def test_a_single_purchase_tells_no_next_one(client, publish, shop) -> None:
    shop["customers"][0] |= {"expected_next_purchase_date": None, "frequency": 0}
    publish(shop)
    page = _page(client)
    assert _at(page, "data-figure", "next_purchase") == "not enough data"
    assert "A single purchase tells no rhythm." in page


def test_the_months_are_cells_with_a_shape_and_rows_of_a_table(client, publish, shop) -> None:
    publish(shop, months=["2018-06", "2018-07", "2018-08"])
    page = _page(client)
    cells = re.findall(r'<td data-month="([^"]+)" data-band="([^"]*)" title="([^"]+)"', page)
    assert [cell[:2] for cell in cells] == [
        ("2018-06", ""),
        ("2018-07", "risk-red"),
        ("2018-08", "risk-yellow"),
    ]
    assert cells[0][2] == "June 2018: not a customer yet"
    assert "Churn within 180 days: 97.0%" in cells[1][2]
    assert re.search(r'class="cell" data-token="risk-red" aria-hidden="true">▲<', page)
    assert _row(page, "data-month", "2018-07") == {
        "churn_probability": "97.0%",
        "risk_band": "▲ Red: at risk",
        "cltv": "R$ 12.00",
        "rfm_segment": "New",
        "value_tier": "Low Value",
    }
    runs = re.findall(r'<td colspan="(\d)" title="([^"]+)"', page)
    assert ("1", "Loyal: Aug 2018") in runs
    assert ("1", "High Value: Aug 2018") in runs


def test_the_customer_stands_beside_the_medians(client, publish, shop) -> None:
    publish(shop)
    page = _page(client)
    table = page[page.index('id="comparison-table"') :]
    assert _row(table, "data-figure", "value_brl") == {
        "customer": "R$ 300.50",
        "segment": "R$ 276.27",
        "everybody": "R$ 118.03",
    }
    assert _row(table, "data-figure", "order_count") == {"customer": "2", "segment": "2", "everybody": "1.5"}
    assert _row(table, "data-figure", "churn_probability")["everybody"] == "98.3%"


def test_a_missing_median_is_not_a_zero(client, publish, shop) -> None:
    shop["segment_medians"] = []
    publish(shop)
    row = _row(_page(client), "data-figure", "value_brl")
    assert row == {"customer": "R$ 300.50", "segment": "not enough data", "everybody": "not enough data"}


def test_purchases_are_told_in_full_newest_first(client, publish, shop) -> None:
    publish(shop)
    page = _page(client)
    assert re.findall(r'data-order="(\w)"', page) == ["b", "a"]
    assert _row(page, "data-order", "a") == {
        "date": "1 Jun 2018",
        "items": "health beauty, category unknown",
        "price": "R$ 130.00",
        "freight": "R$ 20.25",
        "value": "R$ 150.25",
        "payment": "Credit card",
        "delivery": "Delivered 4 days late 5 Aug 2018",
        "review": "★★☆☆☆ 2 of 5 stars",
    }
    row = _row(page, "data-order", "b")
    assert (row["delivery"], row["review"]) == (
        "Not delivered yet Promised for 1 Aug 2018",
        "No review Não chegou",
    )


def test_the_drawing_holds_every_purchase_and_the_expected_one(client, publish, shop) -> None:
    publish(shop)
    page = _page(client)
    titles = [_plain(title) for title in re.findall(r"<title>([^<]*)</title>", page)[1:]]
    assert titles == [
        "Expected next purchase by 9 March 2019, about R$ 150.25",
        "20 July 2018: R$ 150.25",
        "1 June 2018: R$ 150.25",
    ]


def test_only_the_newest_purchases_are_shown_and_the_others_counted(client, publish, shop) -> None:
    shop["purchases"] = [
        _purchase(f"o{n:03}", datetime(2018, 7, 1, n % 24, n % 60)) for n in range(PURCHASE_LIMIT + 3)
    ]
    shop["customers"][0]["order_count"] = PURCHASE_LIMIT + 3
    publish(shop)
    page = _page(client)
    assert page.count("data-order=") == PURCHASE_LIMIT
    assert "3 earlier purchases are not shown." in page


def test_similar_customers_are_counted_and_listed(client, publish, shop) -> None:
    publish(shop)
    page = _page(client)
    links = re.search(r'id="similar">(.*?)</ul>', page, re.DOTALL)[1]
    found = re.findall(r'href="([^"]+)".*?num text-faint">([^<]+)<', links, re.DOTALL)
    assert [(html.unescape(address), n) for address, n in found] == [
        ("/customers?value_tier=High+Value&risk_band=yellow&rfm_segment=Loyal", "7"),
        ("/customers?rfm_segment=Loyal", "11"),
        ("/customers?action=Service+recovery", "11"),
    ]


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://localhost/customers?state=SP&amp;x", "/customers?state=SP&amp;amp;x"),
        ("http://localhost/customers?state=SP&risk_band=red", "/customers?state=SP&amp;risk_band=red"),
        ("http://localhost/alerts?x=1", "/customers"),
        ("http://evil.example/customers?state=SP", "/customers"),
        ("http://[", "/customers"),
        ("", "/customers"),
    ],
)
def test_the_way_back_leads_to_the_list_the_reader_came_from(client, publish, shop, referer, back) -> None:
    publish(shop)
    assert f'href="{back}">' in _page(client, referer=referer)


@pytest.mark.parametrize(
    ("list_query", "back"),
    [
        ("state=SP&risk_band=red", "/customers?state=SP&risk_band=red"),
        ("city=S%C3%A3o&q=a+b%26c", "/customers?city=S%C3%A3o&q=a+b%26c"),
        ("//evil.example", "/customers?//evil.example"),
        ("", "/customers"),
    ],
)
def test_a_switch_of_the_language_keeps_the_way_back(client, publish, shop, list_query, back) -> None:
    publish(shop)
    page = _page(client, referer=f"http://localhost/customers?{list_query}")
    switch = html.unescape(re.findall(r'href="(/language/ko[^"]+)"', page)[0])
    switched = client.get(switch, headers={"referer": f"http://localhost/customers/{ID}"}).text
    assert '<html lang="ko"' in switched
    assert f'href="{html.escape(back)}">' in switched
    again = html.unescape(re.findall(r'href="(/language/pt[^"]+)"', switched)[0])
    assert f'href="{html.escape(back)}">' in client.get(again).text


def test_page_and_api_show_the_same(client, publish, shop) -> None:
    publish(shop)
    answer, page = client.get(f"/api/v1/customers/{ID}").json(), _page(client)
    customer = answer["customer"]
    assert _at(page, "data-figure", "cltv") == f"R$ {customer['cltv']:.2f}"
    assert _at(page, "data-figure", "churn_probability") == f"{100 * customer['churn_probability']:.1f}%"
    assert [reason["feature"] for reason in customer["reasons"]] == re.findall(r'data-reason="(\w+)"', page)
    assert [purchase["order_id"] for purchase in answer["purchases"]] == re.findall(
        r'data-order="(\w+)"', page
    )
    assert answer["purchases"][1]["delivery_delay_days"] == 4
    assert [month["risk_band"] for month in answer["history"]] == ["red", "yellow"]
    assert answer["about"]["horizon_days"] == 180
    assert (customer["action_reason_code"], customer["action_reason_value"]) == ("bad review", 2)
    assert customer["action_reason"] == _at(page, "data-figure", "action_reason")
    assert [(median["dimension"], median["segment"]) for median in answer["medians"]] == [
        ("total", "All"),
        ("rfm_segment", "Loyal"),
    ]
    assert answer["similar"][0] == {
        "filters": {"value_tier": "High Value", "risk_band": "yellow", "rfm_segment": "Loyal"},
        "customers": 7,
    }


def test_the_api_says_the_reasons_in_the_language_of_the_request(client, publish, shop) -> None:
    publish(shop)
    said = {}
    for code in ("en", "ko"):
        spoken = {"accept-language": code}
        reasons = client.get(f"/api/v1/customers/{ID}", headers=spoken).json()["customer"]["reasons"]
        page = client.get(f"/customers/{ID}", headers=spoken).text
        shown = re.findall(r'data-reason="\w+">\s*<p[^>]*>([^<]+)</p>', page)
        said[code] = [reason["words"] for reason in reasons]
        assert said[code] == [html.unescape(words) for words in shown]
    assert said["en"] != said["ko"]


def test_an_unknown_customer_is_told_kindly_and_as_json_under_the_api(client, publish, shop) -> None:
    publish(shop)
    response = client.get("/customers/nobody")
    assert (response.status_code, "No such customer" in response.text) == (404, True)
    assert "August 2018" in response.text
    assert 'href="/customers"' in response.text
    response = client.get("/api/v1/customers/nobody")
    assert (response.status_code, response.json()) == (
        404,
        {"detail": "The snapshot has no customer of that id"},
    )
    assert "<img" not in client.get("/customers/%3Cimg%20src=x%3E").text.split("<main")[1]


def test_markup_in_the_data_stays_text(client, publish, shop) -> None:
    shop["customers"][0] |= {
        "city": MARKUP,
        "state": MARKUP,
        "action_reason_code": MARKUP,
        "rfm_segment": MARKUP,
    }
    shop["customers"][0]["reasons"] = json.dumps(
        [
            {"feature": "category", "value": MARKUP, "effect": 1.0, "words": ""},
            {"feature": MARKUP, "value": MARKUP, "effect": 1.0, "words": MARKUP},
        ]
    )
    shop["customer_history"][0] |= {"rfm_segment": MARKUP}
    shop["purchases"][0] |= {
        "review_comment": MARKUP,
        "payment_type": MARKUP,
        "items": json.dumps([{"category": MARKUP, "price_brl": 1.0, "freight_brl": 1.0}]),
    }
    publish(shop)
    page = _page(client)
    assert page.count("&lt;img src=x") >= 7
    assert "<img src=x" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\sstyle=", page)


def test_the_page_uses_what_its_context_declares(client: TestClient) -> None:
    environment = client.app.state.templates.environment
    folder = TEMPLATES / "partials/profile"
    names = ["profile.html", *(f"partials/profile/{path.name}" for path in folder.iterdir())]
    used: set[str] = set()
    for name in names:
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        used |= meta.find_undeclared_variables(environment.parse(source))
    declared = {field.name for field in fields(ProfileContext)}
    assert used - {"icons", "values"} - set(environment.globals) == declared


def test_a_basket_names_each_category_once() -> None:
    items = (Item("home_decor", 1, 1), Item(None, 1, 1), Item("home_decor", 1, 1))
    assert item_words(items) == ("home decor ×2", "category unknown")


def test_the_interval_lies_on_a_scale_that_holds_the_median() -> None:
    bar = interval_bar(50.0, 25.0, 75.0, 100.0)
    assert bar is not None
    assert (bar.at, bar.low, bar.width, bar.median) == (46.3, 23.1, 46.3, 92.6)
    assert interval_bar(None, 25.0, 75.0, 100.0) is None
    assert interval_bar(0.0, 0.0, 0.0, None) is None


@pytest.mark.parametrize(
    ("value", "top"), [(0.5, 0.6), (1.0, 2), (19.9, 20), (150.25, 200), (600, 600), (801, 1000)]
)
def test_an_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert round_top(value) == pytest.approx(top)
