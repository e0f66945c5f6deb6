"""Running again gives the same: a month twice, a month alone, equal tables and one snapshot."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from dashboard.snapshot import current_snapshot_id, verify

NEWEST, MIDDLE = "2018-08", "2018-06"


@pytest.fixture(scope="module")
def rerun_home(tmp_path_factory: pytest.TempPathFactory, pipeline_home: Path) -> Path:
    """A copy of the session's home, to run in again."""
    return Path(shutil.copytree(pipeline_home, tmp_path_factory.mktemp("again") / "home"))


@pytest.fixture(scope="module")
def rerun(rerun_home: Path, small_shop: Path, crm, digests):
    """Digests and published folder before and after the newest month is made once more."""
    published = rerun_home / "published"
    before = digests(rerun_home), current_snapshot_id(published), sorted(published.iterdir())
    done = crm(
        rerun_home,
        *("run", "--source", str(small_shop), "--month", NEWEST),
        CRM_HISTORY_START="2018-05",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return before, (digests(rerun_home), current_snapshot_id(published), sorted(published.iterdir()))


def test_a_month_made_again_leaves_every_table_as_it_was(rerun) -> None:
    (before, *_), (after, *_) = rerun

    assert {name for name in before if before[name] != after[name]} == set()


def test_a_month_made_again_leaves_the_same_snapshot_and_pointer(rerun) -> None:
    (_, snapshot_before, folders_before), (_, snapshot_after, folders_after) = rerun

    assert snapshot_after == snapshot_before
    assert folders_after == folders_before


def test_status_counts_the_rows_that_are_there_not_those_that_were_replaced(
    rerun, crm_here, rerun_home
) -> None:
    _, (after, *_) = rerun
    shown = crm_here(rerun_home, "status").output

    for name, (rows, _) in after.items():
        assert re.search(rf"{re.escape(name)}\s*│\s*{rows:,}\s*│", shown), name


def test_a_month_made_alone_equals_the_same_month_of_a_history(
    crm_here, pipeline_home, small_shop, tmp_path, digests
) -> None:
    home = tmp_path / "home"
    done = crm_here(home, "run", "--source", str(small_shop), "--month", MIDDLE)
    assert done.exit_code == 0, done.output

    decisions = ("decision_reason", "decision_reason_coded")
    numbers_and_champions = ("model_version", "trained_version", *decisions)
    alone = digests(home, MIDDLE, without=numbers_and_champions)
    replayed = digests(pipeline_home, MIDDLE, without=numbers_and_champions)

    assert len(alone) >= 10
    assert {name for name in alone if alone[name] != replayed[name]} == set()


def test_a_home_that_is_moved_is_served_from_its_new_place(published, tmp_path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(published, moved)

    assert verify(moved / str(current_snapshot_id(moved))).months[-1] == NEWEST
