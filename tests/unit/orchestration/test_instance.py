"""What a killed run left is mended, what lives is left alone."""

from __future__ import annotations

import os
import subprocess
import sys

import dagster as dg
import pytest
import yaml

from assets.factory import POOL
from orchestration.instance import PROCESS_TAG, close_dead_runs, open_instance, prepare_home, this_process


@pytest.fixture
def instance(settings):
    with open_instance(settings()) as opened:
        yield opened


@pytest.fixture(scope="module")
def dead_process() -> str:
    """The identity of a process that has ended."""
    script = "from orchestration.instance import this_process; print(this_process())"
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.strip()


@dg.op(pool=POOL)
def hold() -> None:
    """A step in the pool of the warehouse."""


@dg.job
def holding() -> None:
    """A job of that one step."""
    hold()


def run_in(instance: dg.DagsterInstance, process: str | None, status: dg.DagsterRunStatus, **more) -> str:
    tags = {PROCESS_TAG: process} if process else {}
    return instance.create_run_for_job(holding, tags=tags, status=status, **more).run_id


STARTED, NOT_STARTED = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED


@pytest.mark.parametrize("status", [STARTED, dg.DagsterRunStatus.STARTING, NOT_STARTED])
def test_the_run_of_a_process_that_is_gone_is_marked_failed(status, instance, dead_process) -> None:
    run_id = run_in(instance, dead_process, status)

    assert close_dead_runs(instance) == [run_id]
    assert instance.get_run_by_id(run_id).status == dg.DagsterRunStatus.FAILURE
    assert close_dead_runs(instance) == []


def test_its_slots_in_the_pool_are_freed(instance, dead_process) -> None:
    storage = instance.event_log_storage
    run_id = run_in(instance, dead_process, STARTED)
    storage.initialize_concurrency_limit_to_default(POOL)
    assert storage.claim_concurrency_slot(POOL, run_id, "hold").is_claimed
    assert not storage.claim_concurrency_slot(POOL, "another", "hold").is_claimed

    close_dead_runs(instance)

    info = storage.get_concurrency_info(POOL)
    assert run_id not in {slot.run_id for slot in info.claimed_slots}
    assert storage.claim_concurrency_slot(POOL, "another", "hold").is_claimed


def test_the_run_of_a_living_process_goes_on(instance) -> None:
    run_id = run_in(instance, this_process(), STARTED)

    assert close_dead_runs(instance) == []
    assert instance.get_run_by_id(run_id).status == STARTED


def test_a_process_with_the_number_of_a_dead_one_is_told_apart(instance) -> None:
    run_id = run_in(instance, f"{os.getpid()}-1", STARTED)

    assert close_dead_runs(instance) == [run_id]


def test_runs_that_dagster_started_are_dagsters_to_watch(instance, dead_process) -> None:
    run_in(instance, None, STARTED)
    parent = run_in(instance, dead_process, dg.DagsterRunStatus.FAILURE)
    resumed = run_in(instance, dead_process, STARTED, parent_run_id=parent, root_run_id=parent)

    assert close_dead_runs(instance) == []
    assert instance.get_run_by_id(resumed).status == STARTED


def test_ended_runs_stay_as_they_ended(instance, dead_process) -> None:
    run_id = run_in(instance, dead_process, dg.DagsterRunStatus.SUCCESS)

    assert close_dead_runs(instance) == []
    assert instance.get_run_by_id(run_id).status == dg.DagsterRunStatus.SUCCESS


def test_the_instance_has_telemetry_off_and_a_pool_of_one(instance, settings) -> None:
    written = yaml.safe_load((settings().dagster_path / "dagster.yaml").read_text())

    assert written["telemetry"] == {"enabled": False}
    assert not instance.telemetry_enabled
    assert instance.get_concurrency_config().pool_config.default_pool_limit == 1


def test_a_changed_configuration_is_kept(settings) -> None:
    path = prepare_home(settings()) / "dagster.yaml"
    path.write_text("telemetry:\n  enabled: false\n")

    prepare_home(settings())

    assert path.read_text() == "telemetry:\n  enabled: false\n"
