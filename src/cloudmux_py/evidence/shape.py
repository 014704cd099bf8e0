"""The shape of replies: which fields there are, of which types, and which of them are always there."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any


class Keyed(dict[str, Any]):
    """An object whose keys are data: whatever stands under them is one field."""


WORDS = {
    dict: "an object",
    Keyed: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    datetime: "a time",
}
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
                    name = "*" if isinstance(value, Keyed) else key
                    under = f"{path}.{name}" if path else name
                    self.present[under] += 1
                    self.add(inner, under, path)
        elif isinstance(value, list):
            for inner in value:
                self.add(inner, f"{path}[]", path)

    def claim(self, path: str, parent: str, types: set[str], *, always: bool) -> None:
        """A field that is so by a description, and was in no reply."""
        self.parents[path] = parent
        self.types[path] |= types
        self.objects[path] = 1
        self.present[path] = int(always)

    def differences(self, believed: "Shape", source: str) -> Iterator[tuple[str, str]]:
        """Path and difference, for each field that is not as it is believed to be, by whom."""
        for path, types in self.types.items():
            known = believed.types.get(path)
            if known is None:
                holder = "a list" if path.endswith("[]") else "an object"
                if holder in believed.types.get(self.parents[path], ()):
                    yield path, f"the cloud sends {_join(types)}, {source} no such field"
            elif unknown := types - known:
                yield path, f"the cloud sends {_join(unknown)}, {source} {_join(known)}"
        for path, times in believed.present.items():
            parent = believed.parents[path]
            missing = self.objects[parent] - self.present[path]
            if missing and times == believed.objects[parent]:
                yield path, f"absent {missing} of {self.objects[parent]} times, {source} always sends it"


def _join(types: set[str]) -> str:
    return " or ".join(sorted(types))
