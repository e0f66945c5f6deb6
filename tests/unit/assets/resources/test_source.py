"""Sources are folders, zips or Kaggle's download; what cannot be used stops and is named."""

from __future__ import annotations

import gzip
import http.server
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.resources.source import FoundFile, SourceError, SourceFolder, find_file, fingerprint, open_source

STEM = "olist_sellers_dataset"
CSV = b"seller_id,seller_city\n" + b"".join(b"s%d,campinas\n" % number for number in range(500))


def find(folder: Path, required: bool = True) -> FoundFile | None:
    return find_file(SourceFolder(folder, str(folder), False), STEM, required=required)


def a_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        (f"{STEM}.csv", b"", "is empty"),
        (f"{STEM}.csv", b"\n \r\n", "is empty"),
        (f"{STEM}.csv.gz", b"", "is empty"),
        (f"{STEM}.csv.gz", gzip.compress(b"", mtime=0), "is empty"),
        (f"{STEM}.csv.gz", gzip.compress(CSV)[:-20], "is truncated or not a gzip file"),
        (f"{STEM}.csv.gz", gzip.compress(CSV)[:-4], "is truncated or not a gzip file"),
        (f"{STEM}.csv.gz", gzip.compress(CSV)[:-8] + bytes(8), "is truncated or not a gzip file"),
        (f"{STEM}.csv.gz", CSV, "is truncated or not a gzip file"),
        (f"{STEM}.csv", gzip.compress(CSV), "is binary, not text"),
        (f"{STEM}.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "is binary, not text"),
        (f"{STEM}.csv", b"seller\x01,\x02\n", "is binary, not text"),
        (f"{STEM}.csv", CSV.decode().encode("utf-16"), "is UTF-16. Save it as UTF-8"),
        (f"{STEM}.csv", b"\xfe\xff" + CSV.decode().encode("utf-16-be"), "is UTF-16. Save it as UTF-8"),
        (f"{STEM}.csv", CSV.decode().encode("utf-16-le"), "is binary, not text"),
        (f"{STEM}.csv.gz", gzip.compress(CSV.decode().encode("utf-16")), "is UTF-16. Save it as UTF-8"),
        (f"{STEM}.parquet", b"", "is empty"),
        (f"{STEM}.parquet", b"PA", "is not a complete Parquet file"),
        (f"{STEM}.parquet", b"PAR1", "is not a complete Parquet file"),
        (f"{STEM}.parquet", CSV, "is not a complete Parquet file"),
        (f"{STEM}.parquet", b"PAR1" + CSV, "is not a complete Parquet file"),
    ],
)
def test_a_file_that_cannot_be_used_stops_and_is_named(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=problem) as error:
        find(tmp_path, required=False)
    assert str(tmp_path / name) in str(error.value)


def test_damage_beyond_the_first_block_of_a_gzip_is_found(tmp_path: Path) -> None:
    noise = b"".join(b"%d,%d\n" % (n, n * n) for n in range(200_000))
    content = bytearray(gzip.compress(noise, compresslevel=1))
    content[-5000] ^= 0xFF
    (tmp_path / f"{STEM}.csv.gz").write_bytes(content)
    with pytest.raises(SourceError, match="truncated or not a gzip"):
        find(tmp_path)


def test_a_file_is_found_with_size_and_checksum(tmp_path: Path) -> None:
    import hashlib

    (tmp_path / f"{STEM}.csv").write_bytes(b"\xef\xbb\xbf" + CSV)
    found = find(tmp_path)
    assert found == FoundFile(
        tmp_path / f"{STEM}.csv", len(CSV) + 3, hashlib.sha256(b"\xef\xbb\xbf" + CSV).hexdigest()
    )


def test_a_missing_file_is_none_where_optional_and_an_error_where_required(tmp_path: Path) -> None:
    assert find(tmp_path, required=False) is None
    with pytest.raises(SourceError, match=rf"{STEM}.csv .* is missing in {tmp_path}. Found there: nothing"):
        find(tmp_path)
    for number in range(25):
        (tmp_path / f"file{number:02}.csv").write_bytes(CSV)
    with pytest.raises(SourceError, match=r"file00.csv, .*file19.csv \.\.\.$"):
        find(tmp_path)


def test_a_folder_of_the_files_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / f"{STEM}.csv").mkdir()
    assert find(tmp_path, required=False) is None


def test_a_source_that_is_not_there_stops(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=rf"source {tmp_path}/nowhere does not exist"):
        open_source(str(tmp_path / "nowhere"), tmp_path)
    with pytest.raises(SourceError, match=r"source .*shop\.zip does not exist"):
        open_source(str(tmp_path / "shop.zip"), tmp_path)


def test_a_zip_is_unpacked_once_without_its_folders_and_other_files(tmp_path: Path) -> None:
    members = {
        f"a/b/{STEM}.csv": CSV,
        "a/readme.pdf": b"%PDF",
        "__MACOSX/._x.csv": b"\x00",
        "truth.json": b"{}",
    }
    archive = a_zip(tmp_path / "shop.v1.zip", members)
    source = open_source(str(archive), tmp_path / "work")
    assert sorted(path.name for path in source.folder.iterdir()) == [f"{STEM}.csv", "truth.json"]
    assert (source.folder / f"{STEM}.csv").read_bytes() == CSV
    (source.folder / "mark").touch()
    assert (open_source(str(archive), tmp_path / "work").folder / "mark").exists()


def test_a_newer_zip_replaces_what_an_older_one_left(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "shop.zip", {f"{STEM}.csv": CSV})
    old = open_source(str(archive), tmp_path / "work").folder
    a_zip(archive, {f"{STEM}.csv": CSV.replace(b"campinas", b"curitiba")})
    new = open_source(str(archive), tmp_path / "work").folder
    assert (new / f"{STEM}.csv").read_bytes().count(b"curitiba") == 500
    assert list((tmp_path / "work").iterdir()) == [new]
    assert old != new


def test_what_an_interrupted_unpacking_left_is_not_used(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "shop.zip", {f"{STEM}.csv": CSV})
    target = open_source(str(archive), tmp_path / "work").folder
    partial = target.with_name(f"{target.name}.partial")
    target.rename(partial)
    (partial / "half.csv").write_bytes(b"half")
    again = open_source(str(archive), tmp_path / "work").folder
    assert [path.name for path in again.iterdir()] == [f"{STEM}.csv"]


def test_a_file_that_is_no_zip_stops(tmp_path: Path) -> None:
    for name, content in (("shop.zip", CSV), ("empty.zip", b""), ("shop.csv", CSV)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceError, match=rf"{name} is neither a folder nor a readable zip file"):
            open_source(str(tmp_path / name), tmp_path / "work")


def test_a_truncated_zip_stops(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "shop.zip", {f"{STEM}.csv": CSV})
    archive.write_bytes(archive.read_bytes()[:-30])
    with pytest.raises(SourceError, match=r"shop\.zip is neither a folder nor a readable zip file"):
        open_source(str(archive), tmp_path / "work")


def test_a_damaged_zip_stops_and_leaves_nothing_to_be_taken_for_it(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "shop.zip", {f"{STEM}.csv": CSV})
    content = bytearray(archive.read_bytes())
    content[len(STEM) + 60] ^= 0xFF
    archive.write_bytes(content)
    for _ in range(2):
        with pytest.raises(SourceError, match=r"shop\.zip is damaged or encrypted"):
            open_source(str(archive), tmp_path / "work")


def test_an_encrypted_zip_stops(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "shop.zip", {f"{STEM}.csv": CSV})
    content = bytearray(archive.read_bytes())
    content[6] |= 1
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(SourceError, match=r"shop\.zip is damaged or encrypted"):
        open_source(str(archive), tmp_path / "work")


@pytest.mark.parametrize(
    ("truth", "is_simulated"), [({"simulated": True}, True), ({"simulated": False}, False), ([], False)]
)
def test_a_truth_file_tells_simulated_data(tmp_path: Path, truth: object, is_simulated: bool) -> None:
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    assert open_source(str(tmp_path), tmp_path / "work").is_simulated is is_simulated


def test_a_broken_truth_file_stops(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text('{"simulated": tr')
    with pytest.raises(SourceError, match=r"truth\.json does not read as JSON"):
        open_source(str(tmp_path), tmp_path / "work")


def test_the_fingerprint_knows_no_order_but_every_table_and_checksum() -> None:
    files = [("orders", "aa"), ("customers", "bb")]
    assert fingerprint(files) == fingerprint(reversed(files))
    others = [
        [("orders", "bb"), ("customers", "aa")],
        [("orders", "aa")],
        [("orders", "ab"), ("customers", "bb")],
    ]
    assert len({fingerprint(files), *(fingerprint(other) for other in others)}) == 4
    assert len(fingerprint(files)) == 64


class KaggleServer(http.server.BaseHTTPRequestHandler):
    """Kaggle's two calls as kagglehub makes them: the data set's version, and a redirect to its archive."""

    archive = b""
    fails = False
    requests: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.requests.append(self.path)
        if self.fails:
            self.send_error(403)
        elif self.path.endswith("/GetDataset"):
            self.answer(json.dumps({"currentVersionNumber": 2}).encode(), "application/json")
        else:
            self.send_response(302)
            self.send_header("Location", "/storage/archive.zip")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def do_GET(self) -> None:
        self.requests.append(self.path)
        self.answer(self.archive, "application/zip")

    def answer(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def kaggle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[KaggleServer]]:
    """A server on this machine in Kaggle's place; kagglehub itself is untouched."""
    from kagglesdk import kaggle_env

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{STEM}.csv", CSV)
    handler = type("Handler", (KaggleServer,), {"archive": buffer.getvalue(), "requests": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, address)
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("KAGGLE_API_ENVIRONMENT", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    yield handler
    server.shutdown()
    server.server_close()


def test_kaggle_is_downloaded_and_kept(kaggle: type[KaggleServer], tmp_path: Path) -> None:
    source = open_source("kaggle", tmp_path / "work")
    assert source.origin == "kaggle"
    assert (source.folder / f"{STEM}.csv").read_bytes() == CSV
    assert source.folder.is_relative_to(tmp_path / "cache")
    assert kaggle.requests[-1] == "/storage/archive.zip"
    open_source("kaggle", tmp_path / "work")
    assert kaggle.requests.count("/storage/archive.zip") == 1


@pytest.mark.parametrize("way", ["refused", "no archive", "no network"])
def test_a_download_that_fails_says_so_and_what_to_do(
    kaggle: type[KaggleServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    from kagglesdk import kaggle_env

    kaggle.fails = way == "refused"
    kaggle.archive = b"no zip at all"
    if way == "no network":
        monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, "http://127.0.0.1:9")
    with pytest.raises(SourceError, match="could not be downloaded") as error:
        open_source("kaggle", tmp_path / "work")
    assert "olistbr/brazilian-ecommerce" in str(error.value)
    assert "download the zip by hand and give its path" in str(error.value)
