"""The process that Great Expectations lives in.

Stays out: what it decides (`assets.expectations`).

Importing Great Expectations costs as much as a month's models. In a process of its own, begun with the run, that
costs no time. The engine's statistics go there through a pipe and the results come back; both are small. The process
ends when its pipe does, and so with the run, killed or not.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
from functools import cache
from typing import IO, Any


class ValidatorError(RuntimeError):
    """The process failed at a request or ended before its answer."""


class Validator:
    """A process that calls functions of `assets.expectations`, one request at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "assets.validator"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, function: str, *arguments: Any) -> Any:
        """What a function returns; ValidatorError if it failed there, with its traceback, or the process ended.

        Request and answer are one step, so that no answer can be left for another request.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump((function, arguments), self._process.stdin)
            self._process.stdin.flush()
            is_answer, answer = pickle.load(self._process.stdout)
        except (BrokenPipeError, EOFError) as error:
            raise self._ended() from error
        if not is_answer:
            raise ValidatorError(f"the check could not run:\n{answer}")
        return answer

    def end(self) -> None:
        """End the process now."""
        self._process.kill()
        self._process.wait()

    def _ended(self) -> ValidatorError:
        validator.cache_clear()
        return ValidatorError(f"the validator's process ended early (exit code {self._process.poll()})")


@cache
def validator() -> Validator:
    """The process, begun on first use; it imports Great Expectations at once."""
    return Validator()


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    from assets import expectations

    expectations.prepare()
    while True:
        try:
            function, arguments = pickle.load(requests)
        except EOFError:
            return
        try:
            reply = (True, getattr(expectations, function)(*arguments))
        except Exception:  # any failure is the asker's to raise
            reply = (False, traceback.format_exc())
        pickle.dump(reply, answers)
        answers.flush()


def _main() -> None:
    """Answer requests; what libraries print goes to the error stream, not between the answers."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        _serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main()
