"""What ends a run is told, whether a step fails or the run itself."""

from __future__ import annotations

import io

import dagster as dg
from rich.console import Console

from orchestration.progress import Outcome, follow


def follow_job(job: dg.JobDefinition) -> Outcome:
    with dg.DagsterInstance.ephemeral() as instance:
        events = job.execute_in_process(instance=instance, raise_on_error=False).all_events
    return follow(iter(events), 1, Console(file=io.StringIO()))


def test_a_failed_step_is_named_with_the_innermost_cause() -> None:
    @dg.op
    def broken() -> None:
        try:
            raise LookupError("the file is gone")
        except LookupError as error:
            raise ValueError("cannot go on") from error

    @dg.job
    def job() -> None:
        broken()

    outcome = follow_job(job)

    assert not outcome.succeeded
    assert outcome.failed_step == "broken"
    assert outcome.error is not None
    assert "the file is gone" in outcome.error


def test_a_run_that_fails_outside_of_its_steps_says_why() -> None:
    @dg.resource
    def warehouse(_: dg.InitResourceContext) -> None:
        raise OSError("the disk is full")

    @dg.op(required_resource_keys={"warehouse"})
    def work() -> None: ...

    @dg.job(resource_defs={"warehouse": warehouse})
    def job() -> None:
        work()

    outcome = follow_job(job)

    assert not outcome.succeeded
    assert outcome.failed_step == "the run itself"
    assert outcome.error is not None
    assert "the disk is full" in outcome.error
