"""The vendors' own files, half written or hostile: keys, none, or one line that says what is wrong with which file."""

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from climc_py import secrets
from climc_py.errors import SecretError
from cloudmux_py.aliyun import profiles
from cloudmux_py.cloudprovider.errors import AuthFailed, MissingCredentials, UsageError
from cloudmux_py.credentials import Credentials, files, resolve

from .mutation import VALUES, few, mutated

ALIYUN = {
    "current": "default",
    "profiles": [
        {
            "name": "default",
            "mode": "AK",
            "access_key_id": "LTAI5tExample",
            "access_key_secret": "secret",
            "sts_token": "token",
            "ram_role_arn": "acs:ram::1:role/x",
            "ram_session_name": "s",
            "expired_seconds": 900,
            "region_id": "cn-beijing",
        }
    ],
}
CREDENTIAL = {"secretId": "AKIDexample", "secretKey": "secret", "token": "", "type": "default"}
CONFIGURE = {"_sys_param": {"region": "ap-beijing", "output": "json"}}
INI = "[default]\naws_access_key_id = AKIA\naws_secret_access_key = s\n[profile x]\nregion=us-east-1\nrole_arn=arn:x\n"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PAUSE", 0)
    monkeypatch.setattr(profiles, "METADATA", "http://127.0.0.1:9")


def profile(mode: Any, command: Any) -> dict[str, Any]:
    return {"profiles": [{"name": "default", "mode": mode, "process_command": command}]}


def check_resolved(provider: str, home: Path, name: str = "") -> None:
    """Keys that can be signed with, or an error of one line."""
    try:
        found = resolve(provider, profile=name, environ={}, home=home)
    except (AuthFailed, MissingCredentials, UsageError) as error:
        str(error).encode("utf-8", "backslashreplace")
        return
    assert isinstance(found, Credentials)
    assert found.access_key
    assert all(isinstance(value, str) for value in found[:7])
    assert found.access_key.isascii()
    assert found.secret.isprintable()


def as_text(value: Any) -> bytes:
    return json.dumps(value).encode()


@few
@given(content=mutated([ALIYUN]).map(as_text) | st.binary(max_size=50) | VALUES.map(as_text))
@example(content=b'{"profiles": 5}')
@example(content=b'{"profiles": {"name": "default"}}')
@example(content=b"[" * 100_000)
@example(content=b"\xff\xfe")
@example(content=as_text(profile("External", "'not closed")))
@example(content=as_text(profile("External", "")))
@example(content=as_text(profile("External", "/nowhere \x00")))
@example(content=as_text(profile({}, [])))
@example(content=as_text(profile("EcsRamRole", "")))
def test_aliyun_s_profiles(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / ".aliyun" / "config.json"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    check_resolved("aliyun", tmp_path)


def test_the_modes_are_those_that_are_fuzzed() -> None:
    assert set(profiles.MODES) == {"AK", "StsToken", "RamRoleArn", "EcsRamRole", "External"}


KEYS = {"AccessKeyId": "STS.x", "AccessKeySecret": "s", "SecurityToken": "t"}


class Machine(BaseHTTPRequestHandler):
    """A metadata service that answers what it was told."""

    answer = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"role" if self.path.endswith("/") else self.answer)

    def do_PUT(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"token")

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_what_a_machine_answers_for_its_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".aliyun" / "config.json"
    file.parent.mkdir()
    file.write_bytes(as_text(profile("EcsRamRole", "")))
    with ThreadingHTTPServer(("127.0.0.1", 0), Machine) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setattr(profiles, "METADATA", f"http://127.0.0.1:{server.server_port}")
        Machine.answer = as_text(KEYS)
        assert resolve("aliyun", environ={}, home=tmp_path)[1:4] == ("STS.x", "s", "t")
        for answer in (b"", b"[]", b"5", b"{}", as_text(KEYS | {"AccessKeySecret": "a\nb"}), b"[" * 50_000, b"\xff"):
            Machine.answer = answer
            with pytest.raises(AuthFailed, match="profile 'default'"):
                resolve("aliyun", environ={}, home=tmp_path)
        server.shutdown()


@few
@given(
    credential=mutated([CREDENTIAL]).map(as_text) | st.binary(max_size=50),
    configure=mutated([CONFIGURE]).map(as_text) | st.binary(max_size=50),
    name=st.sampled_from(["", "default", "../x", "a\x00b", ".", "x/y", "\udcff", "x" * 5000]),
)
def test_tccli_s_profiles(credential: bytes, configure: bytes, name: str, tmp_path: Path) -> None:
    folder = tmp_path / ".tccli"
    folder.mkdir(exist_ok=True)
    (folder / "default.credential").write_bytes(credential)
    (folder / "default.configure").write_bytes(configure)
    check_resolved("qcloud", tmp_path, name)


@few
@given(
    content=st.text("[]=\n# defaultprofile xaws_secret_access_key\x00\u20ac%").map(str.encode) | st.binary(max_size=50)
)
@example(content=INI.encode().replace(b"AKIA", b"\xff"))
@example(content=INI.encode() + b"[default]\n")
@example(content=b"\xef\xbb\xbf" + INI.encode())
@example(content=INI.encode().replace(b"AKIA", b"AK\x1b[31m"))
@example(content=INI.encode().replace(b"= s\n", b"= %(x)s\n"))
def test_aws_s_profiles(content: bytes, tmp_path: Path) -> None:
    pytest.importorskip("botocore")
    (tmp_path / ".aws").mkdir(exist_ok=True)
    (tmp_path / ".aws" / "credentials").write_bytes(content)
    check_resolved("aws", tmp_path)


@few
@given(content=st.binary(max_size=100))
@example(content=b"")
@example(content=b"\n\n")
@example(content=b"AAAA")
@example(content="ключ".encode())
def test_key_files(content: bytes, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(content)
    key.chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(secrets.KEY_FILE, str(key))
        for text in ("", "gAAAA", "x" * 1000, "é"):
            with pytest.raises(SecretError):
                secrets.unseal("a1", text)
        with suppress(SecretError):
            secrets.seal("a1", "x")
