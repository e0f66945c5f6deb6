"""Statements as codes and values, and as sentences."""

from __future__ import annotations

import json

import numpy as np

from ml.statements import Statement, coded, sentences

ONE = Statement("late", "It is 0.1234567 late.", {"by": 0.1234567, "of": [np.float64(2.00000001), 1234567]})
TWO = Statement("and", "", {"nested": {"deep": (1e-9 / 3,)}, "day": "2018-08-01", "none": None})


def test_codes_and_values_are_kept_with_numbers_to_six_digits() -> None:
    assert json.loads(coded([ONE, TWO])) == [
        {"code": "late", "values": {"by": 0.123457, "of": [2.0, 1234567]}},
        {"code": "and", "values": {"nested": {"deep": [3.33333e-10]}, "day": "2018-08-01", "none": None}},
    ]
    assert coded([]) == "[]"


def test_sentences_leave_out_what_has_no_words() -> None:
    assert sentences([ONE, TWO, ONE]) == "It is 0.1234567 late. It is 0.1234567 late."
