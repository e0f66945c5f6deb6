"""Every text that a reader sees has been through a catalogue: on every page, in nodes and attributes, for charts too.

Stays out: the translations.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.routing import APIRoute

import dashboard.pages
from dashboard import i18n

CUSTOMER = "0123456789abcdef0123456789abcdef"
READ_ATTRIBUTES = ("aria-label", "title", "alt", "placeholder", "content")
UNREAD = ("script", "style", "noscript")
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
# Keys of the data of a chart that name and steer; all others are read.
STEERING = frozenset(
    ("kind", "name", "token", "form", "shape", "segment", "link", "unit", "x_unit", "y_unit", "dimension")
)
# How numbers, money and dates are written, and a language's own name: letters, but no words to translate.
DATA = re.compile(
    r"R\$|\d[\d.,]*[KMB]\b|\bUTC\b|"
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*(?: \d{4})?\b"
)


class _Texts(HTMLParser):
    """Collects what a reader is shown outside of ⟦ and ⟧."""

    def __init__(self) -> None:
        super().__init__()
        self.unmarked: list[str] = []
        self.charts: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        is_data = self._is_data() or values.get("translate") == "no"
        if not is_data:
            for name in READ_ATTRIBUTES:
                if name != "content" or values.get("name") == "description":
                    self.unmarked += unmarked(values.get(name) or "")
        if tag not in VOID:
            is_chart = tag == "script" and values.get("type") == "application/json"
            self._open.append(("chart" if is_chart else tag, is_data))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] not in (tag, "chart"):
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "chart":
            self.charts.append(data)
        elif not (self._open and self._open[-1][0] in UNREAD):
            outside, self._depth = _outside(data, self._depth)
            if not self._is_data():
                self.unmarked += _words(outside)

    def _is_data(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def _outside(text: str, depth: int = 0) -> tuple[str, int]:
    """The letters outside of all marks, and how many marks are open at the end."""
    kept = []
    for letter in text:
        depth += (letter == "⟦") - (letter == "⟧")
        if depth == 0 and letter != "⟧":
            kept.append(letter)
    return "".join(kept), depth


def _words(text: str) -> list[str]:
    rest = DATA.sub("", text)
    if rest.strip() in i18n.LANGUAGES:
        return []
    for language in i18n.LANGUAGES.values():
        rest = rest.replace(language.name, "")
    return [text.strip()] if re.search(r"[^\W\d_]", rest) else []


def unmarked(text: str) -> list[str]:
    """The text, if it has words outside of ⟦ and ⟧."""
    return _words(_outside(text)[0])


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in STEERING:
                yield from _strings(item)


def unmarked_texts(page: str) -> list[str]:
    """What a reader of a page is shown, in its charts too, that has not been through a catalogue."""
    parser = _Texts()
    parser.feed(page)
    in_charts = [text for chart in parser.charts for text in _strings(json.loads(chart))]
    return parser.unmarked + [word for text in in_charts for word in unmarked(text)]


def _page_paths() -> list[str]:
    """The addresses of all pages; where one names a customer, that of ours."""
    names = [f"dashboard.pages.{info.name}" for info in pkgutil.iter_modules(dashboard.pages.__path__)]
    routers = (getattr(importlib.import_module(name), "router", None) for name in names)
    routes = [route for router in routers if router for route in router.routes if _is_page(route)]
    return sorted(re.sub(r"\{\w+(?::\w+)?\}", CUSTOMER, route.path) for route in routes)


def _is_page(route: object) -> bool:
    if not isinstance(route, APIRoute) or "GET" not in route.methods:
        return False
    names = re.findall(r"\{(\w+)", route.path)
    is_html = "HTML" in getattr(route.response_class, "__name__", "")
    return is_html and all("customer" in name for name in names)


@pytest.fixture
def full_rows(model_rows):
    """Rows for every page: two customers with a purchase each, alerts, movement and steps of actions."""
    segments = {
        "value_tier": "High Value",
        "age_band": "Unknown",
        "risk_band": "red",
        "rfm_segment": "Lost",
    }
    reason = {"feature": "recency_days", "value": "240", "effect": 0.4, "words": "no purchase for 240 days"}
    customer = {
        "customer_unique_id": CUSTOMER,
        "city": "sao paulo",
        "state": "SP",
        "order_count": 1,
        "value_brl": 120,
        "first_purchase_date": date(2018, 1, 3),
        "last_purchase_date": date(2018, 1, 3),
        "recency_days": 240,
        "frequency": 0,
        "cltv": 9.5,
        "cltv_low": 8.0,
        "cltv_high": 12.0,
        "churn_probability": 0.98,
        "reasons": json.dumps([reason]),
        "action": "Nurture",
        "action_reason_code": "modest and silent",
        "action_reason_value": 240,
        **segments,
    }
    purchase = {
        "order_id": "f" * 32,
        "customer_unique_id": CUSTOMER,
        "purchased_at": datetime(2018, 1, 3, 10, 0),
        "value_brl": 120,
        "price_brl": 100,
        "freight_brl": 20,
        "item_count": 1,
        "items": "[]",
    }
    cube = {"customers": 4, "active_customers": 3, "repeat_customers": 1, "scored_customers": 4}
    cube |= {"order_count": 5, "value_brl": 400, "cltv_total": 10.0, "churn_probability_total": 3.9}
    moved = {"dimension": "risk_band", "segment_before": "green", "segment": "red", "customers": 2}
    alert = {"kind": "segment_jumped", "severity": "critical", "message": "Red grew by a half."}
    return model_rows | {
        "customers": [customer, customer | {"customer_unique_id": "f" * 32}],
        "customer_history": [
            {"snapshot_month": month, "customer_unique_id": CUSTOMER, "cltv": 9.0, "churn_probability": 0.9}
            | {name: segments[name] for name in ("value_tier", "risk_band", "rfm_segment")}
            for month in ("2018-07", "2018-08")
        ],
        "purchases": [purchase],
        "segment_cube": [segments | cube | {"action": "Nurture", "churn_sensitivity_total": 0.1}],
        "segment_movement": [moved | {"cltv_total": 4.0}],
        "action_steps": [
            {"action": "Nurture", "step": 1, "customers": 3, "cltv_min": 0.1, "cltv_total": 1.0}
        ],
        "alerts": [alert | {"alert_id": "a", "dimension": "risk_band", "subject": "red"}],
    }


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request speaks the language that marks what a catalogue gave."""
    monkeypatch.setattr(i18n, "chosen_language", lambda headers: i18n.PSEUDO)


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("path", _page_paths())
def test_every_text_of_a_page_has_been_through_a_catalogue(client, publish, full_rows, path: str) -> None:
    publish(full_rows)
    response = client.get(path)
    assert response.status_code == 200
    assert "⟦" in response.text
    assert unmarked_texts(response.text) == []


@pytest.mark.parametrize("code", sorted(i18n.LANGUAGES))
@pytest.mark.parametrize("path", _page_paths())
def test_every_page_can_be_read_in_every_language(client, publish, full_rows, path: str, code: str) -> None:
    publish(full_rows)
    response = client.get(path, headers={"accept-language": code})
    assert response.status_code == 200
    assert f'<html lang="{code}">' in response.text


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("path", [path for path in _page_paths() if CUSTOMER not in path])
def test_every_text_of_an_empty_page_has_too(client, publish, rows, path: str) -> None:
    publish({"cltv_trend": rows["cltv_trend"][1:]}, model_versions={}, risk_rule=None, months=["2018-08"])
    response = client.get(path)
    assert response.status_code == 200
    assert unmarked_texts(response.text) == []


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<p>Customers</p>", ["Customers"]),
        ("<p>⟦Customers⟧: 12</p>", []),
        ("<p>⟦<b>12</b> customers⟧ more</p>", ["more"]),
        ("<p>⟦a ⟦b⟧ c⟧</p>", []),
        ('<p translate="no">São Paulo</p><p>x</p>', ["x"]),
        ('<a title="Next">⟦n⟧</a>', ["Next"]),
        ('<input placeholder="Search"><p>⟦n⟧</p>', ["Search"]),
        ("<td>R$\u00a01.2K</td><td>12%</td><td>31 Aug 2018</td>", []),
        ("<td>R$ 12 each</td>", ["R$ 12 each"]),
        ("<script>let words;</script>", []),
        ('<script type="application/json">{"label": "Red", "token": "red"}</script>', ["Red"]),
    ],
)
def test_a_text_outside_of_the_catalogues_is_found(page: str, found: list[str]) -> None:
    assert unmarked_texts(page) == found
