"""Replace all raw tables from one source, in one transaction: all or none.

Stays out: how one file is read (`assets.raw.reader`) and how files are found (`assets.resources.source`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass

import duckdb

from assets.contracts import Contract
from assets.raw.demographics import SIMULATED_AGES, draw_demographics
from assets.raw.quarantine import Reject
from assets.raw.reader import Read, read_file
from assets.raw.violations import incoming
from assets.resources.source import FoundFile, SourceError, SourceFolder, find_file, fingerprint
from assets.resources.warehouse import ensure_table, transaction
from ml.statements import Statement, coded


@dataclass(frozen=True)
class Load:
    """What one raw table was loaded from, as `raw.loads` keeps it."""

    table_name: str
    file_name: str | None
    file_bytes: int
    file_sha256: str | None
    rows_read: int
    rows_rejected: int
    note: str
    note_coded: str


@dataclass(frozen=True)
class DataSource:
    """The data as a whole, as `raw.data_source` keeps it."""

    origin: str
    fingerprint: str
    is_simulated: bool
    demographics: str


def ingest(
    connection: duckdb.DuckDBPyConnection,
    contracts: Sequence[Contract],
    source: SourceFolder,
    *,
    max_reject_share: float,
    simulate_ages: bool,
    seed: int,
    on_table: Callable[[Load], None] = lambda load: None,
) -> tuple[tuple[Load, ...], DataSource]:
    """Read every raw table of `contracts` from `source` and replace them together.

    Raises:
        SourceError: a file is missing, damaged or has more than `max_reject_share` of its rows rejected; then
            nothing changes.
    """
    sources = {contract.name: contract for contract in contracts if contract.source is not None}
    kept = {contract.name: contract for contract in contracts if contract.source is None}
    with ThreadPoolExecutor() as threads:  # hashing and unpacking need no lock of Python's
        found_files = threads.map(lambda contract: _find(source, contract), sources.values())
        files = dict(zip(sources, found_files, strict=True))
    loads: list[Load] = []
    rejects: list[Reject] = []
    for name, contract in sources.items():
        load, rejected = _read(connection, contract, files[name], source)
        _require_few_rejects(load, rejected, max_reject_share)
        loads.append(load)
        rejects.extend(rejected)
        on_table(load)
    draws_ages = simulate_ages and files["customer_demographics"] is None
    found = [(name, file.sha256) for name, file in files.items() if file]
    ages = [("simulated ages", str(seed))] if draws_ages else []
    demographics = _demographics(source, bool(files["customer_demographics"]), draws_ages)
    data = DataSource(source.origin, fingerprint(found + ages), source.is_simulated, demographics)
    with transaction(connection):
        for contract in sources.values():
            connection.execute(
                f"CREATE OR REPLACE TABLE {contract.table} AS SELECT * FROM {incoming(contract)}"
            )
        if draws_ages:
            loads = [_simulated_ages(connection, load, seed) for load in loads]
        _replace(connection, kept["rejected_lines"], rejects)
        _replace(connection, kept["loads"], loads)
        _replace(connection, kept["data_source"], [data])
    for contract in sources.values():
        connection.execute(f"DROP TABLE {incoming(contract)}")
    return tuple(loads), data


def _replace(
    connection: duckdb.DuckDBPyConnection, contract: Contract, rows: Sequence[Load | Reject | DataSource]
) -> None:
    ensure_table(connection, contract)
    connection.execute(f"DELETE FROM {contract.table}")
    if rows:
        marks = ", ".join("?" for _ in contract.columns)
        connection.executemany(
            f"INSERT INTO {contract.table} VALUES ({marks})", [astuple(row) for row in rows]
        )


def _demographics(source: SourceFolder, has_file: bool, draws_ages: bool) -> str:
    """Where ages come from: `none`, `file` or `simulated` (drawn here, or part of simulated data)."""
    if not has_file and not draws_ages:
        return "none"
    return "simulated" if draws_ages or source.is_simulated else "file"


def _find(source: SourceFolder, contract: Contract) -> FoundFile | None:
    assert contract.source is not None
    return find_file(source, contract.source.file, required=contract.source.required)


def _read(
    connection: duckdb.DuckDBPyConnection, contract: Contract, file: FoundFile | None, source: SourceFolder
) -> tuple[Load, tuple[Reject, ...]]:
    assert contract.source is not None
    if file is None:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {incoming(contract)} ({contract.columns_sql})")
        missing = Statement(
            "file_missing",
            f"optional file {contract.source.file} is missing in {source.folder.name}",
            {"file": contract.source.file, "folder": source.folder.name},
        )
        return _load(contract.name, None, 0, 0, missing), ()
    read = read_file(connection, contract, file)
    if read.rows == 0 and contract.source.required:
        raise SourceError(f"{file.path} has a header and no rows. Replace it with the complete file")
    return _load(contract.name, file, read.rows, len(read.rejects), _note(read)), read.rejects


def _load(table: str, file: FoundFile | None, rows: int, rejected: int, note: Statement | None) -> Load:
    return Load(
        table_name=table,
        file_name=file.path.name if file else None,
        file_bytes=file.size if file else 0,
        file_sha256=file.sha256 if file else None,
        rows_read=rows,
        rows_rejected=rejected,
        note=note.words if note else "",
        note_coded=coded([note] if note else []),
    )


def _note(read: Read) -> Statement | None:
    if not read.ignored:
        return None
    words = f"extra columns ignored: {', '.join(read.ignored)}"
    return Statement("columns_ignored", words, {"columns": list(read.ignored)})


def _require_few_rejects(load: Load, rejects: Sequence[Reject], max_reject_share: float) -> None:
    if load.rows_rejected <= max_reject_share * load.rows_read:
        return
    listing = "\n".join(f"  {reject}" for reject in rejects[:10])
    raise SourceError(
        f"{load.file_name}: {load.rows_rejected:,} of {load.rows_read:,} rows rejected, more than the "
        f"allowed {max_reject_share:.2%} (CRM_MAX_REJECT_SHARE). The first:\n{listing}\n"
        "Mend the file, or raise the share if the loss is acceptable. Nothing was changed"
    )


def _simulated_ages(connection: duckdb.DuckDBPyConnection, load: Load, seed: int) -> Load:
    if load.table_name != "customer_demographics":
        return load
    count = draw_demographics(connection, seed)
    return _load(load.table_name, None, count, 0, SIMULATED_AGES)
