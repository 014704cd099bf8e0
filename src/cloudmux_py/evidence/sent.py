"""The fields that a cloud sent, from XML and JSON, with a service model's help to tell what their texts are."""

import re
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

from .model import TIME, on_wire
from .shape import REPLACED, Keyed

ITEMS = frozenset({"item", "member"})
"""How the items of a list are named."""

TRUTH = {"true": True, "false": False}
NUMBERS = {"integer": r"-?\d+", "long": r"-?\d+", "float": r"-?[\d.eE+-]+", "double": r"-?[\d.eE+-]+"}


def of_json(value: Any, shape: Any) -> Any:
    """JSON, in which a model tells times from numbers, and objects whose keys are data from others."""
    kind = shape.type_name if shape else ""
    if isinstance(value, dict):
        if kind == "map":
            return Keyed({key: of_json(inner, shape.value) for key, inner in value.items()})
        members = on_wire(shape) if kind == "structure" else {}
        return {key: of_json(inner, members.get(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [of_json(inner, shape.member if kind == "list" else None) for inner in value]
    time = kind == "timestamp" and isinstance(value, int | float) and not isinstance(value, bool)
    return TIME if time else value


def of_xml(root: Element, output: Any) -> Any:
    """The root of a reply's XML; some protocols wrap the result."""
    wrapper = output.serialization.get("resultWrapper") if output else None
    return _children(root, {wrapper: output} if wrapper else on_wire(output) if output else {})


def _of_element(element: Element, shape: Any) -> Any:
    kind = shape.type_name if shape else ""
    names = {child.tag for child in element}
    item = shape.member.serialization.get("name", "member") if kind == "list" else ""
    blank = not (element.text or "").strip()
    if names == {item} or (not kind and names and names <= ITEMS) or (kind == "list" and blank and not names):
        return [_of_element(child, shape.member if kind == "list" else None) for child in element]
    if names or (kind == "structure" and blank):
        return _children(element, on_wire(shape) if kind == "structure" else {})
    return _of_text(element.text or "", kind)


def _children(element: Element, members: Mapping[str, Any]) -> dict[str, Any]:
    """An element as an object; what comes several times, or is a list without an element of its own, is a list."""
    found = defaultdict(list)
    for child in element:
        found[child.tag].append(child)
    return {name: _of_several(same, members.get(name)) for name, same in found.items()}


def _of_several(same: list[Element], shape: Any) -> Any:
    flat = bool(shape) and shape.type_name == "list" and shape.serialization.get("flattened")
    if flat or len(same) > 1:
        return [_of_element(element, shape.member if flat else shape) for element in same]
    return _of_element(same[0], shape)


def _of_text(text: str, kind: str) -> Any:
    """What a text is, where it is what the model says; itself where it is not."""
    if kind == "boolean":
        return TRUTH.get(text, text)
    if kind in NUMBERS:
        return 1 if re.fullmatch(NUMBERS[kind], text) else text
    if kind == "timestamp":
        if text.startswith(REPLACED):
            return TIME  # nobody can tell any more
        with suppress(ValueError):
            return datetime.fromisoformat(text)
    return text
