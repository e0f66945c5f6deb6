"""The snapshot that the dashboard is measured on is one that the dashboard can serve."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.snapshot import verify
from tests.benchmarks.million import write_snapshot


def test_it_verifies_and_its_pages_answer(tmp_path: Path) -> None:
    folder = write_snapshot(tmp_path / "published", customers=3_000)

    assert verify(folder).row_counts["customers"] == 3_000
    app = create_app(Settings(home=tmp_path, _env_file=None))
    with TestClient(app, base_url="http://localhost") as client:
        pages = ("/", "/customers?risk_band=red", "/segments", "/actions", "/alerts", "/models")
        answers = {page: client.get(page).status_code for page in pages}
        listed = client.get("/api/v1/customers", params={"limit": 1}).json()["customers"]
        answers["profile"] = client.get(f"/customers/{listed[0]['customer_unique_id']}").status_code
    assert set(answers.values()) == {200}, answers
