"""The page of the models: its words and numbers on the tiny snapshot."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import pytest

from dashboard.pages.charts import COLUMN, LINE, Series, Trend
from dashboard.pages.curves import calibration_columns, gain_curve
from dashboard.pages.model_parts import churn_honesty
from dashboard.queries.checks import Check
from dashboard.queries.curves import CurvePoint, ModelCurve
from dashboard.queries.models import ModelQuality, Score
from dashboard.statements import asked_of
from tests.unit.dashboard.conftest import stated


@pytest.fixture
def text(client, publish, model_rows) -> str:
    publish(model_rows)
    return _plain(client.get("/models").text)


def _plain(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(page).replace("\u00a0", " ").replace("\u2212", "-"))


def _part(page: str, start: str) -> str:
    """The page from a mark to the end of its table, list or card."""
    return page[page.index(start) :].split("</article>")[0]


def test_it_says_which_version_serves_since_when_and_why(text: str) -> None:
    serving = _part(text, 'data-serving="churn_model"')
    assert "data-version>3</dd>" in serving
    assert "data-since>July 2018</dd>" in serving
    assert "Held back" in serving
    assert "It could not be judged on data it had not seen; version 3, which was, stays." in serving
    assert "BG/NBD was kept, as the default." in serving
    assert "data-since>August 2018</dd>" in _part(text, 'data-serving="cltv_model"')


def test_it_says_what_the_ranking_means_for_its_use(text: str) -> None:
    honesty = _part(text, 'data-serving="churn_model"')
    assert "to the right one in 60 (58 to 62 with 95% confidence). 50 would be a coin toss." in honesty
    assert "The ranking is modest." in honesty


@pytest.mark.parametrize(
    ("value", "low", "words"),
    [
        (0.55, 0.49, "no better than chance"),
        (0.55, 0.53, "ranking is weak"),
        (0.65, 0.6, "ranking is modest"),
        (0.75, 0.7, "ranking is fair"),
        (0.9, 0.85, "ranking is strong"),
        (1.0, None, "ranking is strong"),
        (0.45, None, "no better than chance"),
    ],
)
def test_a_ranking_is_not_made_better_than_it_is(value, low, words) -> None:
    score = Score("roc_auc", value, low, low and value, None, None, None, None)
    sentences = churn_honesty(ModelQuality("churn_model", "2018-08", None, None, (score,)))
    assert words in sentences[1]
    assert churn_honesty(None) == ()


def test_intervals_are_said_to_hold_what_was_measured(text: str) -> None:
    note = _part(text, 'id="intervals"')
    assert "A shop that grows, shrinks or changes keeps less than that." in note
    assert "64% of the groups of like customers (41% to 83% with 95% confidence)" in note


def test_past_predictions_carry_their_error_and_a_verdict(text: str) -> None:
    rate = _part(text, 'data-metric="return_rate_error"')
    assert "Too little by -20.0% (-30.0% to -10.0%)" in rate
    assert "Scores of February 2018 foretold 0.80% within 180 days; it became 1.00%." in rate
    purchases = _part(text, 'data-metric="purchases_error"')
    assert "No clear error: +4.0% (-10.0% to +20.0%)" in purchases
    assert "judged by what came: ROC AUC 0.610 (0.550 to 0.660)." in text


def test_drift_is_said_in_words(text: str) -> None:
    assert 'data-drift="moved"' in text
    row = text[text.index('data-feature="age_days"') :].split("</tr>")[0]
    assert "Days since the first purchase." in row
    assert "Has moved farther than when the model was validated" in row


def test_every_warned_check_and_every_file_is_told(client, publish, model_rows) -> None:
    extra = [
        model_rows["data_checks"][2]
        | {"expectation": f"rule_{i}", "meaning": f"Rule {i}.", "observed": f"off by {i}"}
        for i in range(20)
    ]
    model_rows["data_checks"] += extra
    publish(model_rows)
    text = client.get("/models").text
    assert text.count("data-check>") == 22
    assert "Rule 19." in text
    assert "seen: off by 19" in text
    assert "reviews rule_19" in text
    files = text[text.index('id="files"') :].split("</table>")[0]
    assert re.findall(r">(\w+\.csv)<", files) == ["items.csv", "orders.csv"]


def test_the_glossary_is_searched_without_a_script(client, publish, model_rows) -> None:
    publish(model_rows, horizon_days=77, cltv_horizon_days=222)
    terms = _shown(client.get("/models").text)
    assert "Within the last 77 days".casefold() in " ".join(terms.values()).casefold()
    assert "222 days" in terms["Lifetime value (CLTV)"]
    found = _shown(client.get("/models", params={"q": "coin toss"}).text)
    assert list(found) == ["Ranking (ROC AUC)"]
    nothing = client.get("/models", params={"q": "no such thing"}).text
    assert _shown(nothing) == {}
    assert re.search(r'id="nothing-found" role="status" *>', nothing)


def _shown(page: str) -> dict[str, str]:
    """The terms that a reader sees, with their meanings."""
    part = page[page.index('id="terms"') :].split("</dl>")[0]
    found = re.findall(r"<div data-entry *>\s*<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", part)
    return {html.unescape(name): html.unescape(meaning) for name, meaning in found}


def test_a_snapshot_without_models_says_what_is_missing(client, publish, rows) -> None:
    publish({"cltv_trend": rows["cltv_trend"]}, model_versions={}, risk_rule=None)
    text = client.get("/models").text
    assert text.count("No version serves yet: not enough data.") == 2
    assert text.count("no version has been judged yet") == 2
    assert "no churn model serves yet" in text
    assert "No loads are recorded" in text
    assert "data-chart" not in text
    assert "Churn risk: green" not in text


def test_charts_hold_what_the_curves_say(client, publish, model_rows) -> None:
    publish(model_rows)
    page = client.get("/models").text
    data = {
        name: json.loads(text)
        for name, text in re.findall(
            r'<script type="application/json" id="chart-([^"]+)">(.*?)</script>', page
        )
    }
    calibration = data["churn_model-calibration"]
    assert calibration["x"] == [0.01, 0.1]
    assert {line["form"]: line["values"] for line in calibration["series"]} == {
        "dashed": [0.01, 0.1],
        "band": [0.01, 0.05],
        "line": [0.02, 0.08],
    }
    assert [row["text"] for row in calibration["tips"][0]["rows"]] == ["1.00%", "2.00%", "1.00% to 3.00%"]
    assert len(data["churn_model-gain"]["series"]) == 3
    assert len(data["cltv_model-gain"]["series"]) == 2
    assert data["cltv_model-calibration"]["categories"] == ["1", "2", "3", "4+"]
    assert "were 37.5% of all who came back" in page


def test_a_gain_whose_baseline_is_chance_shows_chance_once() -> None:
    points = tuple(CurvePoint(x, x, None, None, x, None, None, None) for x in (0.0, 1.0))
    curve = gain_curve(ModelCurve("cltv_model", "3", "gain", points), "found")
    assert [line.form for line in curve.series] == ["line", "dashed"]


def test_groups_are_called_by_their_own_purchase_days_even_where_one_is_missing() -> None:
    groups = ((1, 1), (3, 3), (4, 6), (7, None), (None, None))
    points = tuple(CurvePoint(0.1, 0.1, None, None, None, 5, *group) for group in groups)
    chart = calibration_columns(ModelCurve("cltv_model", "3", "calibration", points))
    assert chart.categories == ("1", "3", "4 to 6", "7+", "not known")


def test_what_the_pipeline_states_is_said_in_the_language_of_the_request(client, publish, model_rows) -> None:
    model_rows["data_checks"][2] |= {
        "meaning": "Every point lies in the rectangle around Brazil.",
        "observed": "off by 16",
        "observed_coded": stated("off_by", count=16),
    }
    model_rows["data_checks"][3] |= {
        "meaning": "Every order_id is in raw.orders.",
        "meaning_coded": stated("refers_to", column="order_id", table="raw.orders"),
    }
    model_rows["data_loads"][0] |= {
        "note": "extra",
        "note_coded": stated("columns_ignored", columns=["x", "y"]),
    }
    model_rows["glossary"][1] |= {"meaning": "The customer.", "unit": "days"}
    publish(model_rows)
    page = _plain(client.get("/models", headers={"accept-language": "pt"}).text)
    for words in (
        "Não pôde ser avaliada com dados que não tinha visto; a versão 3, que foi avaliada, continua em uso.",
        "BG/NBD foi mantido, como padrão.",
        "Todos os pontos ficam no retângulo em torno do Brasil.",
        "diferença de 16",
        "Todo order_id está em raw.orders.",
        "Colunas extras ignoradas: x, y",
        "O cliente.",
        ">dias<",
    ):
        assert words in page, words


def test_a_statement_of_a_contract_that_is_not_in_the_catalogues_is_named_by_its_check_alone() -> None:
    names = dict.fromkeys(Check.__dataclass_fields__, None)
    check = Check(**(names | {"severity": "critical", "meaning": "All is well.", "meaning_coded": "[]"}))
    assert asked_of(check) == "The table's contract holds."
    assert asked_of(replace(check, severity="warning")) == "All is well."


@pytest.mark.parametrize(
    ("form", "values", "is_drawn"),
    [
        (LINE, (1.0,), False),
        (LINE, (1.0, None), False),
        (LINE, (1.0, 2.0), True),
        (COLUMN, (1.0,), True),
        (COLUMN, (None,), False),
        ("text", (1.0, 2.0), False),
    ],
)
def test_a_course_needs_something_to_see(form, values, is_drawn) -> None:
    series = Series("a", "none", form, "", values, tuple("" for _ in values))
    assert Trend("trend", "a", "count", tuple("" for _ in values), (series,)).is_drawn == is_drawn
