"""Numbers, money and dates as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from dashboard import formatting as f


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "R$ 0.00"),
        (1234.56, "R$ 1,234.56"),
        (-0.5, "−R$ 0.50"),
        (-0.001, "R$ 0.00"),
        (1e9, "R$ 1,000,000,000.00"),
    ],
)
def test_money_has_separators_centavos_and_a_true_minus(value: float, text: str) -> None:
    assert f.money(value).replace(f.NO_BREAK, " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (999.49, "R$ 999.49"),
        (999.9, "R$ 1K"),
        (1234, "R$ 1.23K"),
        (60_149, "R$ 60.1K"),
        (999_499, "R$ 999K"),
        (999_600, "R$ 1M"),
        (15_843_553.24, "R$ 15.8M"),
        (2.5e9, "R$ 2.5B"),
        (-1234, "−R$ 1.23K"),
    ],
)
def test_compact_money_keeps_three_digits(value: float, text: str) -> None:
    assert f.money_compact(value).replace(f.NO_BREAK, " ") == text


def test_counts_and_figures_are_rounded_with_separators() -> None:
    assert f.count(96096) == "96,096"
    assert f.count(-1200) == "−1,200"
    assert f.number(0.5994) == "0.599"
    assert f.number(0.01147, 4) == "0.0115"


def test_shares_are_percentages() -> None:
    assert f.share(0.1234) == "12.3%"
    assert f.share(0.0116, 2) == "1.16%"
    assert f.rate(0.0116) == "1.16%"
    assert f.signed_share(0.023) == "+2.3%"
    assert f.signed_share(-0.023) == "−2.3%"
    assert f.signed_share(0.0001) == "0.0%"
    assert f.signed_points(0.0012) == "+0.12\u00a0points"


@pytest.mark.parametrize(
    "form",
    [f.count, f.number, f.money, f.money_compact, f.share, f.rate, f.signed_share, f.signed_points],
)
def test_a_missing_number_says_so(form) -> None:
    assert form(None) == "not enough data"


def test_months_and_days_are_written_out() -> None:
    assert f.month("2018-08") == "August 2018"
    assert f.month_short("2018-08") == "Aug 2018"
    assert f.day(date(2018, 8, 1)) == "1 August 2018"


def test_instants_are_given_in_universal_time() -> None:
    sao_paulo = timezone(timedelta(hours=-3))
    assert f.instant(datetime(2018, 9, 1, 0, 12, tzinfo=sao_paulo)) == "1 September 2018, 03:12 UTC"
    assert f.instant(datetime(2018, 9, 1, 3, 12)) == f.instant(datetime(2018, 9, 1, 3, 12, tzinfo=UTC))
