"""When a challenger is better, and when it is no worse."""

from __future__ import annotations

import pytest

from ml.metrics import Comparison


def compared(
    difference: float, low: float, high: float, *, champion: float = 0.6, larger: bool = True
) -> Comparison:
    return Comparison("figure", champion + difference, champion, difference, low, high, larger)


@pytest.mark.parametrize(
    ("comparison", "is_better", "is_no_worse"),
    [
        (compared(0.02, 0.01, 0.03), True, True),
        (compared(0.01, -0.01, 0.03), False, True),
        (compared(-0.01, -0.03, 0.01), False, True),
        (compared(-0.02, -0.03, -0.01), False, False),
        (compared(-0.0001, -0.0002, -0.00005), False, True),
        (compared(-0.02, -0.03, -0.01, champion=0.06, larger=False), True, True),
        (compared(0.0005, 0.0004, 0.0006, champion=0.06, larger=False), False, False),
        (compared(0.0002, 0.0001, 0.0003, champion=0.06, larger=False), False, True),
        (compared(-0.0002, -0.0003, -0.0001, champion=-0.065), False, True),
        (compared(-0.0005, -0.0006, -0.0004, champion=-0.065), False, False),
    ],
)
def test_a_difference_counts_beyond_noise_and_beyond_half_a_percent(
    comparison: Comparison, is_better: bool, is_no_worse: bool
) -> None:
    assert (comparison.is_better, comparison.is_no_worse) == (is_better, is_no_worse)
