"""The words of alerts come from what they are about, never from the stored sentence."""

from __future__ import annotations

import pytest

from dashboard.alert_words import alert_words, kind_name, severity_name
from dashboard.i18n import PSEUDO, speaking
from dashboard.queries.alerts import KINDS, SEVERITIES, Alert
from tests.unit.dashboard.conftest import stated

STORED = "a stored sentence"


def _alert(kind: str, **more) -> Alert:
    names = dict.fromkeys(Alert.__dataclass_fields__, None)
    given = {"alert_id": "id", "kind": kind, "severity": "warning", "subject": "subject", "message": STORED}
    return Alert(**(names | given | more))


def test_customers_that_turned_red_are_counted_and_linked() -> None:
    words = alert_words(_alert("customers_turned_red", value=1234.0), 77)
    assert words.title == "1,234 high-value customers turned red"
    assert "within 77 days" in words.text
    assert words.link == "/customers?value_tier=High+Value&risk_band=red"
    assert (
        alert_words(_alert("customers_turned_red", value=1.0), 77).title == "1 high-value customer turned red"
    )


def test_one_customer_leads_to_the_profile() -> None:
    words = alert_words(_alert("customer_turned_red", subject="abc", value=0.985, value_before=0.5), 77)
    assert words.text == (
        "Probability of not buying again within 77 days: 98.5%, and 50.0% in the snapshot before."
    )
    assert (words.subject, words.link) == ("abc", "/customers/abc")


@pytest.mark.parametrize(
    ("before", "now", "title", "text"),
    [
        (0.2, 0.3, "“Red: at risk” grew from 20.0% to 30.0%", "+10.00\u00a0points"),
        (0.3, 0.2, "“Red: at risk” shrank from 30.0% to 20.0%", "−10.00\u00a0points"),
        (0.0, 0.1, "grew from 0.0% to 10.0%", "+10.00\u00a0points"),
    ],
)
def test_a_segment_says_whence_and_whither(before, now, title, text) -> None:
    words = alert_words(
        _alert("segment_jumped", dimension="risk_band", subject="red", value=now, value_before=before), 77
    )
    assert title in words.title
    assert words.title.startswith("Churn risk")
    assert words.text.startswith(text)
    assert words.link == "/customers?risk_band=red"


def test_a_data_warning_names_its_check_and_says_what_was_found() -> None:
    coded = stated("off_by", count=3)
    alert = _alert(
        "data_warning", subject="raw.orders", expectation="keys_fit", detail="off by 3", detail_coded=coded
    )
    words = alert_words(alert, 77)
    assert (words.subject, words.detail, words.link) == ("raw.orders keys_fit", "off by 3", "")
    assert alert_words(_alert("data_warning", subject="raw.orders"), 77).subject == "raw.orders"
    with speaking(PSEUDO):
        assert alert_words(alert, 77).detail == "⟦off by 3⟧"


def test_a_data_warning_says_what_was_asked_of_the_data_in_words() -> None:
    asked = {"meaning": "Every point lies in the rectangle around Brazil.", "meaning_coded": "[]"}
    words = alert_words(_alert("data_warning", subject="raw.geolocation", expectation="points", **asked), 77)
    assert words.text == (
        "Asked of the data: Every point lies in the rectangle around Brazil. The run went on."
    )
    with speaking("ko"):
        said = alert_words(_alert("data_warning", subject="raw.geolocation", **asked), 77).text
    assert "브라질" in said
    assert "Brazil" not in said


def test_a_model_warning_names_the_model_in_words_and_gives_the_reason() -> None:
    coded = stated("not_judged", version="3")
    words = alert_words(
        _alert("model_warning", subject="churn_model", detail="too weak", detail_coded=coded), 77
    )
    assert "Who will buy again" in words.title
    assert words.detail == "It could not be judged on data it had not seen; version 3, which was, stays."


@pytest.mark.parametrize("more", [{}, {"dimension": "state"}, {"dimension": "never heard of"}])
def test_an_alert_without_words_shows_what_was_stored(more) -> None:
    words = alert_words(_alert("segment_jumped" if more else "never heard of", **more), 77)
    assert (words.title, words.text) == ("subject", STORED)


@pytest.mark.parametrize("kind", KINDS)
def test_every_known_kind_has_words_of_its_own_all_of_them_translated(kind) -> None:
    with speaking(PSEUDO):
        words = alert_words(_alert(kind, dimension="risk_band", subject="red", value=1.0, detail="d"), 77)
        shown = (words.title, words.text, words.link_text, kind_name(kind))
    assert STORED not in shown
    assert all(text.startswith("⟦") and text.endswith("⟧") for text in shown if text)


def test_severities_have_names_and_unknown_names_are_their_own() -> None:
    assert [severity_name(one) for one in SEVERITIES] == ["Critical", "Warning"]
    assert (severity_name("odd"), kind_name("odd")) == ("odd", "odd")
