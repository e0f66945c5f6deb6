"""The door to lifetimes: published numbers, weights, and a process left as it was."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from ml.clv._lifetimes import fit_bgnbd, fit_gamma_gamma

START = (1.1, 1.1, 1.1, 1.1)

IMPORT_AND_FIT = """
import warnings
import numpy, pandas, scipy.optimize
filters, option = list(warnings.filters), pandas.options.mode.chained_assignment
from ml.clv._lifetimes import fit_bgnbd
one = numpy.array([1.0, 0.0, 2.0])
fit_bgnbd(one, one / 4, numpy.ones(3), numpy.ones(3), 0.1, (1.0, 1.0, 1.0, 1.0))
assert warnings.filters == filters, "warning filters changed"
assert pandas.options.mode.chained_assignment == option, "a pandas option changed"
"""


def fit_cdnow(cdnow: pd.DataFrame) -> np.ndarray:
    frequency, recency, T = (cdnow[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    unit = T.max()
    optimum = fit_bgnbd(frequency, recency / unit, T / unit, np.ones(len(cdnow)), 0.0, START)
    assert optimum.converged
    return np.array(optimum.parameters) * [1, unit, 1, 1]


def test_bgnbd_reproduces_the_parameters_published_for_cdnow(cdnow: pd.DataFrame) -> None:
    np.testing.assert_allclose(fit_cdnow(cdnow), [0.243, 4.414, 0.793, 2.426], rtol=0.005)


def test_bgnbd_reaches_the_log_likelihood_published_for_cdnow(cdnow: pd.DataFrame) -> None:
    unit = cdnow["T"].max()
    frequency, recency, T = (cdnow[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    optimum = fit_bgnbd(frequency, recency / unit, T / unit, np.ones(len(cdnow)), 0.0, START)
    # Scaling time by 1/unit multiplies the density of each purchase by unit.
    log_likelihood = -optimum.loss * len(cdnow) - frequency.sum() * np.log(unit)
    assert log_likelihood == pytest.approx(-9582.43, abs=0.02)


def test_gamma_gamma_reproduces_the_parameters_published_for_cdnow(cdnow_spend: pd.DataFrame) -> None:
    frequency, value = cdnow_spend["frequency"].to_numpy(float), cdnow_spend["monetary_value"].to_numpy(float)
    unit = value.mean()
    optimum = fit_gamma_gamma(frequency, value / unit, 0.0, (1.1, 2.0, 1.0))
    assert optimum.converged
    np.testing.assert_allclose(np.array(optimum.parameters) * [1, 1, unit], [6.25, 3.74, 15.44], rtol=0.005)


def test_weights_count_like_repeated_rows(cdnow: pd.DataFrame) -> None:
    frequency, recency, T = (cdnow[name].to_numpy(float)[::6] for name in ("frequency", "recency", "T"))
    counts = np.arange(len(T)) % 4 + 1
    weighted = fit_bgnbd(frequency, recency / 40, T / 40, counts, 1e-3, START)
    repeated = (np.repeat(values, counts) for values in (frequency, recency / 40, T / 40))
    one_by_one = fit_bgnbd(*repeated, np.ones(counts.sum()), 1e-3, START)
    np.testing.assert_allclose(weighted.parameters, one_by_one.parameters, rtol=1e-3)
    assert weighted.loss == pytest.approx(one_by_one.loss, rel=1e-9)


def test_a_search_that_cannot_end_is_reported_as_not_converged() -> None:
    nothing = np.zeros(3)
    optimum = fit_bgnbd(nothing, nothing, np.full(3, np.nan), np.ones(3), 0.0, START)
    assert not optimum.converged


def test_import_and_fit_leave_warning_filters_and_pandas_options_alone() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORT_AND_FIT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_failed_search_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = np.zeros(3)
    fit_bgnbd(nothing, nothing, np.full(3, np.nan), np.ones(3), 0.0, START)
    assert capsys.readouterr() == ("", "")
