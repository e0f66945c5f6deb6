"""Customers are won with growth, weekdays and a Black Friday."""

import dataclasses
import datetime

import numpy as np

from ml.simulate import SAMPLE
from ml.simulate.acquisition import day_weights, draw_first_days, months


def on(day: datetime.date) -> int:
    return (day - SAMPLE.start).days


def test_black_friday_is_the_strongest_day_of_every_year():
    weights = day_weights(SAMPLE)
    for day in (datetime.date(2015, 11, 27), datetime.date(2016, 11, 25), datetime.date(2017, 11, 24)):
        of_year = np.array([(SAMPLE.start + datetime.timedelta(int(i))).year for i in range(SAMPLE.days)])
        within = np.where(of_year == day.year, weights, 0.0)
        assert np.argmax(within) == on(day)


def test_weights_grow_by_the_given_rate_from_year_to_year():
    weights = day_weights(SAMPLE)
    before, after = (weights[on(datetime.date(year, 5, 1)) :][:28].sum() for year in (2017, 2018))
    assert abs(after / before - (1 + SAMPLE.growth_per_year)) < 0.02


def test_weekends_are_weaker_than_mondays():
    weights = day_weights(SAMPLE)
    monday = on(datetime.date(2017, 5, 8))
    assert weights[monday + 5] < 0.8 * weights[monday]


def test_first_days_follow_the_weights_inside_the_data():
    days = draw_first_days(np.random.default_rng(1), SAMPLE, 200_000)
    shares = np.bincount(days.astype(int), minlength=SAMPLE.days) / 200_000
    expected = day_weights(SAMPLE) / day_weights(SAMPLE).sum()
    assert days.min() >= 0
    assert days.max() < SAMPLE.days
    assert np.abs(shares - expected).max() < 5 * np.sqrt(expected.max() / 200_000)


def test_nights_are_quiet():
    hours = (draw_first_days(np.random.default_rng(1), SAMPLE, 50_000) % 1.0 * 24).astype(int)
    by_hour = np.bincount(hours, minlength=24)
    assert by_hour[4] < 0.1 * by_hour[14]


def test_months_are_those_of_the_calendar():
    config = dataclasses.replace(SAMPLE, start=datetime.date(2016, 2, 28), end=datetime.date(2016, 3, 1))
    assert months(config).tolist() == [2, 2, 3]
