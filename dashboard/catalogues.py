"""The catalogues of the pages, kept level with the texts: `python -m dashboard.catalogues` (in short `make texts`).

Stays out: looking a text up (`dashboard.i18n`). A new text enters every catalogue untranslated; a test finds it there.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from dashboard.i18n import DEFAULT, LANGUAGES, LOCALES
from dashboard.queries.glossary import FEATURES, LAYERS

_ROOT = Path(__file__).parent
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS = {"templates/**.html": {"newstyle_gettext": "true", "trimmed": "true"}}
_KEYWORDS = {"gettext": None, "ngettext": (1, 2), "N_": None, "_": None}
_CONTRACTS = _ROOT.parent / "assets"
_COLUMN_TEXTS = ("meaning", "unit")
_OUTSIDE = ("node_modules", "static", "locales")


def texts() -> Catalog:
    """Every text that the pages may show, in English."""
    found = Catalog(project="dashboard", version="1", charset="utf-8")
    for path, _, message, _, context in sorted(_extracted(), key=lambda one: (str(one[2]), one[0])):
        found.add(message, locations=[(path, 0)], context=context)
    for table, text in sorted(contract_texts()):
        found.add(text, locations=[(table, 0)])
    return found


def contract_texts() -> set[tuple[str, str]]:
    """What pages show of the tables' contracts, with the table: columns and units in words, statements that warn.

    The contracts are read as data: the pages know the published snapshot alone, not the pipeline that makes it.
    """
    found: set[tuple[str, str]] = set()
    for path in _CONTRACTS.glob("*/*.yml"):
        table, contract = f"{path.parent.name}.{path.stem}", yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.parent.name in LAYERS or table == FEATURES:
            columns = contract["columns"].values()
            found |= {
                (table, column[name]) for column in columns for name in _COLUMN_TEXTS if column.get(name)
            }
        facts = contract.get("facts", ())
        found |= {(table, fact["meaning"]) for fact in facts if fact.get("severity") == "warning"}
    return found


def _extracted() -> list[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    def is_ours(folder: str) -> bool:
        return Path(folder).name not in _OUTSIDE

    return list(
        extract_from_dir(
            _ROOT,
            method_map=_METHODS,
            options_map=_OPTIONS,
            keywords=_KEYWORDS,
            directory_filter=is_ours,
        )
    )


def read_catalogue(code: str) -> Catalog:
    """The catalogue of a language as it is kept; an empty one where there is none yet."""
    path = LOCALES / f"{code}.po"
    if not path.exists():
        return Catalog(locale=code)
    with path.open(encoding="utf-8") as stream:
        return read_po(stream, locale=code)


def level(code: str, found: Catalog) -> Catalog:
    """The catalogue of a language with exactly the texts found; new ones are not translated."""
    catalogue = read_catalogue(code)
    catalogue.update(found, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def main() -> None:
    """Level the catalogues of all languages but the one the texts are written in, and say what is left to do."""
    found = texts()
    LOCALES.mkdir(exist_ok=True)
    for code in LANGUAGES:
        if code == DEFAULT:
            continue
        catalogue = level(code, found)
        with (LOCALES / f"{code}.po").open("wb") as stream:
            write_po(stream, catalogue, sort_output=True, include_lineno=False, omit_header=True, width=120)
        missing = sum(1 for message in catalogue if message.id and not message.string)
        sys.stdout.write(f"{code}: {len(catalogue)} texts, {missing} not translated\n")


if __name__ == "__main__":
    main()
