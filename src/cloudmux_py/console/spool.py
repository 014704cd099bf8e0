"""Rows kept until a listing is proved complete: in memory while few, in a temporary file when many."""

from collections.abc import Iterator
from typing import IO, Any

IN_MEMORY = 10_000


class Spool:
    """A list of rows that does not grow in memory; can be gone over several times."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self.in_memory = in_memory
        self.rows: list[dict[str, Any]] = []
        self.file: IO[bytes] | None = None
        self.count = 0

    def append(self, row: dict[str, Any]) -> None:
        """Keep a row."""
        self.rows.append(row)
        self.count += 1
        if len(self.rows) >= self.in_memory:
            import pickle
            from tempfile import TemporaryFile

            self.file = self.file or TemporaryFile()  # noqa: SIM115 - lives as long as the spool
            self.file.seek(0, 2)
            pickle.dump(self.rows, self.file, 5)
            self.rows = []

    def clear(self) -> None:
        """Forget all rows: the listing is made anew."""
        self.rows, self.count, self.file = [], 0, None

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        if self.file:
            import pickle

            position = 0
            while True:
                self.file.seek(position)
                try:
                    rows = pickle.load(self.file)  # noqa: S301 - our own, unnamed file
                except EOFError:
                    break
                position = self.file.tell()
                yield from rows
        yield from self.rows
