"""Every contract reads; one that does not say what it must is refused with its file and what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from assets.catalog import catalog
from assets.contracts import ContractError, load_contract

GOOD = """
description: Things.
grain: One row per thing.
key: [thing_id]
columns:
  thing_id: {type: VARCHAR, meaning: The thing.}
  low: {type: DOUBLE, unit: BRL, min: 0, meaning: Its least price.}
  high: {type: "DECIMAL(12,2)", nullable: true, meaning: Its greatest price.}
pairs: [{at_least: high, of: low}]
references: {thing_id: raw.things.thing_id}
facts:
  - name: things_are_cheap
    severity: warning
    meaning: Nothing is dear.
    violations: SELECT count(*) FROM staging.things WHERE high > 9
"""


def written(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "staging"
    folder.mkdir(exist_ok=True)
    path = folder / "things.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_contract_takes_layer_and_name_from_its_place(tmp_path: Path) -> None:
    contract = load_contract(written(tmp_path, GOOD))
    assert (contract.layer, contract.name, contract.table) == ("staging", "things", "staging.things")
    assert contract.columns_sql == '"thing_id" VARCHAR, "low" DOUBLE, "high" DECIMAL(12,2)'
    assert not contract.is_monthly
    assert (contract.columns["high"].nullable, contract.columns["low"].nullable) == (True, False)
    assert contract.facts[0].severity == "warning"


def test_a_contract_with_the_month_in_its_key_is_monthly(tmp_path: Path) -> None:
    text = GOOD.replace("low", "snapshot_month")
    assert not load_contract(written(tmp_path, text)).is_monthly
    assert load_contract(written(tmp_path, text.replace("key: [", "key: [snapshot_month, "))).is_monthly


def test_a_contract_cannot_be_changed(tmp_path: Path) -> None:
    contract = load_contract(written(tmp_path, GOOD))
    with pytest.raises(ValidationError):
        contract.grain = "another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("grain: One", "grian: One", "grian"),
        ("grain: One row per thing.", "", "grain"),
        ("description: Things.", "", "description"),
        ("unit: BRL", "units: BRL", "units"),
        ("meaning: The thing.", "nullable: true", "meaning"),
        ("type: DOUBLE, ", "", "type"),
        ("min: 0", "min: zero", "min"),
        ("severity: warning", "severity: mild", "severity"),
        ("violations: SELECT", "violation: SELECT", "violation"),
        ("of: low", "above: low", "above"),
        ("key: [thing_id]", "key: [thing]", "thing named in the contract but not among its columns"),
        ("of: low", "of: lowest", "lowest named in the contract"),
        ("at_least: high", "at_least: top", "top named in the contract"),
        ("references: {thing_id:", "references: {thing:", "thing named in the contract"),
        (
            "references: {thing_id: raw.things.thing_id}",
            "references: {thing_id: things}",
            "references.thing_id",
        ),
        ("columns:", "layer: raw\ncolumns:", "layer"),
        ("key: [thing_id]", "key: [thing_id", "line "),
        ("key: [thing_id]", "key: [thing_id]\nkey: [low]", "key stands twice"),
        ("min: 0", "min: 0, min: 1", "min stands twice"),
        ("unit: BRL, min: 0", "unit: BRL, min: 9, max: 1", "low"),
        ("unit: BRL, min: 0", "unit: BRL, pattern: '('", "low"),
    ],
)
def test_a_wrong_contract_is_refused_with_its_file_and_the_problem(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ContractError) as error:
        load_contract(path)
    assert str(error.value).startswith(f"{path}: ")
    assert problem in str(error.value)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words", "\x00"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ContractError, match=r"things\.yml: "):
        load_contract(path)


@pytest.mark.parametrize("table", catalog())
def test_every_contract_says_what_a_reader_needs(table: str) -> None:
    contract = catalog()[table].contract
    assert contract.description.strip().endswith(".")
    assert contract.grain.startswith("One row")
    assert all(column.meaning.strip() for column in contract.columns.values())
    assert all(fact.meaning.strip().endswith(".") for fact in contract.facts)
    names = [fact.name for fact in contract.facts]
    assert len(names) == len(set(names))
    if contract.is_monthly:
        assert next(iter(contract.columns)) == "snapshot_month"
        assert "snapshot_month" in contract.key
    for name, column in contract.columns.items():
        if name.endswith("_brl"):
            assert column.unit == "BRL", name
        if name.endswith("_days"):
            assert column.unit == "days", name
        if name.startswith(("is_", "has_")):
            assert column.type == "BOOLEAN", name
        if name.endswith("_date") and contract.layer != "raw":
            assert column.type == "DATE", name
        if name.endswith("_at") and contract.layer != "raw":
            assert column.type == "TIMESTAMP", name


def test_a_column_of_one_name_has_one_type_and_unit_everywhere() -> None:
    seen: dict[str, set[tuple[str, str]]] = {}
    for table in catalog().values():
        if table.contract.layer in ("staging", "features", "scores"):
            for name, column in table.contract.columns.items():
                seen.setdefault(name, set()).add((column.type.split("(")[0], column.unit))
    assert {name: kinds for name, kinds in seen.items() if len(kinds) > 1} == {}
