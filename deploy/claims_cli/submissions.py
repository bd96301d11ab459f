"""A file of claims, read and validated line by line before anything is sent. Pure; says what is wrong, never a value."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from claims_cli.errors import ClaimsError
from claims_shared.messages.catalog import SUBMISSION_LIMIT
from claims_shared.messages.intake import ClaimSubmitted


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that may be sent: the bytes as they stood in the file."""

    line: int
    claim_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that may not be sent, with every field that is wrong and why."""

    line: int
    reasons: tuple[str, ...]


def read(path: Path) -> list[tuple[int, bytes]]:
    """Give the numbered documents of a file: `.json` holds one or a list, everything else one a line (`-`: standard input)."""
    try:
        content = Path("/dev/stdin").read_bytes() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise ClaimsError(f"{path} cannot be read: {error.strerror}") from error
    if path.suffix == ".json":
        return list(_document(path, content))
    lines = enumerate(content.split(b"\n"), start=1)
    return [(number, line.strip()) for number, line in lines if line.strip()]


def _document(path: Path, content: bytes) -> Iterator[tuple[int, bytes]]:
    """Number the members of a list from 1; a single document is number 1."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        where = f" in line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ClaimsError(f"{path} is not JSON: something is wrong{where}") from error
    for number, each in enumerate(found if isinstance(found, list) else [found], start=1):
        yield number, json.dumps(each, ensure_ascii=False).encode()


def check(documents: Iterable[tuple[int, bytes]]) -> Iterator[Claim | Wrong]:
    """Validate each document as the orchestrator will, and claim ids against each other."""
    seen: dict[str, Claim] = {}
    for number, body in documents:
        found = _check(number, body)
        if isinstance(found, Claim):
            first = seen.setdefault(found.claim_id, found)
            if first.body != found.body:
                yield Wrong(number, (f"claim_id: line {first.line} has the same one with another body",))
                continue
        yield found


def _check(number: int, body: bytes) -> Claim | Wrong:
    if len(body) > SUBMISSION_LIMIT:
        return Wrong(number, (f"the claim is larger than {SUBMISSION_LIMIT} bytes",))
    try:
        claim = ClaimSubmitted.model_validate_json(body)
    except ValidationError as error:
        return Wrong(number, tuple(_sentences(error)))
    except ValueError:  # surrogates and the like, where the codec's own error comes through
        return Wrong(number, ("the line is not UTF-8 JSON",))
    return Claim(number, claim.claim_id, body)


def _sentences(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_input=False, include_url=False, include_context=False):
        yield f"{'.'.join(map(str, each['loc'])) or 'the line'}: {each['msg']}"
