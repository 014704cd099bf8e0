"""How a provider is configured: its variables, its words and its files, which must be known before it is used.

Each provider's package has these in ``config.py``, and ``profiles.py`` beside it reads its vendor's own profile file.
Programs and the credential chain find both by the provider's name; neither imports a vendor's SDK.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from .errors import UsageError


class Variables(NamedTuple):
    """Environment variables of one set."""

    access_key: str
    secret: str
    token: str = ""
    region: str = ""


class Word(NamedTuple):
    """A positional of the commands that take an account's keys.

    Attributes:
        name: As help shows it, in lower case.
        holds: What it is; empty for one that is accepted and not needed.
        help: One line.
    """

    name: str
    holds: Literal["access_key", "secret", ""]
    help: str


class ProviderConfig(NamedTuple):
    """How one provider is configured.

    Attributes:
        title: The cloud's name for people.
        environment: Variables of keys; of several sets the first wins.
        endpoint: Variable of the base URL for every API.
        words: Positionals of ``cloud-account-create-<provider>`` after the name.
        file: The vendor's own file of keys, in a home folder; looked for, not read.
        aliases: Words of cloudmux's own program for this cloud that are not ours, and the resource type of each.
        needs: Module that the provider cannot work without, and that only the extra named as the provider installs;
            empty where there is none.
    """

    title: str
    environment: tuple[Variables, ...]
    endpoint: str
    words: tuple[Word, ...]
    file: Callable[[Path], Path]
    aliases: Mapping[str, str] = MappingProxyType({})
    needs: str = ""


def providers() -> list[str]:
    """Names of the clouds that are known here: the packages that hold a provider."""
    return sorted(path.parent.name for path in Path(__file__).parents[1].glob("*/provider.py"))


def installed(provider: str) -> bool:
    """Whether a known provider has all that it needs."""
    needs = config_of(provider).needs
    return not needs or find_spec(needs) is not None


def check_provider(provider: str) -> None:
    """See to it that a provider can be used.

    Raises:
        UsageError: There is no such provider, or its extra is not installed.
    """
    if not installed(provider):
        raise UsageError(f"{provider} needs {config_of(provider).needs}: pip install 'cloudmux-py[{provider}]'")


def config_of(provider: str) -> ProviderConfig:
    """How a provider is configured.

    Raises:
        UsageError: There is no such provider.
    """
    if provider not in providers():
        raise UsageError(f"no provider {provider!r}; there are: {', '.join(providers())}")
    found = import_module(f"cloudmux_py.{provider}.config").CONFIG
    assert isinstance(found, ProviderConfig)
    return found
