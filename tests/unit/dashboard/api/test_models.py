"""The API of the models and the glossary: the same numbers as the page, limits and pages."""

from __future__ import annotations

import json

import pytest

from dashboard import i18n
from tests.unit.dashboard.conftest import stated


def test_the_report_is_what_the_snapshot_holds(client, publish, model_rows) -> None:
    publish(model_rows)
    answer = client.get("/api/v1/models").json()
    assert {quality["model"] for quality in answer["quality"]} == {"churn_model", "cltv_model"}
    assert [(history["serving"], history["since"]) for history in answer["history"]] == [
        ("3", "2018-07"),
        ("3", "2018-08"),
    ]
    assert len(answer["curves"]) == 4
    assert answer["past"][0]["seen"] == 0.01
    assert answer["drift"][0]["movement"] == "farther"
    assert (answer["checks"]["passed"], answer["checks"]["warned"]) == (2, 2)
    assert [file["rows_rejected"] for file in answer["files"]] == [0, 1]


def test_sentences_are_in_the_language_of_the_request_beside_their_codes(client, publish, model_rows) -> None:
    model_rows["data_checks"][2] |= {"observed": "off by 2", "observed_coded": stated("off_by", count=2)}
    model_rows["data_loads"][0] |= {"note": "odd", "note_coded": stated("ages_simulated")}
    publish(model_rows)
    answer = client.get("/api/v1/models", headers={"accept-language": "pt"}).json()
    newest = answer["history"][0]["months"][0]
    assert newest["reason"] == "BG/NBD foi mantido, como padrão."
    assert newest["decision_reason"].startswith("Não pôde ser avaliada")
    assert json.loads(newest["decision_reason_coded"])[0]["code"] == "not_judged"
    assert answer["history"][0]["months"][2]["decision_reason"] is None
    assert [check["observed"] for check in answer["checks"]["first_warned"]] == ["", "diferença de 2"]
    assert {file["note"] for file in answer["files"]} == {
        "",
        "Simulado: idades sorteadas da pirâmide etária do censo brasileiro",
    }


def test_the_history_is_as_long_as_asked_for(client, publish, model_rows) -> None:
    publish(model_rows)
    history = client.get("/api/v1/models", params={"months": 1}).json()["history"]
    assert [len(model["months"]) for model in history] == [1, 1]
    assert history[0]["months_total"] == 3


@pytest.mark.parametrize("query", ["months=0", "months=201", "months=x"])
def test_a_length_that_cannot_be_is_refused(client, publish, model_rows, query: str) -> None:
    publish(model_rows)
    assert client.get(f"/api/v1/models?{query}").status_code == 422


def test_the_glossary_comes_in_pages_without_gap_or_repetition(client, publish, model_rows) -> None:
    publish(model_rows)
    whole = client.get("/api/v1/glossary").json()
    assert whole["next"] is None
    pages, after = [], ""
    while after is not None:
        page = client.get("/api/v1/glossary", params={"limit": 1, "after": after}).json()
        pages += page["columns"]
        after = page["next"]
    assert pages == whole["columns"]
    assert len(pages) == 3


def test_the_glossary_is_searched(client, publish, model_rows) -> None:
    publish(model_rows)
    found = client.get("/api/v1/glossary", params={"q": "Spend"}).json()["columns"]
    assert [column["column_name"] for column in found] == ["cltv"]
    assert client.get("/api/v1/glossary", params={"q": "%"}).json()["columns"] == []


def test_the_glossary_is_said_and_searched_in_the_language_of_the_request(
    client, publish, model_rows, monkeypatch
) -> None:
    publish(model_rows)
    english = client.get("/api/v1/glossary").json()["columns"]
    assert client.get("/api/v1/glossary", params={"q": "⟦"}).json()["columns"] == []
    monkeypatch.setattr(i18n, "chosen_language", lambda headers: i18n.PSEUDO)
    marked = client.get("/api/v1/glossary", params={"q": "⟦"}).json()["columns"]
    assert [column["meaning"] for column in marked] == [f"⟦{column['meaning']}⟧" for column in english]


def test_without_a_snapshot_it_says_so(client) -> None:
    assert client.get("/api/v1/models").status_code == 503
    assert client.get("/api/v1/glossary").status_code == 503
