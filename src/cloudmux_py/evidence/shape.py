"""The shape of replies: which fields there are, of which types, and which of them are always there."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

WORDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}
REPLACED = "redacted-"
"""How a key begins that was not the cloud's own, but data."""


class Shape:
    """What was seen in replies of one action, by path; ``Result[].tags`` is a field of every item of a list."""

    def __init__(self) -> None:
        self.types: dict[str, set[str]] = defaultdict(set)
        self.parents: dict[str, str] = {}
        self.objects: Counter[str] = Counter()
        self.present: Counter[str] = Counter()

    def add(self, value: Any, path: str = "", parent: str = "") -> None:
        """See one more reply, or a part of one."""
        self.parents[path] = parent
        self.types[path].add(WORDS.get(type(value), "null"))
        if isinstance(value, dict):
            self.objects[path] += 1
            for key, inner in value.items():
                if not key.startswith(REPLACED):
                    under = f"{path}.{key}" if path else key
                    self.present[under] += 1
                    self.add(inner, under, path)
        elif isinstance(value, list):
            for inner in value:
                self.add(inner, f"{path}[]", path)

    def differences(self, believed: "Shape") -> Iterator[tuple[str, str]]:
        """Path and difference, for each field that is not as it is believed to be."""
        for path, types in self.types.items():
            known = believed.types.get(path)
            if known is None:
                if self.parents[path] in believed.types:
                    yield path, f"the cloud sends {_join(types)}, the emulator no such field"
            elif unknown := types - known:
                yield path, f"the cloud sends {_join(unknown)}, the emulator {_join(known)}"
        for path, times in believed.present.items():
            parent = believed.parents[path]
            missing = self.objects[parent] - self.present[path]
            if missing and times == believed.objects[parent]:
                yield path, f"absent {missing} of {self.objects[parent]} times, the emulator always sends it"


def _join(types: set[str]) -> str:
    return " or ".join(sorted(types))
