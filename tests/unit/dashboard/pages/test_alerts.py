"""The page of alerts, its marks, the bell, and the same list from the API."""

from __future__ import annotations

import html
import re
from dataclasses import fields

import pytest
from fastapi.testclient import TestClient
from jinja2 import meta

from dashboard.app import create_app
from dashboard.i18n import PSEUDO, speaking
from dashboard.pages.alerts import AlertsContext
from dashboard.settings import Settings
from dashboard.templating import TEMPLATES
from tests.unit.dashboard.conftest import stated

MARKUP = "<img src=x onerror=alert(1)></script>"
BEFORE = "2018-07-aaaaaaaaaaaa"


def _row(alert_id: str, kind: str, severity: str, subject: str, **more):
    return {
        "alert_id": alert_id,
        "kind": kind,
        "severity": severity,
        "subject": subject,
        "message": "STORED",
    } | more


@pytest.fixture
def alerted(rows):
    """One red customer, their number, a jump, and a data and a model warning."""
    rows["customers"] = [{"customer_unique_id": "c1", "value_brl": 99.5, "cltv": 12.34, "action": "Win-back"}]
    rows["alerts"] = [
        _row("turned_red", "customers_turned_red", "critical", "High Value", value=1.0, compared_with=BEFORE),
        _row(
            "turned_red c1",
            "customer_turned_red",
            "critical",
            "c1",
            value=0.98,
            value_before=0.9,
            compared_with=BEFORE,
        ),
        _row(
            "jump action Nurture",
            "segment_jumped",
            "warning",
            "Nurture",
            dimension="action",
            value=0.5,
            value_before=0.4,
            compared_with=BEFORE,
        ),
        _row("check raw.orders fit", "data_warning", "warning", "raw.orders", expectation="fit")
        | {"detail": "off by 3", "detail_coded": stated("off_by", count=3)},
        _row("model churn_model", "model_warning", "warning", "churn_model")
        | {"detail": "too weak", "detail_coded": stated("not_judged", version="3")},
    ]
    return rows


def shown(text: str) -> dict[str, str]:
    """Whether each alert on the page is seen, by its name."""
    return dict(re.findall(r'data-alert="([^"]+)" data-state="(\w+)"', text))


def choices(text: str) -> dict[str, tuple[int, str]]:
    """Count and address of each choice of the filters."""
    found = re.findall(r'<li><a href="([^"]+)"[^>]*>([^<]+) <span[^>]*>([\d,]+)</span></a></li>', text)
    return {html.unescape(label): (int(count), html.unescape(link)) for link, label, count in found}


def bell(text: str) -> int:
    return int(re.search(r'data-bell data-unseen="(\d+)"', text)[1])


def names(client: TestClient, **filters) -> dict[str, str]:
    """The names of the alerts by their ids."""
    answer = client.get("/api/v1/alerts", params=filters).json()
    return {item["alert"]["alert_id"]: item["name"] for item in answer["alerts"]}


def post(client: TestClient, path: str, alerts: list[str], **more):
    text = client.get("/alerts").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)[1]
    data = {"csrf_token": token, "alert": alerts, "back": "/alerts?status=unseen"}
    return client.post(path, data=data, follow_redirects=False, **more)


def test_the_page_shows_every_alert_in_words_with_its_figures_and_links(client, publish, alerted) -> None:
    publish(alerted, horizon_days=77, cltv_horizon_days=222)
    text = client.get("/alerts").text
    assert len(shown(text)) == 5
    assert "STORED" not in text
    for words in (
        "1 high-value customer turned red",
        "Recommended action “Nurture” grew from 40.0% to 50.0% of all customers",
        "raw.orders fit",
        "off by 3",
        "It could not be judged on data it had not seen; version 3, which was, stays.",
        "Not buying again within 77 days",
        "Expected over 222 days",
        "90.0%",
        "98.0%",
        "R$\u00a099.50",
        "R$\u00a012.34",
        "Win-back",
    ):
        assert words in text, words
    assert 'href="/customers/c1"' in text
    assert 'href="/customers?action=Nurture"' in text
    assert 'href="/customers?value_tier=High+Value&amp;risk_band=red"' in text


def test_every_filter_shows_what_its_count_says(client, publish, alerted) -> None:
    publish(alerted)
    post(client, "/alerts/seen", [names(client)["model churn_model"]])
    found = choices(client.get("/alerts").text)
    assert {label: count for label, (count, _) in found.items()} == {
        "All": 5,
        "Unseen": 4,
        "Seen": 1,
        "Critical": 2,
        "Warning": 3,
        "High-value customers that turned red": 2,
        "Segments that jumped": 1,
        "Model warnings": 1,
        "Data warnings": 1,
    }
    for count, link in found.values():
        assert len(shown(client.get(link).text)) == count


def test_filters_of_several_kinds_go_together_and_can_be_taken_back(client, publish, alerted) -> None:
    publish(alerted)
    text = client.get("/alerts?severity=warning").text
    found = choices(text)
    assert found["Data warnings"] == (1, "/alerts?kind=data_warning&severity=warning")
    assert found["Warning"] == (3, "/alerts")
    assert found["Critical"] == (2, "/alerts?severity=warning&severity=critical")
    assert "High-value customers that turned red" not in found
    assert len(shown(client.get("/alerts?kind=data_warning&kind=model_warning").text)) == 2
    assert "No alert fits" in client.get("/alerts?kind=data_warning&severity=critical").text
    assert 'href="/alerts" class="text-sm' in text


@pytest.mark.parametrize("query", ["status=odd", "after=nothing", "kind=odd"])
def test_an_address_that_makes_no_sense_is_answered_kindly(client, publish, alerted, query) -> None:
    publish(alerted)
    answer = client.get(f"/alerts?{query}")
    assert answer.status_code == (422 if query == "status=odd" else 200)
    assert "<!doctype html>" in answer.text


def test_marking_one_takes_it_from_the_bell_and_leads_back(client, publish, alerted) -> None:
    publish(alerted)
    name = names(client)["turned_red c1"]
    answer = post(client, "/alerts/seen", [name])
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts?status=unseen")
    text = client.get("/alerts").text
    assert (shown(text)[name], bell(text)) == ("seen", 4)
    assert bell(client.get("/").text) == 4
    assert bell(client.get("/nowhere").text) == 4
    assert name not in shown(client.get("/alerts?status=unseen").text)
    post(client, "/alerts/unseen", [name])
    assert bell(client.get("/").text) == 5


def test_all_shown_are_marked_and_no_other(client, publish, alerted) -> None:
    publish(alerted)
    form = re.search(
        r'<form method="post" action="/alerts/seen" data-mark class="ml-auto">.*?</form>',
        client.get("/alerts?severity=warning").text,
        re.DOTALL,
    )[0]
    post(client, "/alerts/seen", re.findall(r'name="alert" value="([^"]+)"', form))
    assert set(names(client, status="unseen")) == {"turned_red", "turned_red c1"}


def test_a_script_is_told_what_was_done_in_words(client, publish, alerted) -> None:
    publish(alerted)
    answer = post(
        client, "/alerts/seen", list(names(client).values()), headers={"accept": "application/json"}
    )
    assert answer.json() == {"said": "5 alerts marked as seen"}
    assert "Mark all" not in client.get("/alerts").text


def test_an_alert_that_the_snapshot_does_not_have_is_not_marked(client, publish, alerted, published) -> None:
    publish(alerted)
    answer = post(client, "/alerts/seen", ["0" * 20, MARKUP], headers={"accept": "application/json"})
    assert answer.json() == {"said": "0 alerts marked as seen"}
    assert not (published.parent / "dashboard.db").exists()


def test_the_way_back_stays_on_this_site(client, publish, alerted) -> None:
    publish(alerted)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/alerts").text)[1]
    data = {"csrf_token": token, "back": "//evil.example"}
    assert client.post("/alerts/seen", data=data, follow_redirects=False).headers["location"] == "/alerts"


def test_a_new_snapshot_makes_differences_unseen_and_leaves_warnings_that_say_the_same(
    client, publish, alerted
) -> None:
    publish(alerted)
    post(client, "/alerts/seen", list(names(client).values()))
    assert bell(client.get("/").text) == 0
    for row in alerted["alerts"]:
        if row.get("compared_with"):
            row["compared_with"] = "2018-08-aaaaaaaaaaaa"
    alerted["alerts"][4]["detail"] = "weaker still"
    publish(alerted, "2018-08-bbbbbbbbbbbb")
    assert bell(client.get("/").text) == 4
    assert set(names(client, status="seen")) == {"check raw.orders fit"}


def test_a_seen_alert_says_since_when(client, publish, alerted) -> None:
    publish(alerted)
    post(client, "/alerts/seen", list(names(client).values()))
    assert len(re.findall(r">Seen \d+ \w+ 20\d\d", client.get("/alerts").text)) == 5


def test_the_bell_has_a_name_and_hides_its_number_when_there_is_none(client, publish, alerted) -> None:
    publish(alerted)
    assert 'aria-label="Alerts: 5 unseen"' in client.get("/").text
    publish({**alerted, "alerts": []}, "2018-08-bbbbbbbbbbbb")
    text = client.get("/").text
    assert 'aria-label="Alerts: 0 unseen"' in text
    assert "bg-bad px-1" not in text


def test_a_page_without_a_snapshot_has_no_bell_and_no_failure(client) -> None:
    answer = client.get("/alerts")
    assert answer.status_code == 503
    assert "data-bell" not in answer.text


def test_a_database_of_marks_that_cannot_be_read_hides_the_bell_and_not_the_page(
    client, publish, alerted, published
) -> None:
    publish(alerted)
    (published.parent / "dashboard.db").write_bytes(b"no database at all" * 100)
    answer = client.get("/")
    assert answer.status_code == 200
    assert "data-bell" not in answer.text


def test_without_alerts_the_page_says_so(client, publish, rows) -> None:
    publish(rows)
    text = client.get("/alerts").text
    assert "Nothing differs from the snapshot published before" in text
    assert shown(text) == {}


def test_the_api_says_the_detail_in_the_language_of_the_request(client, publish, alerted) -> None:
    publish(alerted)
    answer = client.get("/api/v1/alerts", headers={"accept-language": "pt"}).json()
    details = {item["alert"]["alert_id"]: item["alert"]["detail"] for item in answer["alerts"]}
    assert details["check raw.orders fit"] == "diferença de 3"
    assert details["turned_red"] is None
    messages = {item["alert"]["alert_id"]: item["alert"]["message"] for item in answer["alerts"]}
    assert "STORED" not in " ".join(messages.values())
    assert messages["check raw.orders fit"].startswith("Uma verificação de dados")


def test_markup_in_alerts_stays_text(client, publish, alerted) -> None:
    for row in alerted["alerts"]:
        row |= {"detail": MARKUP, "detail_coded": None, "alert_id": row["alert_id"] + MARKUP}
        if row["kind"] in ("data_warning", "model_warning"):
            row["subject"] += MARKUP
    alerted["alerts"].append(_row(MARKUP, MARKUP, MARKUP, MARKUP))
    alerted["customers"][0]["action"] = MARKUP
    publish(alerted)
    for query in ("", f"?kind={MARKUP}", f"?severity={MARKUP}&after={MARKUP}"):
        text = client.get(f"/alerts{query}").text
        assert "<img src=x" not in text
        assert "</script>&" not in text
    assert not re.search(r"\sstyle=|\son\w+=\"", client.get("/alerts").text)


def _untranslated(text: str) -> str:
    """What is left without the texts between marks, some of which hold others."""
    without = re.sub(r"⟦[^⟦⟧]*⟧", "", text)
    return text if without == text else _untranslated(without)


def test_no_text_on_the_page_has_missed_the_catalogue(client, publish, alerted, monkeypatch) -> None:
    publish(alerted)
    post(client, "/alerts/seen", [names(client)["model churn_model"]])
    monkeypatch.setattr("dashboard.i18n.chosen_language", lambda headers: PSEUDO)
    with speaking(PSEUDO):
        text = client.get("/alerts").text
    main = re.search(r"<main.*?</main>", text, re.DOTALL)[0]
    bare = _untranslated(re.sub(r'<(\w+)[^>]*translate="no".*?</\1>', "", main, flags=re.DOTALL))
    assert re.findall(r"[A-Za-z]{3,}", re.sub(r"<[^>]+>", " ", bare)) == []
    attributes = re.findall(r'(?:aria-label|title|data-label)="([^"]*)"', main)
    assert [one for one in attributes if re.search(r"[a-z]{3,}", _untranslated(one))] == []


def test_the_page_uses_what_its_context_declares(client) -> None:
    environment = client.app.state.templates.environment
    used: set[str] = set()
    for name in ("alerts.html", "partials/alerts.html"):
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        used |= meta.find_undeclared_variables(environment.parse(source))
    of_the_template = {"tools", "icons", "values", "parts", "shown"}
    declared = {field.name for field in fields(AlertsContext)}
    assert used - of_the_template - set(environment.globals) == declared


def test_page_and_api_show_the_same_alerts(client, publish, alerted) -> None:
    publish(alerted)
    for query in ("", "?severity=critical", "?kind=data_warning&status=unseen"):
        answer = client.get(f"/api/v1/alerts{query}").json()
        assert set(shown(client.get(f"/alerts{query}").text)) == {item["name"] for item in answer["alerts"]}


def test_the_api_goes_on_where_it_stopped(client, publish, alerted) -> None:
    publish(alerted)
    whole = client.get("/api/v1/alerts").json()
    assert (whole["total"], whole["unseen"], whole["after"]) == (5, 5, None)
    parts, after = [], None
    while True:
        answer = client.get(
            "/api/v1/alerts", params={"limit": 2, **({"after": after} if after else {})}
        ).json()
        assert answer["total"] == 5
        parts += answer["alerts"]
        after = answer["after"]
        if after is None:
            break
    assert parts == whole["alerts"]
    assert parts[-1]["worth"] == {"value_brl": 99.5, "cltv": 12.34, "action": "Win-back"}


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "status=odd", "after=" + "x" * 65])
def test_the_api_refuses_what_it_does_not_take(client, publish, alerted, query) -> None:
    publish(alerted)
    answer = client.get(f"/api/v1/alerts?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", query.partition("=")[0]]


def test_who_marked_is_said_where_somebody_signed_in(published, publish, alerted, built) -> None:
    from dashboard.passwords import Cost, hash_password

    publish(alerted)
    settings = Settings(
        _env_file=None,
        home=published.parent,
        dashboard_users=f"ana:{hash_password('x', Cost(4, 8, 1))}",
        dashboard_secret="s" * 32,
    )
    with TestClient(create_app(settings, built), base_url="http://localhost") as client:
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
        client.post("/login", data={"csrf_token": token, "name": "ana", "password": "x"})
        post(client, "/alerts/seen", [names(client)["turned_red c1"], names(client)["check raw.orders fit"]])
        text = client.get("/alerts").text
    assert len(re.findall(r">Seen by ana", text)) == 2
