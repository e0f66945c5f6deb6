"""What the command line does, with exit codes: 0 done, 1 failed, 2 bad usage or settings.

Stays out: parsing arguments (`orchestration.cli`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from orchestration.memory import give_back, let_garbage_wait
from orchestration.settings import (
    PREFIX,
    Settings,
    SettingsError,
    is_month,
    load_settings,
    refuse_unknown_names,
)

if TYPE_CHECKING:
    from dagster import DagsterEvent

    from orchestration.progress import Outcome

DONE, FAILED, BAD_USAGE = 0, 1, 2
SHORTEST_PASSWORD = 12


def guarded(errors: Console, action: Callable[[], int | None]) -> int:
    """Run an action; a wrong setting or a plain failure becomes a line and an exit code."""
    from assets.months import MonthError
    from assets.resources.registry import RegistryError
    from assets.resources.source import SourceError
    from assets.resources.tracking import TrackingError
    from assets.resources.warehouse import WarehouseError
    from dashboard.snapshot import SnapshotError

    try:
        return action() or DONE
    except (SettingsError, MonthError) as error:
        errors.print(f"[red]crm:[/] {escape(str(error))}")
        return BAD_USAGE
    except (SourceError, WarehouseError, SnapshotError, RegistryError, TrackingError, OSError) as error:
        errors.print(f"[red]crm:[/] {escape(str(error))}")
        return FAILED


def run_pipeline(
    console: Console, errors: Console, source: str | None, month: str | None, history: bool
) -> int:
    """Run the pipeline for a month or all months and show its progress and outcome."""
    if source is not None:
        os.environ[f"{PREFIX}SOURCE"] = (
            source if source in ("kaggle", "sample") else str(Path(source).resolve())
        )
    return guarded(errors, lambda: _run(console, errors, load_settings(), month, history))


def _run(console: Console, errors: Console, settings: Settings, month: str | None, history: bool) -> int:
    from orchestration.warmup import warm_up

    months = _months(settings, month, history)
    let_garbage_wait()
    run_has_begun = Event()
    warm_up(settings, run_has_begun)
    from orchestration.instance import close_dead_runs, open_instance
    from orchestration.jobs import HISTORY, NIGHTLY
    from orchestration.progress import follow
    from orchestration.run import start_run

    instance = open_instance(settings)
    for run_id in close_dead_runs(instance):
        console.print(f"[yellow]mended[/]  run {run_id[:8]} had been killed")
    span = months[0] if months[0] == months[1] else f"{months[0]} to {months[1]}"
    console.print(
        f"Source [bold]{escape(settings.source)}[/], {span}, state in {escape(str(settings.home_path))}"
    )
    started = start_run(instance, settings, HISTORY if history else NIGHTLY, months)
    outcome = follow(_telling(started.events, run_has_begun), len(started.steps), console)
    if not outcome.succeeded:
        _explain(errors, started.run_id, outcome)
        return FAILED
    from orchestration.status import show_outcome

    show_outcome(console, settings, started.run_id, outcome)
    return DONE


def _telling(events: Iterator[DagsterEvent], run_has_begun: Event) -> Iterator[DagsterEvent]:
    for event in events:
        run_has_begun.set()
        if event.event_type_value == "STEP_SUCCESS":
            give_back()
        yield event


def _months(settings: Settings, month: str | None, history: bool) -> tuple[str, str]:
    from datetime import date, timedelta

    first = settings.history_start
    last = settings.history_end or (date.today() - timedelta(days=1)).strftime("%Y-%m")
    if history:
        return first, last
    chosen = last if month is None else month
    if not is_month(chosen):
        raise SettingsError(f"--month {chosen!r}: must be a month such as 2018-08")
    if not first <= chosen <= last:
        raise SettingsError(
            f"--month {chosen}: the history runs from {first} to {last} "
            f"({PREFIX}HISTORY_START, {PREFIX}HISTORY_END)"
        )
    return chosen, chosen


def _explain(errors: Console, run_id: str, outcome: Outcome) -> None:
    for warning in outcome.warnings:
        errors.print(f"[yellow]check[/]   {escape(warning)}")
    if outcome.error:
        errors.print(f"[red]failed[/]  {outcome.failed_step}: {escape(outcome.error)}")
    errors.print(
        f"Nothing was published; the last good snapshot stays. Details: run {run_id[:8]} in Dagster's UI (crm dev)"
    )


def run_dashboard(errors: Console) -> int:
    """Serve the dashboard until it is told to stop."""
    from dashboard.serve import serve
    from dashboard.settings import SettingsError as DashboardSettingsError
    from dashboard.settings import read_settings
    from dashboard.static_files import NotBuiltError

    def action() -> None:
        refuse_unknown_names()
        try:
            serve(read_settings())
        except DashboardSettingsError as error:
            raise SettingsError(str(error)) from error
        except NotBuiltError as error:
            raise FileNotFoundError(str(error)) from error

    return guarded(errors, action)


def show_password_line(console: Console, errors: Console, name: str, password: str) -> int:
    """Show the settings that let a user sign in to the dashboard; the password itself is kept nowhere."""
    import secrets

    from dashboard.accounts import NAME
    from dashboard.passwords import hash_password

    def action() -> None:
        if not NAME.fullmatch(name):
            raise SettingsError(f"{name!r} is no name: letters, digits and .@+-_ only, 64 at most")
        if len(password) < SHORTEST_PASSWORD:
            raise SettingsError(f"a password needs at least {SHORTEST_PASSWORD} characters")
        console.print(
            "Lines for .env; further users follow the first with a comma, and a secret there already stays:"
        )
        for line in (f"USERS={name}:{hash_password(password)}", f"SECRET={secrets.token_urlsafe(32)}"):
            console.print(f"{PREFIX}DASHBOARD_{line}", soft_wrap=True, markup=False)

    return guarded(errors, action)


def run_simulation(
    console: Console, errors: Console, customers: int, seed: int, out: Path, file_format: str
) -> int:
    """Simulate a shop and show what was written."""
    from rich.progress import Progress

    from ml.simulate import SimulationConfig, simulate

    def action() -> int:
        try:
            config = SimulationConfig(customers=customers, seed=seed)
        except ValueError as error:
            raise SettingsError(str(error)) from error
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("customers", total=customers)
            result = simulate(
                config, out, file_format, lambda done, total: progress.update(task, completed=done)
            )
        for name, rows in result.rows.items():
            console.print(f"[green]done[/]    {name:<40} {rows:>12,} rows")
        console.print(f"Simulated data in {escape(str(out))}. Next: crm run --source {escape(str(out))}")
        return DONE

    return guarded(errors, action)
