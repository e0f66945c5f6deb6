"""Settings outside their domain are refused with a message that names them."""

import dataclasses
import datetime
import math

import pytest

from ml.simulate import SAMPLE, SimulationConfig


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("customers", 0, "customers must be a whole number, 1 or more; got 0"),
        ("customers", 10.0, "customers must be a whole number, 1 or more; got 10.0"),
        ("seed", -1, "seed must be a whole number, 0 or more; got -1"),
        ("start", "2017-01-01", "start must be a date without a time; got '2017-01-01'"),
        ("end", datetime.datetime(2018, 1, 1), "end must be a date without a time"),
        (
            "end",
            datetime.date(2015, 9, 1),
            "end must lie after start; got start 2015-09-01 and end 2015-09-01",
        ),
        ("r", 0.0, "r must be a finite number above 0; got 0.0"),
        ("alpha", -1.0, "alpha must be a finite number above 0; got -1.0"),
        ("a", math.nan, "a must be a finite number above 0; got nan"),
        ("b", math.inf, "b must be a finite number above 0; got inf"),
        ("p", 0, "p must be a finite number above 0; got 0"),
        ("q", 1.0, "q must be above 1, or the mean purchase is infinite; got 1.0"),
        ("gamma", True, "gamma must be a finite number above 0; got True"),
        ("covariate_strength", -0.1, "covariate_strength must be a finite number, 0 or more; got -0.1"),
        ("late_odds_ratio", 0.0, "late_odds_ratio must be a finite number above 0; got 0.0"),
        ("bad_review_odds_ratio", "5", "bad_review_odds_ratio must be a finite number above 0; got '5'"),
        ("late_share", 0.5, "late_share must lie between 0 and 0.3; got 0.5"),
        ("growth_per_year", -1.0, "growth_per_year must be above -1 and at most 10; got -1.0"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name, value, message):
    with pytest.raises(ValueError, match="^" + message.replace("(", r"\(")):
        dataclasses.replace(SAMPLE, **{name: value})


def test_both_ends_of_the_data_count():
    config = SimulationConfig(
        customers=1, seed=0, start=datetime.date(2017, 1, 1), end=datetime.date(2017, 1, 31)
    )
    assert config.days == 31
    assert config.end_s - config.start_s == 31 * 86_400
