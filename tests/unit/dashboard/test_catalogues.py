"""Every text of the pages is in every catalogue, translated, with the values it is filled with."""

from __future__ import annotations

import re

import pytest

from dashboard.catalogues import read_catalogue, texts
from dashboard.i18n import DEFAULT, LANGUAGES

OTHERS = [code for code in LANGUAGES if code != DEFAULT]
VALUES = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def found():
    return texts()


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_holds_exactly_the_texts_of_the_pages(found, code: str) -> None:
    kept = {message.id for message in read_catalogue(code) if message.id}
    wanted = {message.id for message in found if message.id}
    assert kept == wanted, "run `make texts`"


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated(code: str) -> None:
    missing = [message.id for message in read_catalogue(code) if message.id and not _strings(message)]
    assert not missing


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_is_filled_with_the_values_of_its_text(code: str) -> None:
    for message in read_catalogue(code):
        names = set(VALUES.findall(_english(message)))
        for text in _strings(message):
            assert set(VALUES.findall(text)) <= names, text
            assert names - {"n"} <= set(VALUES.findall(text)), text


def test_texts_of_templates_and_of_python_are_found(found) -> None:
    ids = {message.id for message in found}
    assert {"Customers", "Skip to the content", "not enough data", "Champions"} <= ids


def _english(message) -> str:
    return " ".join(message.id) if isinstance(message.id, tuple) else message.id


def _strings(message) -> list[str]:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return [text for text in strings if text]
