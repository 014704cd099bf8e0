"""AWS in the credential chain: its variables, its files, and what is never asked for keys."""

import subprocess
import sys
from pathlib import Path

import pytest

from cloudmux_py.cloudprovider.errors import MissingCredentials, UsageError
from cloudmux_py.credentials import available, resolve

from .played import Played

KEYS = {"AWS_ACCESS_KEY_ID": "env-key", "AWS_SECRET_ACCESS_KEY": "s"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        "[default]\naws_access_key_id = file-key\naws_secret_access_key = s\naws_session_token = t\n"
        "[ops]\naws_access_key_id = ops-key\naws_secret_access_key = s\n"
    )
    script = tmp_path / "keys.py"
    script.write_text('print(\'{"Version": 1, "AccessKeyId": "made-key", "SecretAccessKey": "s"}\')')
    (tmp_path / ".aws" / "config").write_text(
        "[default]\nregion = eu-west-1\n[profile ops]\nregion = us-west-2\n"
        f"[profile made]\ncredential_process = {sys.executable} {script}\n[profile empty]\nregion = us-east-1\n"
    )
    return tmp_path


def test_flags_beat_environment_beats_file(home: Path) -> None:
    assert resolve("aws", access_key="flag", secret="s", environ=KEYS, home=home).access_key == "flag"
    assert resolve("aws", environ=KEYS, home=home).access_key == "env-key"
    found = resolve("aws", environ={}, home=home)
    assert (found.access_key, found.token, found.region) == ("file-key", "t", "eu-west-1")


@pytest.mark.parametrize(("variable", "region"), [("AWS_REGION", "a"), ("AWS_DEFAULT_REGION", "b")])
def test_the_region_of_the_environment(home: Path, variable: str, region: str) -> None:
    assert resolve("aws", environ=KEYS | {variable: region}, home=home).region == region
    both = {"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b", "AWS_SESSION_TOKEN": "t", "AWS_ENDPOINT_URL": "http://x"}
    found = resolve("aws", environ=KEYS | both, home=home)
    assert (found.region, found.token, found.endpoint) == ("a", "t", "http://x")


@pytest.mark.parametrize(("profile", "key"), [("ops", "ops-key"), ("made", "made-key")])
def test_a_profile_by_option_and_by_variable(home: Path, profile: str, key: str) -> None:
    assert resolve("aws", profile=profile, environ=KEYS, home=home).access_key == key
    found = resolve("aws", environ={"AWS_PROFILE": profile}, home=home)
    assert found.access_key == key
    assert f"profile {profile!r} of" in found.source


@pytest.mark.parametrize("profile", ["none", "empty"])
def test_a_profile_without_keys_is_refused(home: Path, profile: str) -> None:
    with pytest.raises(UsageError, match=f"no profile {profile!r} that gives keys"):
        resolve("aws", profile=profile, environ=KEYS, home=home)


def test_files_may_lie_elsewhere(home: Path, tmp_path: Path) -> None:
    moved = (home / ".aws").rename(tmp_path / "moved")
    with pytest.raises(MissingCredentials, match=r"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or configure"):
        resolve("aws", environ={}, home=home)
    elsewhere = {"AWS_SHARED_CREDENTIALS_FILE": str(moved / "credentials")}
    assert resolve("aws", environ=elsewhere, home=home).region == "eu-west-1"


def test_no_machine_is_asked_for_its_role(played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", played.url)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", played.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of this process")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of this process")
    with pytest.raises(MissingCredentials):
        resolve("aws", environ={}, home=tmp_path)
    assert not played.calls


def test_which_clouds_have_credentials(home: Path, tmp_path: Path) -> None:
    assert available(KEYS, tmp_path / "nobody") == {"aws": "environment AWS_ACCESS_KEY_ID"}
    assert available({}, home) == {"aws": str(home / ".aws" / "credentials")}


def test_without_the_extra_it_is_said_how_to_install_it(home: Path) -> None:
    script = (
        "import sys; sys.modules['botocore'] = None\n"
        "from cloudmux_py import connect\n"
        "from cloudmux_py.cloudprovider.errors import UsageError\n"
        "from cloudmux_py.credentials import available, resolve\n"
        f"assert available({KEYS!r}) == {{}}\n"
        "for attempt in (lambda: resolve('aws'), lambda: connect('aws', access_key='k', secret='s')):\n"
        "    try: attempt()\n"
        "    except UsageError as error: print(error)\n"
        "from cloudmux_py.resources.vpc import Vpc\n"
        "from cloudmux_py.engine.bindings import find_binding\n"
        "assert find_binding(Vpc, 'aws')"
    )
    env = {"HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["aws needs botocore: pip install 'cloudmux-py[aws]'"] * 2, done.stderr
