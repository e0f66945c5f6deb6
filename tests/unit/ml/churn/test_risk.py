"""The risk rule at its edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.churn.risk import RiskRule, risk_band

RULE = RiskRule(base_return_rate=0.01, green_lift=2.0, red_lift=0.75)


@pytest.mark.parametrize(
    ("return_probability", "band"),
    [
        (1.0, "green"),
        (0.02, "green"),
        (0.0199999, "yellow"),
        (0.0075, "yellow"),
        (0.0074999, "red"),
        (0.0, "red"),
    ],
)
def test_the_band_follows_the_return_probability_in_base_rates(return_probability: float, band: str) -> None:
    assert risk_band(np.array([1 - return_probability]), RULE).tolist() == [band]


def test_bands_keep_the_order_of_the_customers() -> None:
    bands = risk_band(pd.Series([0.9, 0.999, 0.99]), RULE)
    assert bands.tolist() == ["green", "red", "yellow"]


@pytest.mark.parametrize("bad", [np.nan, -0.1, 1.1])
def test_what_is_no_probability_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match=r"churn_probability: 1 of 2 value\(s\)"):
        risk_band(np.array([0.5, bad]), RULE)


@pytest.mark.parametrize(
    ("base", "green", "red"), [(0.0, 2, 0.75), (1.2, 2, 0.75), (0.01, 0.5, 0.75), (0.01, 2, -1)]
)
def test_a_rule_that_makes_no_sense_is_refused(base: float, green: float, red: float) -> None:
    with pytest.raises(ValueError, match=r"base_return_rate|red_lift"):
        RiskRule(base, green, red)
