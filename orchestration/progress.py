"""Show a run as it goes, step by step with rows and seconds, and at the end what was made.

Stays out: running (`orchestration.run`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import dagster as dg
from dagster_shared.error import SerializableErrorInfo
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

_CHECK_SUFFIX = "contract_holds"


@dataclass
class Outcome:
    """What a run did: seconds of each asset, rows, warnings, and the error that ended it."""

    succeeded: bool = False
    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    failed_step: str | None = None
    error: str | None = None
    error_detail: str | None = None


def follow(events: Iterator[dg.DagsterEvent], steps: int, console: Console) -> Outcome:
    """Consume a run's events, one line per asset, a bar for the whole."""
    outcome = Outcome()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=steps)
        for event in events:
            _note(event, outcome)
            if event.event_type_value == "STEP_START":
                progress.update(task, description=_readable(event.step_key))
            elif event.event_type_value in ("STEP_SUCCESS", "STEP_FAILURE", "STEP_SKIPPED"):
                progress.advance(task)
                line = _line(event, outcome)
                if line:
                    progress.console.print(line)
    return outcome


def _note(event: dg.DagsterEvent, outcome: Outcome) -> None:
    _note_end(event, outcome)
    kind = event.event_type_value
    if kind == "ASSET_MATERIALIZATION":
        materialisation = event.step_materialization_data.materialization
        rows = materialisation.metadata.get("dagster/row_count")
        table = ".".join(materialisation.asset_key.path)
        if rows is not None:
            outcome.rows[table] = outcome.rows.get(table, 0) + int(str(rows.value))
    elif kind == "ASSET_CHECK_EVALUATION":
        check = event.asset_check_evaluation_data
        if not check.passed:
            outcome.warnings.append(f"{'.'.join(check.asset_key.path)}: {check.description}")
    elif kind == "STEP_SUCCESS":
        outcome.seconds[str(event.step_key)] = event.step_success_data.duration_ms / 1000


def _note_end(event: dg.DagsterEvent, outcome: Outcome) -> None:
    kind = event.event_type_value
    if kind == "STEP_FAILURE":
        outcome.failed_step = event.step_key
        outcome.error, outcome.error_detail = _error(event.step_failure_data.error)
    elif kind in ("RUN_FAILURE", "PIPELINE_FAILURE") and outcome.error is None:
        outcome.failed_step = "the run itself"
        outcome.error, outcome.error_detail = _error(event.job_failure_data.error)
    elif kind in ("RUN_SUCCESS", "PIPELINE_SUCCESS"):
        outcome.succeeded = True


def _error(error: SerializableErrorInfo | None) -> tuple[str, str]:
    """The innermost cause of a failure in a line or few, and everything."""
    detail = error.to_string() if error else ""
    while error is not None and error.cause is not None:
        error = error.cause
    message = error.message.strip() if error else "unknown error"
    return message, detail


def _line(event: dg.DagsterEvent, outcome: Outcome) -> str | None:
    step = str(event.step_key)
    name = _readable(step)
    if event.event_type_value == "STEP_FAILURE":
        return f"[red]failed[/]  {name}"
    if event.event_type_value == "STEP_SKIPPED":
        return f"[yellow]skipped[/] {name}"
    if step.endswith(_CHECK_SUFFIX):
        return None
    rows = sum(
        count for table, count in outcome.rows.items() if table == name or table.startswith(f"{name}.")
    )
    return f"[green]done[/]    {name:<32} {rows:>12,} rows {outcome.seconds[step]:>8.2f} s"


def _readable(step: str | None) -> str:
    return str(step).replace(f"__{_CHECK_SUFFIX}", " (check)").replace("__", ".")
