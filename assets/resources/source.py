"""Find the source files of the raw tables in a folder, a zip or Kaggle's download, and look at their bytes.

Stays out: reading rows (`assets.raw.reader`).
"""

from __future__ import annotations

import gzip
import hashlib
import json
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
    """The folder that `origin` names: a path of a folder or zip, or `kaggle`. Zips unpack below `workspace`."""
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
            raise SourceError(_missing(source.folder, stem))
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
    if not zipfile.is_zipfile(path):
        raise SourceError(
            f"{path} is neither a folder nor a readable zip file. Give a folder or Kaggle's zip"
        )
    target = workspace / f"unpacked-{path.stem}-{path.stat().st_size}-{int(path.stat().st_mtime)}"
    if target.exists():
        return target
    partial = target.with_suffix(".partial")
    partial.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if Path(member.filename).name.endswith((*SUFFIXES, TRUTH)):
                    (partial / Path(member.filename).name).write_bytes(archive.read(member))
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise SourceError(f"{path} is damaged ({error}). Download it again") from error
    partial.rename(target)
    return target


def _is_simulated(folder: Path) -> bool:
    truth = folder / TRUTH
    return truth.exists() and bool(json.loads(truth.read_text(encoding="utf-8")).get("simulated"))


def _missing(folder: Path, stem: str) -> str:
    found = sorted(path.name for path in folder.iterdir())
    listing = ", ".join(found[:20]) + (" ..." if len(found) > 20 else "") if found else "nothing"
    return f"{stem}.csv (or .csv.gz, .parquet) is missing in {folder}. Found there: {listing}"


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
        stream.seek(-4, 2)
        if head != b"PAR1" or stream.read(4) != b"PAR1":
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
