"""The credential chain: what wins, what is refused, and what never shows."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import AuthFailed, MissingCredentials, UsageError
from cloudmux_py.credentials import Credentials, available, resolve
from cloudmux_py.emulator import Emulator

KEYS = {"ALIYUN_ACCESS_KEY": "env-key", "ALIYUN_SECRET": "env-secret"}


def aliyun(home: Path, *profiles: dict[str, Any], current: str = "default") -> None:
    (home / ".aliyun").mkdir(exist_ok=True)
    (home / ".aliyun" / "config.json").write_text(json.dumps({"current": current, "profiles": list(profiles)}))


PLAIN = {
    "name": "default",
    "mode": "AK",
    "access_key_id": "file-key",
    "access_key_secret": "s",
    "region_id": "cn-beijing",
}


def test_flags_beat_environment_beats_file(tmp_path: Path) -> None:
    aliyun(tmp_path, PLAIN)
    flags = resolve("aliyun", access_key="flag-key", secret="x", environ=KEYS, home=tmp_path)
    assert flags.access_key == "flag-key"
    assert resolve("aliyun", environ=KEYS, home=tmp_path).access_key == "env-key"
    assert resolve("aliyun", environ={}, home=tmp_path).access_key == "file-key"
    assert resolve("aliyun", environ={}, home=tmp_path).region == "cn-beijing"


def test_a_named_profile_beats_the_environment(tmp_path: Path) -> None:
    aliyun(tmp_path, PLAIN, PLAIN | {"name": "prod", "access_key_id": "prod-key"})
    assert resolve("aliyun", profile="prod", environ=KEYS, home=tmp_path).access_key == "prod-key"
    with pytest.raises(UsageError, match=r"no profile 'prud' in .*; there are: default, prod"):
        resolve("aliyun", profile="prud", environ=KEYS, home=tmp_path)


def test_our_own_names_beat_the_vendor_s(tmp_path: Path) -> None:
    vendor = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "v",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s",
        "ALIBABA_CLOUD_SECURITY_TOKEN": "t",
    }
    assert resolve("aliyun", environ=KEYS | vendor, home=tmp_path).access_key == "env-key"
    assert resolve("aliyun", environ=vendor, home=tmp_path).token == "t"


@pytest.mark.parametrize("half", ["ALIYUN_ACCESS_KEY", "ALIYUN_SECRET"])
def test_a_pair_is_never_put_together_from_two_places(half: str, tmp_path: Path) -> None:
    aliyun(tmp_path, PLAIN)
    with pytest.raises(MissingCredentials, match="must come from the same place"):
        resolve("aliyun", environ={half: "x"}, home=tmp_path)
    with pytest.raises(MissingCredentials, match="the secret is missing"):
        resolve("aliyun", access_key="x", environ=KEYS, home=tmp_path)


@pytest.mark.parametrize("provider", ["aliyun", "qcloud"])
def test_none_at_all_says_what_to_set(provider: str, tmp_path: Path) -> None:
    with pytest.raises(MissingCredentials, match=f"no credentials for {provider}: set") as caught:
        resolve(provider, environ={"ALIYUN_ACCESS_KEY": " ", "QCLOUD_SECRET_ID": ""}, home=tmp_path)
    assert caught.value.exit_code == 4


def test_modes_that_are_not_known_are_refused_by_name(tmp_path: Path) -> None:
    aliyun(tmp_path, PLAIN | {"mode": "CloudSSO"})
    with pytest.raises(UsageError, match="mode CloudSSO, which is not supported"):
        resolve("aliyun", environ={}, home=tmp_path)


def test_tokens_and_external_commands_are_read(tmp_path: Path) -> None:
    aliyun(tmp_path, PLAIN | {"mode": "StsToken", "sts_token": "tok"})
    assert resolve("aliyun", environ={}, home=tmp_path).token == "tok"
    answer = json.dumps({"mode": "AK", "access_key_id": "ext", "access_key_secret": "s"})
    script = tmp_path / "keys.py"
    script.write_text(f"print({answer!r})")
    aliyun(tmp_path, {"name": "default", "mode": "External", "process_command": f"{sys.executable} {script}"})
    assert resolve("aliyun", environ={}, home=tmp_path).access_key == "ext"


def test_a_half_written_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    aliyun(tmp_path)
    (tmp_path / ".aliyun" / "config.json").write_text('{"current": ')
    with pytest.raises(AuthFailed, match=r"config\.json cannot be read"):
        resolve("aliyun", environ={}, home=tmp_path)


def test_tccli_profiles(tmp_path: Path) -> None:
    folder = tmp_path / ".tccli"
    folder.mkdir()
    (folder / "default.credential").write_text(json.dumps({"secretId": "id", "secretKey": "key", "type": "default"}))
    (folder / "default.configure").write_text(json.dumps({"_sys_param": {"region": "ap-beijing", "output": "json"}}))
    (folder / "sso.credential").write_text(json.dumps({"type": "sso", "secretId": "id", "secretKey": "key"}))
    found = resolve("qcloud", environ={}, home=tmp_path)
    assert (found.access_key, found.region) == ("id", "ap-beijing")
    with pytest.raises(UsageError, match="of kind sso, which is not supported"):
        resolve("qcloud", profile="sso", environ={}, home=tmp_path)


def test_the_providers_that_have_credentials(tmp_path: Path) -> None:
    assert available({}, tmp_path) == {}
    assert available(KEYS, tmp_path) == {"aliyun": "environment ALIYUN_ACCESS_KEY"}
    aliyun(tmp_path, PLAIN)
    assert list(available({}, tmp_path)) == ["aliyun"]


def test_a_secret_never_shows_itself() -> None:
    keys = Credentials("aliyun", "LTAIkey", "planted-secret", "planted-token")
    assert "planted" not in f"{keys!r} {keys} {[keys]} {keys!s}"


def test_a_badly_pasted_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuthFailed, match="characters that no key has"):
        resolve("aliyun", access_key="LTAI\x1b[0m", secret="x", environ={}, home=tmp_path)
    assert resolve("aliyun", access_key=" LTAI\n", secret="x ", environ={}, home=tmp_path).access_key == "LTAI"


def test_a_role_is_assumed_once_and_again_before_it_ends(tmp_path: Path) -> None:
    with Emulator(instances=1) as emulator:
        role = {
            "mode": "RamRoleArn",
            "ram_role_arn": "acs:ram::1:role/x",
            "ram_session_name": "s",
            "expired_seconds": 900,
        }
        keys = {"access_key_id": emulator.access_key, "access_key_secret": emulator.secret}
        aliyun(tmp_path, PLAIN | role | keys)
        found = resolve("aliyun", endpoint=emulator.url, environ={}, home=tmp_path)
        region = connect("aliyun", credentials=found).region("cn-beijing")
        assert len(list(region.iter_elastic_searchs())) == 1
        assert len(list(region.iter_elastic_searchs())) == 1
        assert [call.action for call in emulator.requests].count("AssumeRole") == 1
        assert emulator.requests[-1].access_key.startswith("STS.")
