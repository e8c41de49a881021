"""Recordings: the envelope of a file of decisions, read from bytes. Opens no file itself.

Plain JSON or gzipped, told apart by the first bytes. What is wrong is a `UsageError` that names the
file and the place in it; a file that is accepted has a known format, a system, a kind, a version
and at least one case. The form is described in `docs/conform.md`.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from sim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = 1
"""The one format of the envelope."""
BYTES_MAX = 1 << 30
"""Largest recording that is read, bytes of JSON: a bound on what a small gzip can become."""
_GZIP = b"\x1f\x8b"
_WITH_GZIP_HEADER = zlib.MAX_WBITS | 16

T = TypeVar("T")


class Recording(msgspec.Struct, frozen=True):
    """One file of recorded decisions."""

    file: str
    """As the person named it."""
    system: str
    kind: str
    version: str
    """Of the real system that decided, `3.3.2`."""
    cases: list[Any]
    columns: list[str] | None = None
    """The names of a case's columns, where cases are rows."""

    @property
    def major(self) -> int:
        """The first number of the version. Raises `UsageError` when it has none."""
        number = self.version.partition(".")[0]
        if not (number.isascii() and number.isdecimal()):
            raise malformed(self.file, "version", f"{self.version!r} is no version")
        return int(number)


class _Envelope(msgspec.Struct):
    format: int
    system: str
    kind: str
    version: str
    cases: list[Any]
    columns: list[str] | None = None


def read_recording(data: bytes, file: str) -> Recording:
    """The recording that a file's bytes hold. Raises `UsageError` with file and place."""
    document = _document(_unpacked(data, file), file)
    try:
        envelope = msgspec.convert(document, _Envelope)
    except msgspec.ValidationError as error:
        raise malformed(file, "", str(error)) from None
    if envelope.format != FORMAT:
        raise malformed(file, "format", f"is {envelope.format}, and only {FORMAT} is known")
    if not envelope.cases:
        raise malformed(file, "cases", "holds no case, so there is nothing to judge")
    return Recording(
        file, envelope.system, envelope.kind, envelope.version, envelope.cases, envelope.columns
    )


def cases_as(recording: Recording, form: type[T]) -> Iterator[tuple[str, T]]:
    """Each case in its form, with its place in the file. Raises `UsageError` at the first wrong."""
    for number, case in enumerate(recording.cases):
        place = f"cases[{number}]"
        try:
            yield place, msgspec.convert(case, form)
        except msgspec.ValidationError as error:
            raise malformed(recording.file, place, str(error)) from None


def columns_are(recording: Recording, *names: str) -> None:
    """Hold a recording of rows to the columns that are judged. Raises `UsageError`."""
    if recording.columns is not None and tuple(recording.columns) != names:
        expected = ", ".join(names)
        raise malformed(recording.file, "columns", f"must be {expected}")


def malformed(file: str, place: str, problem: str) -> UsageError:
    """The error for something wrong in a recording: file, place, problem."""
    before, _, path = problem.partition(" - at `$")
    if path:
        place, problem = place + path.rstrip("`"), before
    return UsageError(
        ": ".join(part for part in (file, place.lstrip("."), problem) if part),
        "docs/conform.md describes the form of a recording",
    )


def _unpacked(data: bytes, file: str) -> bytes:
    if not data.startswith(_GZIP):
        return data
    unpacker = zlib.decompressobj(_WITH_GZIP_HEADER)
    try:
        text = unpacker.decompress(data, BYTES_MAX + 1)
    except zlib.error as error:
        raise malformed(file, "", f"is no whole gzip file ({error})") from None
    if len(text) > BYTES_MAX:
        raise malformed(file, "", f"is larger than {BYTES_MAX} bytes when unpacked")
    if not unpacker.eof:
        raise malformed(file, "", "is no whole gzip file (it ends too early)")
    return text


def _document(text: bytes, file: str) -> Any:
    try:
        return json.loads(text.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        place = f"{error.lineno}:{error.colno}"
        raise malformed(file, place, f"is no JSON ({error.msg})") from None
    except UnicodeDecodeError as error:
        raise malformed(file, f"byte {error.start}", "is not UTF-8") from None
    except RecursionError:
        raise malformed(file, "", "is nested too deeply") from None
    except ValueError as error:  # a number with more digits than Python reads
        raise malformed(file, "", str(error)) from None
