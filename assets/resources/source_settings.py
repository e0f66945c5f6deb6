"""Where the raw tables come from, and what is done about missing ages and bad lines.

Stays out: finding and reading files (`assets.resources.source`, `assets.raw`).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from dagster import ConfigurableResource

from assets.resources.source import SourceFolder, open_source
from ml.simulate import SAMPLE, TRUTH_FILE, simulate

SAMPLE_SOURCE = "sample"


class SourceSettings(ConfigurableResource):
    """The source of the raw tables.

    Attributes:
        origin: a folder or zip of Olist's files, `kaggle`, or `sample` for the seeded simulator.
        workspace: a folder for what is unpacked or simulated.
        max_reject_share: the share of a file's rows that may be rejected.
        demographics: `simulated` draws ages where the source has none.
    """

    origin: str
    workspace: str
    max_reject_share: float = 0.01
    demographics: str = ""

    @property
    def workspace_path(self) -> Path:
        """The folder for what is unpacked or simulated."""
        return Path(self.workspace)

    @property
    def simulates_ages(self) -> bool:
        """Whether ages are drawn where the source has none."""
        return self.demographics == "simulated"

    def open(self) -> SourceFolder:
        """The folder that the origin names; the sample is simulated on first use."""
        if self.origin != SAMPLE_SOURCE:
            return open_source(self.origin, self.workspace_path)
        identity = hashlib.sha256(repr(SAMPLE).encode()).hexdigest()[:8]
        folder = self.workspace_path / f"sample-{identity}"
        if not (folder / TRUTH_FILE).exists():
            simulate(SAMPLE, folder)
        return replace(open_source(str(folder), self.workspace_path), origin=SAMPLE_SOURCE)
