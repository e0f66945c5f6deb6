"""The parts of the pages: cards, charts, courses, verdicts."""

from __future__ import annotations

import pytest

from dashboard.pages.cards import cards
from dashboard.pages.charts import donut, risk_chart
from dashboard.pages.quality import models, verdict
from dashboard.pages.sparkline import sparkline
from dashboard.queries.models import ModelQuality, Score
from dashboard.queries.summary import Summary, summary
from dashboard.store import open_snapshot


@pytest.fixture
def answer(publish, rows) -> Summary:
    return summary(open_snapshot(publish(rows)))


def test_cards_state_the_change_and_whether_it_is_good(answer: Summary) -> None:
    by_name = {card.name: card for card in cards(answer)}
    assert (by_name["customers"].change.text, by_name["customers"].change.tone) == ("+33.3%", "good")
    assert (by_name["revenue_brl"].change.direction, by_name["revenue_brl"].change.tone) == ("down", "bad")
    assert by_name["customers_at_risk"].change is None
    assert by_name["customers_at_risk"].note.startswith("50.0% of all")


def test_more_customers_at_risk_is_bad(publish, rows) -> None:
    rows["segment_summary"][1] |= {"segment": "red", "customers": 1}
    answer = summary(open_snapshot(publish(rows)))
    card = next(card for card in cards(answer) if card.name == "customers_at_risk")
    assert (card.change.text, card.change.tone) == ("+100.0%", "bad")


def test_a_donuts_total_is_the_sum_of_its_slices(answer: Summary) -> None:
    ring = donut("risk_band", "?", answer.segments["risk_band"])
    assert (ring.total, sum(part.customers for part in ring.slices)) == ("4", 4)
    assert [part.share for part in ring.slices] == ["50.0%", "25.0%", "25.0%"]
    assert all(part.shape for part in ring.slices)


def test_the_risk_chart_says_which_months_had_not_enough_data(answer: Summary) -> None:
    chart = risk_chart(answer.months)
    red = next(series for series in chart.series if series.token == "risk-red")
    assert (red.values, red.texts) == ((None, 2), ("not enough data", "2"))


def test_a_course_has_gaps_where_there_is_no_number() -> None:
    assert sparkline([None, 0, 1, None, 0]) == "M25.0 26.0L50.0 2.0M100.0 26.0"
    assert sparkline([3, 3]) == "M0.0 14.0L100.0 14.0"
    assert sparkline([None, 3]) == ""


def _score(
    value: tuple[float, float, float], base: tuple[float, float, float] | None, metric: str = "m"
) -> Score:
    low, at, high = value
    base_low, base_at, base_high = base or (None, None, None)
    return Score(metric, at, low, high, "naive", base_at, base_low, base_high)


@pytest.mark.parametrize(
    ("better", "value", "base", "expected"),
    [
        ("high", (0.58, 0.60, 0.62), (0.49, 0.50, 0.51), "better"),
        ("high", (0.58, 0.60, 0.62), (0.55, 0.57, 0.59), "alike"),
        ("high", (0.40, 0.41, 0.42), (0.49, 0.50, 0.51), "worse"),
        ("low", (3.9, 4.0, 4.1), (4.4, 4.5, 4.6), "better"),
        ("low", (4.4, 4.5, 4.6), (3.9, 4.0, 4.1), "worse"),
        ("zero", (-0.1, 0.0, 0.1), (-0.5, -0.4, -0.3), "better"),
        ("zero", (-0.5, -0.4, -0.3), (0.0, 0.1, 0.2), "worse"),
        ("zero", (-0.3, 0.0, 0.3), (0.1, 0.2, 0.3), "alike"),
        ("", (0.58, 0.60, 0.62), (0.49, 0.50, 0.51), ""),
        ("high", (0.58, 0.60, 0.62), None, ""),
    ],
)
def test_a_verdict_needs_ranges_that_do_not_overlap(better, value, base, expected) -> None:
    assert verdict(_score(value, base), better) == expected


def test_a_gain_decides_on_its_figure_and_is_counted_once() -> None:
    overlapping = _score((0.70, 0.73, 0.76), (0.65, 0.68, 0.71), "roc_auc")
    other = _score((0.58, 0.60, 0.62), (0.49, 0.50, 0.51), "pr_auc")

    def shown(*scores: Score) -> tuple[str, dict[str, str]]:
        (model,) = models((ModelQuality("churn_model", "2018-08", None, None, scores),))
        return model.in_short, {row.name: row.verdict for row in (*model.rows, *model.more_rows)}

    for gain, expected in (((0.04, 0.05, 0.06), "better"), ((-0.06, -0.05, -0.04), "worse")):
        in_short, verdicts = shown(overlapping, _score(gain, None, "roc_auc_gain"), other)
        assert verdicts == {"roc_auc": expected, "roc_auc_gain": "", "pr_auc": "better"}
        assert in_short.startswith("Of 2 comparisons")
    assert shown(overlapping, other)[1]["roc_auc"] == "alike"
    alone = _score((0.04, 0.05, 0.06), None, "roc_auc_gain")
    assert shown(alone)[1] == {"roc_auc_gain": "better"}


def test_a_gain_is_judged_against_zero() -> None:
    assert verdict(_score((0.006, 0.03, 0.05), None, "roc_auc_gain"), "high") == "better"
    assert verdict(_score((-0.01, 0.03, 0.05), None, "roc_auc_gain"), "high") == "alike"
