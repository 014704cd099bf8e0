"""Writes the parts of the README that the code knows best, between their markers; ``--check`` only compares.

``make docs`` runs it. A table has one line a verb, not one a command, so that it stays short as types are added.
"""

import ast
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from climc_py import secrets
from climc_py.shell import program as climc
from cloudmux_py import providers
from cloudmux_py.cloudprovider.config import config_of
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.console import rules
from cloudmux_py.console.exit_codes import MEANINGS
from cloudmux_py.console.lazy import Entry
from cloudmux_py.console.settings import ENV_OUTPUT
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.policy import language_of, needed
from cloudmux_py.resources import modules, resource_type
from cloudmux_py.shell import program as cloudcli

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
CLOUDS = {name: config_of(name).title for name in providers()}

VARIABLES = {
    secrets.KEY_FILE: "File of the key that seals stored secrets; default: `key` in the user's configuration folder",
    rules.VARIABLE: "File of your own rules; default: `policy.toml` in `cloudmux` in the configuration folder",
    "ALIBABA_CLOUD_PROFILE": "Profile of `~/.aliyun/config.json` to read, instead of its current one",
    "AWS_PROFILE": "Profile of `~/.aws` to read, instead of `default`",
    "AWS_SHARED_CREDENTIALS_FILE": "File of AWS keys, instead of `~/.aws/credentials`",
    "AWS_CONFIG_FILE": "File of AWS settings, instead of `~/.aws/config`",
    "TCCLI_PROFILE": "Profile of `~/.tccli` to read, instead of `default`",
    "SSL_CERT_FILE": "Certificates to trust, instead of those of certifi",
    "REQUESTS_CA_BUNDLE": "The same, where `SSL_CERT_FILE` is not set",
}
"""Variables that the code reads itself; `variables` refuses to forget one."""

SYSTEM = {
    "HTTPS_PROXY": "Proxy, and `NO_PROXY` its exceptions; never used for this machine itself",
    "NO_COLOR": "No colours",
    "COLUMNS": "Width of tables",
}
"""Variables that the libraries below read."""

FIELDS = {
    "access_key": "Access key id (SecretId)",
    "secret": "Its secret",
    "token": "Security token of temporary keys",
    "region": "Region, for `cloudcli`",
}


def main() -> None:
    """Write the README anew, or say that it is stale."""
    text = README.read_text("utf-8")
    fresh = render(text)
    if "--check" in sys.argv[1:]:
        raise SystemExit(0 if fresh == text else "README.md is stale: make docs")
    README.write_text(fresh, "utf-8")


def render(text: str) -> str:
    """A README with all its generated parts made anew.

    Raises:
        ValueError: A marker is missing.
    """
    for name, make in PARTS.items():
        pattern = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"README.md needs the marker <!-- generated: {name} --> … <!-- end --> once")
        body = "\n".join(make())
        text = pattern.sub(lambda match, body=body: f"{match[1]}\n{body}\n\n{match[2]}", text)  # type: ignore[misc]
    return text


# Resource types and commands.


def types() -> list[type[ICloudResource]]:
    """The types of this distribution; what others bring is theirs to document."""
    return [resource_type(name) for name, module in modules().items() if module.startswith("cloudmux_py.")]


def type_table() -> Iterator[str]:
    """Which type is on which cloud."""
    yield from table(
        ["`<type>`", "What it is", *(CLOUDS[name] for name in providers())],
        (
            [code(row.word()), row.__doc__ or "", *("yes" if find_binding(row, name) else "–" for name in providers())]
            for row in types()
        ),
    )


def command_table(index: Mapping[str, Entry], verbs: Mapping[str, str], extra: Mapping[str, Any]) -> Iterator[str]:
    """The commands of a program: one line a verb of all types, then the rest."""
    words = {row.word() for row in types()}
    every = {f"{name.replace('_', '-')}-{verb}" for name in modules() for verb in verbs}

    def lines() -> Iterator[Sequence[str]]:
        for verb, text in verbs.items():
            only = sorted(word.replace("_", "-") for word in extra.get(verb, ()))
            note = f" Only: {join(word for word in only if word in words)}." if only else ""
            yield code(f"<type>-{verb}"), text.replace("{word}", "`<type>`") + note
        rest = {name: entry for name, entry in index.items() if name not in every and not entry.hidden}
        yield from {code(for_any(name)): for_any(entry.help) for name, entry in rest.items()}.items()

    yield from table(["Command", "What it does"], lines())


def for_any(text: str) -> str:
    """A command of one cloud, or its help, as that of any."""
    for provider, name in CLOUDS.items():
        text = text.removesuffix(f"-{provider}") + f"-{'|'.join(CLOUDS)}" if text.endswith(f"-{provider}") else text
        text = text.replace(f"of {name}", "of that cloud")
    return text


def options_table() -> Iterator[str]:
    """The options that may stand before or after any command."""
    texts: dict[str, str] = {}
    where: dict[str, list[str]] = {}
    for name, group in programs().items():
        for param in group.params:
            if param.name in group.shared and not param.hidden:
                value = "" if param.is_flag else f" {code(param.metavar or 'TEXT')}"
                spelled = join(param.opts) + value
                texts[spelled] = param.help or ""
                where.setdefault(spelled, []).append(name)
    yield from table(["Option", "Programs", "What it does"], ((o, join(where[o]), text) for o, text in texts.items()))


def programs() -> dict[str, Any]:
    """The groups of the two programs."""
    return {"cloudcli": cloudcli.command("cloudcli", ""), "climc": climc.command()}


# Configuration and exit codes.


def key_table() -> Iterator[str]:
    """Where keys, regions and endpoints of each cloud come from."""
    rows = [[text, *(join(key_names(name, field)) for name in CLOUDS)] for field, text in FIELDS.items()]
    rows.append(["Base URL for every API", *(code(config_of(name).endpoint) for name in CLOUDS)])
    yield from table(["What", *CLOUDS.values()], rows)


def key_names(provider: str, field: str) -> list[str]:
    """Variables of one field, the first wins."""
    found = [name for variables in config_of(provider).environment if (name := getattr(variables, field))]
    return list(dict.fromkeys(found))


def variable_table() -> Iterator[str]:
    """Every other environment variable, and what it does.

    Raises:
        ValueError: The code reads one that no table explains.
    """
    found: dict[str, str] = {}
    for program, group in programs().items():
        for param in group.params:
            names = [param.envvar] if isinstance(param.envvar, str) else param.envvar or []
            where = "both programs" if names == ENV_OUTPUT else code(program)
            found |= {name: f"As {code('--' + (param.name or '').replace('_', '-'))} ({where})" for name in names}
    found |= VARIABLES
    keys = {name for provider in CLOUDS for field in FIELDS for name in key_names(provider, field)}
    if forgotten := read_by_code() - found.keys() - keys - {config_of(name).endpoint for name in CLOUDS}:
        raise ValueError(f"the code reads {', '.join(sorted(forgotten))}: say in docs/generate.py what it does")
    yield from table(["Variable", "What it does"], ((code(name), text) for name, text in (found | SYSTEM).items()))


def read_by_code() -> set[str]:
    """Names that our sources read from the environment by a literal; the emulator's ``environ`` is a request's."""
    names = set()
    for path in sorted((ROOT / "src").rglob("*.py")):
        if "emulator" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("environ.get"):
                names |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return {str(name) for name in names}


def exit_table() -> Iterator[str]:
    """Exit codes of all programs."""
    yield from table(["Exit code", "Meaning"], ((str(number), text) for number, text in MEANINGS.items()))


# Least permissions.


def policy(provider: str) -> Iterator[str]:
    """The least policies to read and to delete, from the calls of the bindings."""
    language, wanted = language_of(provider), needed(provider, types(), "delete")
    for purpose, changing in (("Read", False), ("Delete: all of the above, and", True)):
        names = [permission.name for permission in wanted if permission.changing is changing]
        yield f"{purpose}:"
        yield ""
        yield "```json"
        yield json.dumps(language.document(names), indent=2)
        yield "```"
        yield ""
    if unsure := [permission.name for permission in wanted if not permission.verified]:
        yield f"Unverified, as no page of the vendor's that we found names them: {join(unsure)}."


# Markdown.


def code(text: str) -> str:
    """Text as code; a bar would end the cell."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def join(names: Iterable[str]) -> str:
    """Names as code, in a row."""
    return ", ".join(code(name) for name in names) or "–"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "types": type_table,
    "cloudcli": lambda: command_table(cloudcli.index(), cloudcli.VERBS, cloudcli.EXTRA_VERBS),
    "climc": lambda: command_table(climc.index(), climc.VERBS, climc.EXTRA_VERBS),
    "options": options_table,
    "keys": key_table,
    "variables": variable_table,
    "exit codes": exit_table,
    **{f"policy {name}": partial(policy, name) for name in CLOUDS},
}


if __name__ == "__main__":
    main()
