"""A curve is one row per point, whatever it knows of them."""

from __future__ import annotations

import numpy as np

from ml.curves import CALIBRATION, curve_frame


def test_a_curve_names_its_points_in_order_and_leaves_open_what_it_does_not_know() -> None:
    frame = curve_frame(CALIBRATION, np.array([0.1, 0.2]), np.array([0.3, 0.4]), customers=np.array([5, 6]))
    names = ["curve", "position", "x", "y", "low", "high", "baseline", "customers", "group_from", "group_to"]
    assert list(frame.columns) == names
    assert frame["position"].tolist() == [0, 1]
    assert frame["customers"].tolist() == [5, 6]
    assert frame[["low", "high", "baseline"]].isna().all(axis=None)


def test_a_curve_without_points_has_the_columns_all_the_same() -> None:
    frame = curve_frame(CALIBRATION, np.empty(0), np.empty(0))
    assert frame.empty
    assert "baseline" in frame.columns
