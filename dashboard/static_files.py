"""The built styles and scripts, served under an address that holds a digest of their content.

Stays out: building them (`dashboard/build.sh`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

BUILT = Path(__file__).parent / "static" / "dist"
NEEDED = ("app.css", "apexcharts.min.js", "js/theme.js", "js/main.js", "js/live.js", "favicon.svg")
_FOR_EVER = "public, max-age=31536000, immutable"


class NotBuiltError(RuntimeError):
    """The styles and scripts have not been built; the message says how to."""


class ImmutableFiles(StaticFiles):
    """Static files that a browser may keep: another content has another address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at `path`, marked as never changing."""
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            MutableHeaders(raw=response.raw_headers)["Cache-Control"] = _FOR_EVER
        return response


def static_address(folder: Path) -> str:
    """The address the files of `folder` are served under, for example `/static/1f2e3d4c5b6a`.

    Raises:
        NotBuiltError: when a file that the pages need is missing.
    """
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise NotBuiltError(f"{folder} lacks {', '.join(missing)}: run `bash dashboard/build.sh`")
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"
