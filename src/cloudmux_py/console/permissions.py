"""What both programs show of permissions: the cloud's policy that grants them, and which of them some keys have."""

from collections.abc import Sequence
from typing import Any

import typer

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.engine.policy import Purpose, language_of, needed
from cloudmux_py.engine.probing import Answer
from cloudmux_py.resources import resource_type, resource_types

from .exit_codes import CREDENTIALS, PARTLY
from .output import Listing, show_list, show_text
from .settings import Settings
from .terminal import note

FOR: Any = typer.Option("read", "--for", metavar="read|delete", help="What the keys are to do.")
RESOURCES: Any = typer.Option([], "--resources", metavar="TYPE", help="Only for these resource types; a,b or repeated.")
CHECK = typer.Option(False, "--check", help="Try each reading call, and name what is missing; nothing is changed.")


def purpose_of(text: str) -> Purpose:
    """The value of ``--for``."""
    if text == "read":
        return "read"
    if text == "delete":
        return "delete"
    raise UsageError(f"--for takes read or delete, not {text!r}")


def types_of(words: Sequence[str]) -> list[type[ICloudResource]]:
    """The value of ``--resources``; all types without one."""
    names = [part for word in words for part in word.split(",") if part]
    return [resource_type(name) for name in names] if names else resource_types()


def show_policy(settings: Settings, provider: str, purpose: Purpose, types: Sequence[type[ICloudResource]]) -> None:
    """Print the least policy, ready to be pasted; on stderr, which of its actions no page of the vendor's named."""
    import json

    language, wanted = language_of(provider), needed(provider, types, purpose)
    document = dict(language.document([permission.name for permission in wanted]))
    show_text(settings, json.dumps(document, indent=2).splitlines(), document)
    if unsure := [permission.name for permission in wanted if not permission.verified]:
        note(f"unverified, as no page of the vendor's that we found names them: {', '.join(unsure)}")


def show_answers(settings: Settings, provider: str, answers: Sequence[Answer]) -> None:
    """Print what was found of each permission; 4 if one is missing, 5 if one could not be told."""
    names = list(Answer._fields)
    rows = [answer._asdict() for answer in answers]
    show_list(settings, Listing(rows, names, names, "permission", total=len(rows)))
    missing = [answer.permission for answer in answers if answer.result == "denied"]
    if missing:
        note(f"error: missing in {language_of(provider).title}: {', '.join(missing)}")
        raise SystemExit(CREDENTIALS)
    if any(answer.result == "unknown" for answer in answers):
        raise SystemExit(PARTLY)
