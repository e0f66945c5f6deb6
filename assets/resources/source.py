"""Find the source files of the raw tables in a folder, a zip or Kaggle's download, and look at their bytes.

Stays out: reading rows (`assets.raw.reader`).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

KAGGLE_DATASET = "olistbr/brazilian-ecommerce"
SUFFIXES = (".csv", ".csv.gz", ".parquet")
TRUTH = "truth.json"
_BLOCK = 1 << 20


class SourceError(RuntimeError):
    """Source files that cannot be used; the message names the file, the problem and the remedy."""


@dataclass(frozen=True)
class SourceFolder:
    """A folder of source files and what is known about it."""

    folder: Path
    origin: str
    is_simulated: bool


@dataclass(frozen=True)
class FoundFile:
    """One source file: its size in bytes and the SHA-256 of its bytes."""

    path: Path
    size: int
    sha256: str

    @property
    def is_parquet(self) -> bool:
        """Whether the file is Parquet rather than CSV."""
        return self.path.suffix == ".parquet"


def open_source(origin: str, workspace: Path) -> SourceFolder:
    """The folder that `origin` names: that of a path or zip, or of `kaggle`. Zips unpack to `workspace`."""
    path = _download() if origin == "kaggle" else Path(origin).expanduser()
    if not path.exists():
        raise SourceError(
            f"source {path} does not exist. Give a folder or zip with Olist's files, 'kaggle' or 'sample'"
        )
    folder = path if path.is_dir() else _unpack(path, workspace)
    return SourceFolder(folder, origin, _is_simulated(folder))


def find_file(source: SourceFolder, stem: str, *, required: bool) -> FoundFile | None:
    """The file of a raw table, inspected; None where an optional one is missing.

    Raises:
        SourceError: missing though required, present twice, empty, truncated or not text.
    """
    candidates = [path for suffix in SUFFIXES if (path := source.folder / f"{stem}{suffix}").is_file()]
    if len(candidates) > 1:
        names = " and ".join(path.name for path in candidates)
        raise SourceError(f"{source.folder} holds {names}: keep one of them")
    if not candidates:
        if required:
            raise SourceError(_missing(source, stem))
        return None
    return _inspect(candidates[0])


def fingerprint(files: Iterable[tuple[str, str]]) -> str:
    """One SHA-256 over (table, checksum) pairs, whatever their order: the identity of the data."""
    lines = "\n".join(f"{table} {sha256}" for table, sha256 in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()


def _download() -> Path:
    import kagglehub

    try:
        return Path(kagglehub.dataset_download(KAGGLE_DATASET))
    except Exception as error:
        raise SourceError(
            f"Kaggle's dataset {KAGGLE_DATASET} could not be downloaded ({type(error).__name__}: {error}). "
            "Check the network and Kaggle's credentials, or download the zip by hand and give its path"
        ) from error


def _unpack(path: Path, workspace: Path) -> Path:
    """The folder with the zip's files. The same zip is unpacked once; what an older one left is removed."""
    if not zipfile.is_zipfile(path):
        raise SourceError(
            f"{path} is neither a folder nor a readable zip file. Give a folder or Kaggle's zip"
        )
    status = path.stat()
    target = workspace / f"unpacked-{path.stem}-{status.st_size}-{status.st_mtime_ns}"
    if target.exists():
        return target
    for older in workspace.glob("unpacked-*"):
        shutil.rmtree(older)
    partial = workspace / f"{target.name}.partial"
    partial.mkdir(parents=True)
    try:
        with zipfile.ZipFile(path) as archive:
            for name, member in _source_members(path, archive).items():
                with archive.open(member) as packed, (partial / name).open("wb") as plain:
                    shutil.copyfileobj(packed, plain, _BLOCK)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"{path} is damaged or encrypted ({error}). Download it again") from error
    partial.rename(target)
    return target


def _source_members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members that may be source files, by their names without folders."""
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = Path(member.filename).name
        if member.is_dir() or name.startswith(".") or not name.endswith((*SUFFIXES, TRUTH)):
            continue
        if name in members:
            both = f"{members[name].filename} and {member.filename}"
            raise SourceError(f"{path} holds {both}: keep one of them")
        members[name] = member
    return members


def _is_simulated(folder: Path) -> bool:
    truth = folder / TRUTH
    if not truth.exists():
        return False
    try:
        content = json.loads(truth.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SourceError(f"{truth} does not read as JSON ({error}). Replace or remove it") from error
    return isinstance(content, dict) and bool(content.get("simulated"))


def _missing(source: SourceFolder, stem: str) -> str:
    found = sorted(path.name for path in source.folder.iterdir())
    listing = ", ".join(found[:20]) + (" ..." if len(found) > 20 else "") if found else "nothing"
    inside = "" if Path(source.origin).is_dir() else f" (from {source.origin})"
    return f"{stem}.csv (or .csv.gz, .parquet) is missing in {source.folder}{inside}. Found there: {listing}"


def _inspect(path: Path) -> FoundFile:
    size = path.stat().st_size
    if size == 0:
        raise SourceError(f"{path} is empty. Replace it with the complete file")
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    if path.suffix == ".parquet":
        _require_parquet(path)
    else:
        _require_text(path)
    return FoundFile(path, size, digest.hexdigest())


def _require_parquet(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(4)
        stream.seek(max(path.stat().st_size - 4, 0))
        if head != b"PAR1" or stream.read(4) != b"PAR1" or path.stat().st_size < 12:
            raise SourceError(f"{path} is not a complete Parquet file. Replace it with the complete file")


def _require_text(path: Path) -> None:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as stream:
            head = stream.read(_BLOCK)
            _require_utf8(path, head)
            while path.suffix == ".gz" and stream.read(_BLOCK):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(
            f"{path} is truncated or not a gzip file ({error}). Replace it with the complete file"
        ) from error


def _require_utf8(path: Path, head: bytes) -> None:
    if not head.strip():
        raise SourceError(f"{path} is empty. Replace it with the complete file")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"{path} is UTF-16. Save it as UTF-8")
    if b"\x00" in head:
        raise SourceError(f"{path} is binary, not text. Replace it with the CSV file")
    if any(byte < 9 for byte in head[:4096]):
        raise SourceError(f"{path} is binary, not text. Replace it with the CSV file")
