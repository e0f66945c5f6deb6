"""The split of the panel in time, and of customers for early stopping; every rule against leakage is here.

Stays out: features and fitting.
"""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.churn.config import ChurnConfig
from ml.churn.features import FEATURES, feature_frame
from ml.errors import InvalidInputError, NotEnoughDataError
from ml.frames import refuse_rows, require_columns
from ml.statements import Statement

_KEYS = ("cutoff_date", "customer_unique_id")
_WHAT = "panel"


@dataclass(frozen=True, eq=False)
class PanelSplit:
    """The panel cut in three; each part is sorted by cutoff and customer, its features as of `feature_frame`.

    Attributes:
        growing: Rows of training cutoffs that trees are grown on.
        stopping: Rows of training cutoffs, of other customers, that decide when to stop.
        validation: Rows of the validation cutoff, never looked at before the figures are computed.
    """

    growing: pd.DataFrame
    stopping: pd.DataFrame
    validation: pd.DataFrame

    @property
    def training(self) -> pd.DataFrame:
        """All rows of training cutoffs."""
        return pd.concat([self.growing, self.stopping])

    @property
    def everything(self) -> pd.DataFrame:
        """All rows."""
        return pd.concat([self.growing, self.stopping, self.validation])


def split_panel(panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig) -> PanelSplit:
    """Split a panel by time and customer.

    Args:
        panel: One row per cutoff_date and customer_unique_id with the features and is_churned (bool).
        validation_cutoff: The cutoff that is reported on.
        config: Settings.

    Raises:
        InvalidInputError: A column is missing or of the wrong kind, a row is doubled, or a row's label period
            reaches past the validation cutoff.
        NotEnoughDataError: Too few customers return, or stay away, in training or in validation.
    """
    rows = _checked(panel)
    cutoff = pd.to_datetime(rows["cutoff_date"])
    validation_at = pd.Timestamp(validation_cutoff)
    is_validation = (cutoff == validation_at).to_numpy()
    ends_late = (cutoff + pd.Timedelta(days=config.horizon_days) > validation_at).to_numpy()
    refuse_rows(
        ends_late & ~is_validation,
        _WHAT,
        "cutoff_date",
        f"plus {config.horizon_days} days lies after the validation cutoff {validation_cutoff}",
    )
    _require_outcomes(rows.loc[~is_validation, "is_churned"], config)
    _require_outcomes(rows.loc[is_validation, "is_churned"], config, validation_cutoff)
    training = rows[~is_validation]
    held_out = is_held_out(training["customer_unique_id"], config.early_stopping_percent)
    return PanelSplit(training[~held_out], training[held_out], rows[is_validation])


def is_held_out(customer_unique_ids: pd.Series, percent: int) -> np.ndarray:
    """Return for each customer, by CRC-32 of their id, whether they are held out, shape (n,)."""
    hashes = [zlib.crc32(str(name).encode()) for name in customer_unique_ids]
    return np.array(hashes, dtype=np.int64) % 100 < percent


def _checked(panel: pd.DataFrame) -> pd.DataFrame:
    """Return keys, checked features and label, sorted, so that nothing depends on the order of rows."""
    require_columns(panel, (*_KEYS, *FEATURES, "is_churned"), _WHAT)
    if panel["is_churned"].dtype != np.bool_:
        raise InvalidInputError(f"{_WHAT}: is_churned must be bool, not {panel['is_churned'].dtype}")
    for name in _KEYS:
        refuse_rows(panel[name].isna().to_numpy(), _WHAT, name, "is missing")
    doubled = panel.duplicated(list(_KEYS)).to_numpy()
    refuse_rows(doubled, _WHAT, "customer_unique_id", "occurs more than once at its cutoff")
    keys = panel[[*_KEYS, "is_churned"]]
    rows = pd.concat([keys, feature_frame(panel, _WHAT)], axis=1)
    return rows.sort_values(list(_KEYS), ignore_index=True)


def _require_outcomes(is_churned: pd.Series, config: ChurnConfig, cutoff: dt.date | None = None) -> None:
    """Refuse a part with too few outcomes; `cutoff` is that of the validation, None for the training."""
    churned = int(is_churned.sum())
    returned = len(is_churned) - churned
    if min(returned, churned) >= config.min_returns:
        return
    part = "training" if cutoff is None else f"validation ({cutoff})"
    words = (
        f"{part}: {returned} of {len(is_churned)} customers returned within {config.horizon_days} days; "
        f"at least {config.min_returns} must return and at least {config.min_returns} stay away"
    )
    missing = Statement(
        "too_few_returns",
        words,
        {
            "cutoff": None if cutoff is None else str(cutoff),
            "returned": returned,
            "customers": len(is_churned),
            "days": config.horizon_days,
            "needed": config.min_returns,
        },
    )
    raise NotEnoughDataError(missing)
