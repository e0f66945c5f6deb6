"""The search: it ends where the loss is flat, and says so honestly where it does not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from ml.clv.search import search


def test_a_bowl_is_searched_to_its_bottom() -> None:
    bottom = np.array([0.5, -2.0])
    found = search(lambda v: (float(((v - bottom) ** 2).sum()), 2 * (v - bottom)), np.zeros(2))
    assert found.converged
    np.testing.assert_allclose(found.vector, bottom, atol=1e-6)


def test_a_loss_without_numbers_is_not_converged_and_says_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = search(lambda v: (float("nan"), np.full(2, np.nan)), np.zeros(2))
    assert not found.converged
    assert capsys.readouterr() == ("", "")


def test_a_slope_without_end_stays_inside_what_can_be_exponentiated() -> None:
    found = search(lambda v: (float(-v.sum()), -np.ones(2)), np.zeros(2))
    assert not found.converged
    assert np.isfinite(found.loss)
