"""Alibaba Cloud's typed models: one package per product and version, a class per request and reply."""

import importlib
import inspect
import re
from functools import cache
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

from .model import Asked, Call, Field, Mistake

SCALARS = {str: "str", int: "int", float: "float", bool: "bool"}


def package(asked: Asked) -> str:
    """The package that has the models, as an index names it: ``alibabacloud-vpc20160428``."""
    return f"alibabacloud-{asked.service}{asked.version.replace('-', '')}"


def read(asked: Asked, action: str) -> Call:
    """What the models say of an action.

    Raises:
        Mistake: The package is not installed, or has no such action.
    """
    models = _models(asked)
    request = getattr(models, f"{action}Request", None)
    reply = getattr(models, f"{action}ResponseBody", None)
    if reply is None:
        raise Mistake(f"{package(asked)} has no {action}; near: {_near(models, action)}")
    method, path = _style(asked, action)
    return Call(action, _fields(request) if request else (), _fields(reply), method, path)


@cache
def _models(asked: Asked) -> ModuleType:
    name = package(asked).replace("-", "_")
    try:
        return importlib.import_module(f"{name}.models")
    except ModuleNotFoundError as error:
        if error.name and not error.name.startswith(name):
            raise
        remedy = "add it to the dev group in pyproject.toml, then: make lock setup"
        raise Mistake(f"the typed models of {asked.service} are not installed: {package(asked)}; {remedy}") from None


def _near(models: ModuleType, action: str) -> str:
    from difflib import get_close_matches

    known = [name.removesuffix("ResponseBody") for name in vars(models) if name.endswith("ResponseBody")]
    return ", ".join(get_close_matches(action, known, n=4)) or "none"


def _style(asked: Asked, action: str) -> tuple[str, str]:
    """Method and path of a ROA call, from the vendor's client; nothing for RPC."""
    client = importlib.import_module(f"{package(asked).replace('-', '_')}.client")
    source = inspect.getsource(client)
    found = re.search(rf"action\s*=\s*'{action}',(.*?)\)\s*\n\s*return", source, re.DOTALL)
    said = dict(re.findall(r"(\w+)\s*=\s*f?'([^'\n]*)'", found[1])) if found else {}
    if said.get("style") != "ROA":
        return "", ""
    path = re.sub(r"\{[^{}]*?(\w+)\)?\}", lambda match: f"[{_camel(match[1])}]", said["pathname"])
    return said["method"], path


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _fields(model: Any) -> tuple[Field, ...]:
    docs = _docs(model)
    hints = {name: hint for name, hint in get_type_hints(model.__init__).items() if name != "return"}
    return tuple(_field(model, name, hint, docs.get(name, "")) for name, hint in hints.items())


def _field(model: Any, name: str, hint: Any, doc: str) -> Field:
    many = get_origin(hint) is list
    inner = get_args(hint)[0] if many else hint
    probe: Any = [None] if many else (inner() if _is_model(inner) else "probe")
    key = _key(model, name, probe)
    if _is_model(inner):
        return Field(key, "object", many, doc, _fields(inner))
    return Field(key, SCALARS.get(inner, "any"), many, doc)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and hasattr(kind, "to_map")


def _key(model: Any, name: str, probe: Any) -> str:
    """The key under which a model sends an attribute: what is in its map only once the attribute is set."""
    bare, full = model(), model()
    setattr(full, name, probe)
    before, after = bare.to_map(), full.to_map()
    return next((key for key in after if key not in before or after[key] != before[key]), _camel(name))


def _docs(model: Any) -> dict[str, str]:
    """The comment before each attribute."""
    source = inspect.getsource(model.__init__)
    found = re.findall(r"((?:^[ \t]*#.*\n)+)[ \t]*self\.(\w+) = ", source, re.MULTILINE)
    return {name: _clean(re.sub(r"^[ \t]*# ?", "", text, flags=re.MULTILINE)) for text, name in found}


def _clean(text: str) -> str:
    text = re.sub(r"<props=.*?>", "", text)
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).strip()
