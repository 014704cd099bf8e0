"""The mutants as they are listed in ``mutants.toml``."""

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("mutants.toml")


class Mutant(NamedTuple):
    """A break of the code.

    Attributes:
        name: What the broken code does.
        file: Which file is broken.
        old: What stands there, exactly once.
        new: What stands there instead.
        breaks: The promise.
        tests: The tests that must turn red, as pytest names them, without parameters.
    """

    name: str
    file: str
    old: str
    new: str
    breaks: str
    tests: tuple[str, ...]

    def broken(self, root: Path) -> str:
        """The file's text with the break.

        Raises:
            ValueError: What is to be replaced is not there once, or what comes of it is no Python.
        """
        text = (root / self.file).read_text("utf-8")
        if (count := text.count(self.old)) != 1:
            raise ValueError(f"{self.file} has {count} times what is to be replaced")
        text = text.replace(self.old, self.new)
        try:
            ast.parse(text)
        except SyntaxError as error:
            raise ValueError(f"{self.file}: line {error.lineno}: {error.msg}") from None
        return text


def mutants() -> list[Mutant]:
    """All of them, in the order of the list."""
    found = tomllib.loads(LIST.read_text("utf-8"))["mutant"]
    return [Mutant(**{**item, "tests": tuple(item["tests"])}) for item in found]


@cache
def functions(file: Path) -> frozenset[str]:
    """The tests that a file has."""
    body = ast.parse(file.read_text("utf-8")).body
    return frozenset(item.name for item in body if isinstance(item, ast.FunctionDef))
