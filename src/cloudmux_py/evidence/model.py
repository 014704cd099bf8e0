"""A service model of botocore, as what replies may hold: the shape that they have on the wire, and replies made up."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .shape import Shape

WORDS = {
    "structure": "an object",
    "map": "an object",
    "list": "a list",
    "boolean": "true or false",
    "timestamp": "a time",
    "string": "a text",
    "character": "a text",
    "blob": "a text",
}
"""The types of models; the others are numbers."""

TIME = datetime(2026, 1, 1, tzinfo=UTC)


def on_wire(shape: Any) -> Mapping[str, Any]:
    """The members of a structure's body, by their names on the wire (botocore ``parsers.py``, ``_member_key_name``)."""
    found = {}
    for name, member in shape.members.items():
        flat = member.type_name == "list" and member.serialization.get("flattened")
        renamed = (flat and member.member.serialization.get("name")) or member.serialization.get("name", name)
        if member.serialization.get("location") not in {"header", "headers", "statusCode"}:
            found[renamed] = member
    return found


class Description:
    """Describes the shape of replies by a model.

    Attributes:
        shape: What was described.
        absent: Types that members may have beside the model's, where it does not require them.
    """

    def __init__(self, absent: frozenset[str]) -> None:
        self.shape = Shape()
        self.absent = absent

    def field(self, model: Any, path: str = "", parent: str = "", *, always: bool = True, above: Any = ()) -> None:
        """Add a field and all in it; what would hold itself without end is left out where it does."""
        kind, inside = model.type_name, (*above, model.name)
        types = {WORDS.get(kind, "a number")}
        self.shape.claim(path, parent, types if always else types | self.absent, always=always)
        if model.name in above:
            return
        if kind == "list":
            self.field(model.member, f"{path}[]", path, above=inside)
        elif kind == "map":
            self.field(model.value, f"{path}.*", path, always=False, above=inside)
        elif kind == "structure":
            required = [model.members[name] for name in model.required_members]
            for name, member in on_wire(model).items():
                under = f"{path}.{name}" if path else name
                self.field(member, under, path, always=member in required, above=inside)


def made_up(model: Any, number: int, above: tuple[str, ...] = ()) -> Any:
    """A reply as botocore hands it out, with all that the model has: in a list is one item.

    Args:
        model: The model's shape.
        number: Which word of each enumeration is taken, and which truth value.
        above: What it stands in.
    """
    kind, inside = model.type_name, (*above, model.name)
    if kind == "structure":
        members = {name: member for name, member in model.members.items() if member.name not in inside}
        return {name: made_up(member, number, inside) for name, member in members.items()}
    if kind == "list":
        return [made_up(model.member, number, inside)]
    if kind == "map":
        return {"key": made_up(model.value, number, inside)}
    if kind == "string" and model.enum:
        return model.enum[number % len(model.enum)]
    values = {"boolean": number % 2 == 1, "timestamp": TIME.isoformat()}
    return values.get(kind, "x" if WORDS.get(kind) == "a text" else 1)
