"""What Dagster's tools load.

Stays out: everything else (`orchestration.build`).
"""

from orchestration.build import build_definitions

defs = build_definitions()
