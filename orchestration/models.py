"""`crm models`: the registered versions with their figures and decisions, and changing the champion by hand.

Stays out: the rules of the registry (`assets.resources.registry`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from mlflow.artifacts import load_text
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assets.resources.records import INTERVALS_FILE
from assets.resources.registry import SUPERSEDED, Registry, RegistryError, Version
from orchestration.resources import build_resources
from orchestration.settings import Settings, load_settings

SHOWN = {
    "cltv_model": ("holdout_total_error", "holdout_log_likelihood"),
    "churn_model": ("roc_auc", "expected_calibration_error"),
}
_COLUMNS = ("version", "month", "as of", "made by", "chosen", "figures (95 %)", "decision", "serves as")


def list_models(console: Console, name: str | None, with_superseded: bool) -> int:
    """Print the versions of one model or all; 1 if there are none yet."""
    registry = open_registry(load_settings())
    names = [name] if name else registry.names()
    if not names:
        console.print("No model is registered yet. Begin with: crm run")
        return 1
    for each in names:
        versions = [
            version for version in registry.versions(each) if with_superseded or not version.is_superseded
        ]
        if not versions:
            raise RegistryError(
                f"no model is called {each}; there are: {', '.join(registry.names()) or 'none'}"
            )
        console.print(_table(each, versions))
    return 0


def promote(console: Console, name: str, number: str, reason: str) -> None:
    """Make a version the champion by hand."""
    version = open_registry(load_settings()).promote(name, number, reason)
    _confirm(console, version)


def roll_back(console: Console, name: str, reason: str) -> None:
    """Make the version that served before the champion the champion again."""
    version = open_registry(load_settings()).roll_back(name, reason)
    _confirm(console, version)


def open_registry(settings: Settings) -> Registry:
    """The registry of CRM_HOME; an error if nothing was ever registered there."""
    if not settings.mlflow_path.exists():
        raise RegistryError(f"there are no models in {settings.home_path} yet. Begin with: crm run")
    registry: Registry = build_resources(settings)["tracking"].registry()
    return registry


def _confirm(console: Console, version: Version) -> None:
    console.print(
        f"[green]done[/]    {version.name} version {version.number} ({version.choice}, as of {version.as_of}) is the "
        "champion. The next run scores with it; a version on newer data may replace it through the gate"
    )


def _table(name: str, versions: Sequence[Version]) -> Table:
    table = Table(title=name, title_justify="left")
    for column in _COLUMNS:
        table.add_column(column, overflow="fold")
    for version in versions:
        table.add_row(
            version.number,
            version.month,
            str(version.as_of),
            version.made_by + (f" ({SUPERSEDED})" if version.is_superseded else ""),
            version.choice,
            _figures(version),
            escape(f"{version.decision or 'none yet'}: {version.reason}"),
            ", ".join(version.aliases),
        )
    return table


def _figures(version: Version) -> str:
    content = json.loads(load_text(f"runs:/{version.run_id}/{INTERVALS_FILE}"))
    by_name = {metric["metric"]: metric for metric in content["metrics"]}
    shown = [by_name[name] for name in SHOWN.get(version.name, ()) if name in by_name]
    return "\n".join(_figure(metric) for metric in shown) or "not judged"


def _figure(metric: dict[str, float | str | None]) -> str:
    beside = (
        "" if metric["baseline_value"] is None else f"; {metric['baseline']} {metric['baseline_value']:.4f}"
    )
    return f"{metric['metric']} {metric['value']:.4f} ({metric['low']:.4f} to {metric['high']:.4f}{beside})"
