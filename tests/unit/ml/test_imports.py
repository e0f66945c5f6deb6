"""Imports: packages are light, heavy libraries load where they are used, and pyplot never."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("lifetimes", "catboost", "sklearn", "matplotlib", "scipy.stats")


@pytest.mark.parametrize(
    ("imports", "absent"),
    [
        ("import ml.clv, ml.churn, ml.metrics, ml.errors, ml.plots", HEAVY),
        ("import ml.clv.scoring, ml.clv.model", HEAVY),
        ("import ml.churn.training, ml.churn.scoring, ml.churn.figures, ml.clv.figures", HEAVY),
        ("import ml.clv.figures, ml.plots; ml.plots.new_figure('t', 'x', 'y')", ("matplotlib.pyplot",)),
    ],
)
def test_an_import_does_not_load(imports: str, absent: tuple[str, ...]) -> None:
    check = f"import sys; loaded = sys.modules.keys() & set({absent!r}); assert not loaded, loaded"
    done = subprocess.run(
        [sys.executable, "-c", f"{imports}\n{check}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
