"""The split: no label reaches past the validation cutoff, and no customer decides on their own trees."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.churn.config import ChurnConfig
from ml.churn.panel import is_held_out, split_panel
from ml.errors import InvalidInputError, NotEnoughDataError

DAY = dt.timedelta(days=1)


def moved(panel: pd.DataFrame, old: dt.date, new: dt.date) -> pd.DataFrame:
    return panel.assign(cutoff_date=[new if date == old else date for date in panel["cutoff_date"]])


def test_a_cutoff_whose_labels_end_at_the_validation_cutoff_is_allowed(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    last = validation_cutoff - config.horizon_days * DAY
    assert last in set(panel["cutoff_date"])
    split = split_panel(panel, validation_cutoff, config)
    assert last in set(split.training["cutoff_date"])
    assert set(split.validation["cutoff_date"]) == {validation_cutoff}


@pytest.mark.parametrize("days_too_late", [1, 100, 179, 181, 400])
def test_a_cutoff_whose_labels_reach_further_is_refused_with_the_count(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, days_too_late: int
) -> None:
    last = validation_cutoff - config.horizon_days * DAY
    late = moved(panel, last, last + days_too_late * DAY)
    with pytest.raises(
        InvalidInputError, match=r"cutoff_date plus 180 days lies after .* in 3000 of 9000 row"
    ):
        split_panel(late, validation_cutoff, config)


def test_a_longer_horizon_moves_the_border(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    with pytest.raises(InvalidInputError, match="plus 181 days"):
        split_panel(panel, validation_cutoff, replace(config, horizon_days=181))


def test_no_customer_is_on_both_sides_of_early_stopping(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    split = split_panel(panel, validation_cutoff, config)
    growing, stopping = (set(part["customer_unique_id"]) for part in (split.growing, split.stopping))
    assert growing.isdisjoint(stopping)
    assert growing | stopping == set(panel["customer_unique_id"])
    assert len(stopping) / 3000 == pytest.approx(0.20, abs=0.03)


def test_the_customers_held_out_never_change() -> None:
    # CRC-32 of "a" is 3904355907, that of "123456789" (the check value of the algorithm) 3421780262.
    ids = pd.Series(["a", "123456789"])
    np.testing.assert_array_equal(is_held_out(ids, 20), [True, False])
    np.testing.assert_array_equal(is_held_out(ids, 7), [False, False])
    np.testing.assert_array_equal(is_held_out(ids, 63), [True, True])


def test_every_row_is_in_exactly_one_part_whatever_their_order(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    split = split_panel(panel, validation_cutoff, config)
    shuffled = split_panel(panel.sample(frac=1, random_state=1), validation_cutoff, config)
    assert len(split.everything) == len(panel)
    pd.testing.assert_frame_equal(split.everything, shuffled.everything)


def test_dates_may_come_as_timestamps(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    stamped = panel.assign(cutoff_date=pd.to_datetime(panel["cutoff_date"]))
    assert len(split_panel(stamped, validation_cutoff, config).validation) == 3000


@pytest.mark.parametrize("part", ["training", "validation"])
@pytest.mark.parametrize("returns", [0, 29])
def test_too_few_returns_are_refused_with_the_figures(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, part: str, returns: int
) -> None:
    in_part = (panel["cutoff_date"] == validation_cutoff) == (part == "validation")
    few = panel.assign(is_churned=panel["is_churned"] | in_part)
    few.loc[few.index[in_part][:returns], "is_churned"] = False
    with pytest.raises(NotEnoughDataError, match=rf"{part}.*: {returns} of \d+ customers returned"):
        split_panel(few, validation_cutoff, config)


def test_a_panel_in_which_all_return_is_refused(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    with pytest.raises(NotEnoughDataError, match="stay away"):
        split_panel(panel.assign(is_churned=False), validation_cutoff, config)


def test_no_rows_at_the_validation_cutoff_are_too_few(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    early = panel[panel["cutoff_date"] != validation_cutoff]
    with pytest.raises(NotEnoughDataError, match=r"validation \(2018-03-05\): 0 of 0"):
        split_panel(early, validation_cutoff, config)


def test_a_doubled_customer_is_refused(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    doubled = pd.concat([panel, panel.head(2)], ignore_index=True)
    with pytest.raises(
        InvalidInputError, match="customer_unique_id occurs more than once at its cutoff in 2"
    ):
        split_panel(doubled, validation_cutoff, config)


def test_a_label_that_is_not_boolean_is_refused(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    with pytest.raises(InvalidInputError, match="is_churned must be bool, not int"):
        split_panel(panel.assign(is_churned=panel["is_churned"].astype(int)), validation_cutoff, config)


@pytest.mark.parametrize(
    "column", ["cutoff_date", "customer_unique_id", "is_churned", "review_score", "state"]
)
def test_a_renamed_column_is_refused_by_name(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, column: str
) -> None:
    with pytest.raises(InvalidInputError, match=rf"panel: missing column\(s\) {column}"):
        split_panel(panel.rename(columns={column: "other"}), validation_cutoff, config)
