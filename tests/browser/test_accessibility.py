"""Every page through axe-core, in both themes and at two widths: nothing serious, nothing critical.

Stays out: what a person with a screen reader would say of the order and the words.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from dashboard import snapshot
from dashboard.templating import NAVIGATION

AXE = Path(snapshot.__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
DRAWN = "() => [...document.querySelectorAll('[data-chart]')].every(chart => chart.dataset.drawn)"
PATHS = [*(link.path for link in NAVIGATION), "/api/v1/docs", "/nowhere", "profile"]
RUN = "() => axe.run({resultTypes: ['violations']}).then(result => result.violations)"


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_serious(
    page: Page, address: str, regular: str, path: str, theme: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(address + (f"/customers/{regular}" if path == "profile" else path))
    page.wait_for_function(DRAWN)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    grave = [one for one in page.evaluate(RUN) if one["impact"] in ("serious", "critical")]
    said = [
        f"{one['id']} ({one['help']}): {[node['html'][:160] for node in one['nodes'][:3]]}" for one in grave
    ]
    assert not grave, "\n".join(said)
