"""Tencent Cloud's typed models: one module per product and version, with the types in the docstrings."""

import importlib
import inspect
import re
from types import ModuleType
from typing import Any

from .model import Asked, Call, Field, Mistake

SCALARS = {"str": "str", "int": "int", "float": "float", "bool": "bool"}


def read(asked: Asked, action: str) -> Call:
    """What the models say of an action.

    Raises:
        Mistake: There is no such product, version or action.
    """
    name = f"tencentcloud.{asked.service}.v{asked.version.replace('-', '')}"
    try:
        models = importlib.import_module(f"{name}.models")
    except ModuleNotFoundError:
        raise Mistake(f"tencentcloud-sdk-python has no {name}: check product and version") from None
    reply = getattr(models, f"{action}Response", None)
    if reply is None:
        from difflib import get_close_matches

        known = [name.removesuffix("Response") for name in vars(models) if name.endswith("Response")]
        raise Mistake(f"{name} has no {action}; near: {', '.join(get_close_matches(action, known, n=4)) or 'none'}")
    request = getattr(models, f"{action}Request")
    return Call(action, _fields(models, request, ()), _fields(models, reply, ()), codes=_codes(name))


def _codes(name: str) -> tuple[str, ...]:
    module = importlib.import_module(f"{name}.errorcodes")
    return tuple(value for key, value in vars(module).items() if key.isupper() and isinstance(value, str))


def _fields(models: ModuleType, model: Any, inside: tuple[str, ...]) -> tuple[Field, ...]:
    """The fields of a model; one that holds itself, as a tree does, is not entered twice."""
    text = inspect.getdoc(model.__init__) or ""
    found = re.findall(r":param _(\w+): ?((?:(?!:param _).)*?)\n\s*:type \1: ([^\n]+)", text, re.DOTALL)
    return tuple(_field(models, key, doc, kind, inside) for key, doc, kind in found)


def _field(models: ModuleType, key: str, doc: str, kind: str, inside: tuple[str, ...]) -> Field:
    many = kind.startswith("list of ")
    name = kind.removeprefix("list of ").removeprefix(":class:").strip("`").rpartition(".")[2]
    doc = re.sub(r"</?(li|br|p)[^>]*>", "\n", doc)
    doc = re.sub(r"<[^>]+>", "", doc)
    doc = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", doc).strip()
    if name in SCALARS:
        return Field(key, SCALARS[name], many, doc)
    model = getattr(models, name, None)
    if model is None or name in inside:
        return Field(key, "any", many, doc)
    return Field(key, "object", many, doc, _fields(models, model, (*inside, name)))
