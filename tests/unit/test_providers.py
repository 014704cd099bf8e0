"""What every provider must bring: docs/adding-a-provider.md says it, and this holds it."""

from importlib import import_module
from pathlib import Path

import pytest

import cloudmux_py
from cloudmux_py import connect, providers
from cloudmux_py.cloudprovider.config import config_of
from cloudmux_py.cloudprovider.errors import CloudError
from cloudmux_py.engine.account import Account
from cloudmux_py.engine.client import Client

FILES = ("client", "config", "errors", "policy", "profiles", "provider", "region")

every_provider = pytest.mark.parametrize("provider", providers())


def test_the_clouds_are_found_by_their_packages() -> None:
    assert providers() == ["aliyun", "aws", "qcloud"]


@every_provider
def test_its_package_is_whole(provider: str) -> None:
    folder = Path(cloudmux_py.__file__).parent / provider
    assert {path.stem for path in folder.glob("*.py")} >= set(FILES)
    account = import_module(f"cloudmux_py.{provider}.provider").Provider
    assert issubclass(account, Account)
    assert account.name == provider
    assert issubclass(account.client_type, Client)
    assert account.client_type.provider == provider
    codes = import_module(f"cloudmux_py.{provider}.errors").CODES
    assert all(issubclass(kind, CloudError) for kind in codes.values())


@every_provider
def test_its_configuration_can_be_used(provider: str) -> None:
    config = config_of(provider)
    holds = [word.holds for word in config.words if word.holds]
    assert sorted(holds) == ["access_key", "secret"]
    assert config.environment
    assert all(names.access_key and names.secret for names in config.environment)
    assert config.endpoint
    assert config.file(Path("/home/x")).is_relative_to("/home/x")


def test_no_two_clouds_share_a_variable() -> None:
    used = [
        {name for names in config_of(provider).environment for name in names if name} | {config_of(provider).endpoint}
        for provider in providers()
    ]
    assert sum(map(len, used)) == len(set().union(*used))


def test_a_misspelt_option_is_refused_and_never_falls_back_on_the_environment() -> None:
    with pytest.raises(TypeError, match="acces_key"):
        connect("aliyun", acces_key="key", secret="secret")  # type: ignore[call-overload]
