"""Secrets at rest: sealed for one account, with a key that lies elsewhere; lost keys name the command that mends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from climc_py import secrets
from climc_py.errors import SecretError

SECRET = "planted-secret"
REMEDY = "give the keys again: climc cloud-account-update-credential-aliyun|aws|qcloud a1"


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / "key"
    monkeypatch.setenv(secrets.KEY_FILE, str(path))
    return path


def test_what_is_sealed_opens_for_its_account_alone(key: Path) -> None:
    text = secrets.seal("a1", SECRET)
    assert SECRET not in text
    assert secrets.unseal("a1", text) == SECRET
    with pytest.raises(SecretError, match="sealed for another"):
        secrets.unseal("a2", text)
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in key.parent.iterdir()] == ["key"], "no draft is left"


@pytest.mark.parametrize(
    ("ruin", "text"),
    [
        (lambda key: key.unlink(), "cannot be read"),
        (lambda key: key.write_bytes(b"rubbish"), "holds no key: move it away"),
        (lambda key: (key.unlink(), secrets.seal("other", "x")), "is not the key that sealed this secret"),
    ],
    ids=["lost", "rubbish", "another"],
)
def test_a_lost_key_is_exit_4_with_the_command_that_mends_it(key: Path, ruin: object, text: str) -> None:
    sealed = secrets.seal("a1", SECRET)
    assert callable(ruin)
    ruin(key)
    with pytest.raises(SecretError) as caught:
        secrets.unseal("a1", sealed)
    assert caught.value.exit_code == 4
    assert text in str(caught.value)
    assert REMEDY in str(caught.value)
    if "move it away" in text:
        key.unlink()
    assert secrets.unseal("a1", secrets.seal("a1", SECRET)) == SECRET, "the remedy mends"


def test_a_key_that_others_can_read_is_refused(key: Path) -> None:
    text = secrets.seal("a1", SECRET)
    key.chmod(0o644)
    with pytest.raises(SecretError, match="chmod 600"):
        secrets.unseal("a1", text)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(secrets.KEY_FILE, str(tmp_path / "file" / "key"))
    with pytest.raises(SecretError, match=r"file/key cannot be made: .*; CLIMC_KEY_FILE names another"):
        secrets.seal("a1", SECRET)


def test_of_two_processes_that_start_at_once_one_key_wins(key: Path) -> None:
    script = "from climc_py.secrets import seal; print(seal('a1', 'planted-secret'))"
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=-1, text=True) for _ in range(4)]
    sealed = [process.communicate(timeout=30)[0].strip() for process in running]
    assert [secrets.unseal("a1", text) for text in sealed] == [SECRET] * 4


class Store(KeyringBackend):
    """A keyring in memory, which may forget."""

    priority = 1

    def __init__(self, *, forgetful: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.forgetful = forgetful
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self.forgetful:
            self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None and not self.forgetful:
            raise PasswordDeleteError("not there")


@pytest.fixture
def system_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def test_the_system_s_keyring_keeps_it_and_forgets_it_with_the_account(system_keyring: None, key: Path) -> None:
    store = Store()
    keyring.set_keyring(store)
    text = secrets.seal("a1", SECRET, keyring=True)
    assert text == "keyring"
    assert secrets.unseal("a1", text) == SECRET
    assert store.kept == {("climc", "a1"): SECRET}, "the probe is gone"
    secrets.forget("a1", text)
    secrets.forget("a1", text)
    assert store.kept == {}
    with pytest.raises(SecretError, match=r"no secret of account a1; give the keys again"):
        secrets.unseal("a1", text)
    assert not key.exists()


def test_a_keyring_that_forgets_is_refused(system_keyring: None) -> None:
    keyring.set_keyring(Store(forgetful=True))
    with pytest.raises(SecretError, match="forgets what it is given"):
        secrets.seal("a1", SECRET, keyring=True)


def test_the_draft_of_a_process_that_was_killed_is_in_nobody_s_way(key: Path) -> None:
    """Numbers of processes come again, in a container at once."""
    draft = key.with_name(f"{key.name}.{os.getpid()}")
    key.parent.mkdir()
    draft.write_bytes(b"half a k")
    text = secrets.seal("a", "secret")
    assert secrets.unseal("a", text) == "secret"
    assert draft.read_bytes() == b"half a k"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")
def test_the_key_and_its_name_are_on_the_disk_before_anything_is_sealed(
    key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, sync = list[tuple[Path, bool]](), os.fsync

    def watched(handle: int) -> None:
        synced.append((Path(f"/proc/self/fd/{handle}").readlink(), key.exists()))
        sync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    secrets.seal("a", "secret")
    (draft, early), (folder, late) = synced
    assert (draft.parent, early) == (key.parent, False)
    assert (folder, late) == (key.parent, True)
