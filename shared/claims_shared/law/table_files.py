"""The tables of one pack: CSV files in a folder beside it, each read once, whose bytes its hash covers."""

from hashlib import sha256
from pathlib import Path

from claims_shared.law.bracket_table import BracketTable, read_brackets


class TableFolder:
    """Reads the tables that one pack names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[BracketTable, str]] = {}

    def read(self, name: str) -> BracketTable:
        """Read a table by its file's name; ValueError names file and line and says in words what is wrong."""
        if name not in self._read:
            content = self._content(name)
            try:
                text = content.decode("ascii")
            except UnicodeDecodeError as error:
                raise ValueError(f"{name}: byte {error.start + 1} is no plain character") from error
            self._read[name] = (read_brackets(name, text), sha256(content).hexdigest())
        return self._read[name][0]

    def _content(self, name: str) -> bytes:
        file = self._folder / name
        if file.name != name or file.suffix != ".csv":
            raise ValueError(f"{name!r} is no name of a CSV file in {self._folder.name}/")
        try:
            return file.read_bytes()
        except OSError as error:
            raise ValueError(f"{name} cannot be read in {self._folder.name}/: {error.strerror}") from error

    def hashed(self, pack: str) -> str:
        """Give the hash of a pack and of all tables it has named; of a pack without tables its own."""
        tables = [digest for _, (_, digest) in sorted(self._read.items())]
        return sha256("".join((pack, *tables)).encode()).hexdigest() if tables else pack
