"""The resources, configured from the settings.

Stays out: what they are (`assets.resources`).
"""

from __future__ import annotations

from typing import Any

from assets.parameters import Parameters
from assets.resources.source_settings import SourceSettings
from assets.resources.tracking import Tracking
from assets.resources.warehouse import Warehouse
from orchestration.settings import Settings, code_version


def build_resources(settings: Settings) -> dict[str, Any]:
    """The resources, configured from the settings."""
    return {
        "warehouse": Warehouse(path=str(settings.warehouse_path), memory_limit=settings.memory_limit),
        "tracking": Tracking(
            database=str(settings.mlflow_path),
            artifacts=str(settings.artifacts_path),
            ui_url=settings.mlflow_url,
        ),
        "source": SourceSettings(**source_settings(settings)),
        "parameters": Parameters(
            **{name: getattr(settings, name) for name in Parameters.model_fields if hasattr(settings, name)},
            published=str(settings.published_path),
            code_version=code_version(),
        ),
    }


def source_settings(settings: Settings) -> dict[str, Any]:
    """The configuration of the source; a run of its own keeps it, so that resuming it reads the same source."""
    return {
        "origin": settings.source,
        "workspace": str(settings.workspace_path),
        "max_reject_share": settings.max_reject_share,
        "demographics": settings.demographics,
    }
