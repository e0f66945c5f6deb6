"""Writing some benchmarks anew leaves what the document says of the others."""

from __future__ import annotations

from tests.benchmarks.__main__ import DOCUMENT, MODULES, _document, _section, _sections


def test_the_document_is_read_as_it_is_written() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    sections = _sections(text)
    assert _document(sections) == text
    assert set(sections) <= set(MODULES)


def test_a_benchmark_that_is_measured_anew_replaces_its_own_section_alone() -> None:
    old = {"rfm": _section([("orders", "1 s")]), "page": _section([("paint", "2 ms")])}
    new = _sections(_document(old | {"page": _section([("paint", "3 ms")])}))
    assert new["rfm"] == old["rfm"]
    assert "| paint | 3 ms |" in new["page"]
    assert "2 ms" not in new["page"]
