"""Numbers, money and dates as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard import formatting as f
from dashboard.i18n import LANGUAGES, Language, speaking


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


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
@settings(deadline=None)
@given(  # Babel's own limit is 28 digits
    value=st.floats(0, 1e18) | st.integers(0, 10**23) | st.decimals(0, 10**13, places=2),
    decimals=st.integers(0, 4),
)
@example(value=0, decimals=2)
@example(value=0.5, decimals=0)
@example(value=2.675, decimals=2)
@example(value=999.995, decimals=2)
@example(value=1e23, decimals=0)
@example(value=123_456_789_012_345.12, decimals=4)
def test_numbers_are_those_of_babel(language: Language, value: float, decimals: int) -> None:
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    with speaking(language.code):
        assert f.number(value, decimals) == format_decimal(
            round(value, decimals), pattern, locale=language.locale
        )


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
@settings(deadline=None)
@given(value=st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_days_are_those_of_babel(language: Language, value: date) -> None:
    with speaking(language.code):
        assert f.day(value) == format_date(value, "long", locale=language.locale)
        assert f.day_short(value) == format_date(value, "medium", locale=language.locale)


def test_a_number_that_was_written_in_one_language_is_written_anew_in_another() -> None:
    for _ in range(2):
        texts = {}
        for code in LANGUAGES:
            with speaking(code):
                texts[code] = (f.money_compact(60_149).replace(f.NO_BREAK, " "), f.month_short("2018-08"))
        assert texts == {
            "en": ("R$ 60.1K", "Aug 2018"),
            "ko": ("R$ 6.01만", "2018년 8월"),
            "pt": ("R$ 60,1 mil", "ago. de 2018"),
        }
