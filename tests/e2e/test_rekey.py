"""A new key for the cache's secrets, killed at every step of it, and a cache that moves to another machine."""

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from climc_py import secrets
from climc_py.errors import SecretError
from climc_py.models import account as accounts
from climc_py.models.rekey import rekey
from climc_py.store.database import Database

from .. import programs
from ..conftest import World
from .test_climc import Shell

LINE = "climc db rekey -o json"


@pytest.fixture
def small(make_world: Callable[..., World]) -> World:
    return make_world(instances=3)


@pytest.fixture
def shell(small: World, tmp_path: Path) -> Shell:
    return Shell(small, tmp_path)


def sealed(world: World) -> dict[str, str]:
    return {account.name: account.secret for account in accounts.accounts(world.database)}


def opened(database: Database) -> dict[str, str]:
    return {account.name: secrets.unseal(account.id, account.secret) for account in accounts.accounts(database)}


def test_a_new_key_seals_and_the_old_one_stays_until_it_is_dropped(small: World, shell: Shell) -> None:
    plain, before, old = opened(small.database), sealed(small), secrets.key_path().read_bytes()
    small.database.close()
    found = shell.json(LINE)
    assert (found["secrets"], found["old_keys"], found["key_file"]) == (2, 1, str(secrets.key_path()))
    with Database.read(small.database.path) as database:
        assert opened(database) == plain
        after = {account.name: account.secret for account in accounts.accounts(database)}
        actions = [row["action"] for row in database.rows("SELECT action FROM opslog_tbl ORDER BY id DESC LIMIT 2")]
    assert actions == ["rekey", "rekey"]
    assert set(after.values()).isdisjoint(before.values())
    assert secrets.unseal("ali-id", before["ali"]) == plain["ali"], "a backup's secret can still be opened"
    told = shell.run("climc db rekey --forget-old-keys")
    assert told.stdout == f"2 secrets sealed with a new key in {secrets.key_path()}\n"
    assert len(secrets.key_path().read_bytes().split()) == 1
    assert secrets.key_path().stat().st_mode & 0o777 == 0o600
    with pytest.raises(SecretError, match="is not the key that sealed"):
        secrets.unseal("ali-id", before["ali"])
    assert old.strip() not in secrets.key_path().read_bytes()
    all_bytes = b"".join(file.read_bytes() for file in small.database.path.parent.glob("cache.db*") if file.is_file())
    for text in (*before.values(), *after.values()):
        assert text.encode() not in all_bytes, "not even in pages that are free"
    assert shell.run("climc cloud-account-sync --all --resources elastic-search").returncode == 0


@pytest.mark.parametrize(
    "line", ["climc db path --forget-old-keys", "climc db rekey file", "climc db rekey --older-than 3"]
)
def test_what_makes_no_sense_is_refused(shell: Shell, line: str) -> None:
    assert shell.run(line).returncode == 2


def test_a_secret_that_cannot_be_opened_stops_it_before_anything_is_changed(small: World, shell: Shell) -> None:
    key = secrets.key_path()
    kept = key.read_bytes()
    before = sealed(small)
    small.database.execute("UPDATE cloudaccounts_tbl SET secret = ? WHERE name = 'ten'", [before["ali"]])
    done = shell.run("climc db rekey")
    assert (done.returncode, done.stdout) == (4, "")
    assert "sealed for another; give the keys again" in done.stderr
    assert key.read_bytes() == kept
    assert sealed(small)["ali"] == before["ali"]


def test_a_cache_without_secrets_has_nothing_to_seal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(secrets.KEY_FILE, str(tmp_path / "config" / "key"))
    with Database.write(tmp_path / "c.db") as database:
        assert rekey(database, forget_old_keys=True).secrets == 0
    assert not secrets.key_path().exists()


# Crashes.

WRITING = ("BEGIN", "UPDATE", "COMMIT", "VACUUM")


def _dies(path: str, key: str, point: int) -> None:
    """Rekey, and kill this process at a step: whatever changes a file or the cache is one."""
    os.environ[secrets.KEY_FILE] = key
    left = [point]

    def step(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(name: str, args: tuple[Any, ...]) -> None:
        if name in {"os.rename", "os.remove", "os.link"} or (name == "open" and str(args[0]).startswith(key)):
            step()

    with Database.write(Path(path)) as database:
        database.connection.set_trace_callback(lambda sql: step() if sql.startswith(WRITING) else None)
        sys.addaudithook(audited)
        rekey(database, forget_old_keys=True)


def test_killed_at_any_step_every_secret_still_opens(small: World) -> None:
    path, key, plain = small.database.path, secrets.key_path(), opened(small.database)
    small.database.close()
    seen: set[int] = set()
    for point in range(1, 100):
        process = programs.CONTEXT.Process(target=_dies, args=(str(path), str(key), point))
        process.start()
        process.join(30)
        with Database.read(path) as database:
            assert opened(database) == plain, f"killed at step {point}"
        seen.add(len(key.read_bytes().split()))
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
    else:
        raise AssertionError("it never came to its end")
    assert point > 10
    assert max(seen) > 1, "it was killed between the steps"
    assert len(key.read_bytes().split()) == 1, "the last run left one key"
    assert [file.name for file in key.parent.glob("key.*")] == ["key.lock"], "drafts of the killed are gone"


# Moving.


def test_a_cache_moves_to_another_machine_with_its_key_and_is_of_no_use_without(
    small: World, shell: Shell, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    there.mkdir(mode=0o700)
    assert shell.run(f"climc db backup {there}/cache.db").returncode == 0
    env = {"CLIMC_DB": str(there / "cache.db"), "CLIMC_KEY_FILE": str(there / "key"), "HOME": str(there)}
    shell.env |= env
    sync = "climc cloud-account-sync --all --resources elastic-search"
    done = shell.run(sync)
    assert done.returncode == 4
    assert "give the keys again" in done.stderr
    assert str(there / "key") in done.stderr
    assert shell.json("climc cloud-account-list -o json")["total"] == 2, "all but the secrets can be read"
    (there / "key").write_bytes(secrets.key_path().read_bytes())
    (there / "key").chmod(0o600)
    assert shell.run(sync).returncode == 0
    (there / "key").unlink()
    for provider, name in (("aliyun", "ali"), ("qcloud", "ten")):
        keys = small.emulator.world.of(provider)[0]
        line = f"climc cloud-account-update-credential-{provider} {name} --secret-stdin"
        word = keys.access_key if provider == "aliyun" else f"0 {keys.access_key}"
        assert shell.run(f"{line} {word}", stdin=keys.secret).returncode == 0
    assert shell.run(sync).returncode == 0, "new keys of the cloud serve as well as the old key"


def test_keys_of_the_cloud_rotate_and_rows_stay(small: World, shell: Shell) -> None:
    small.sync("aliyun")
    rows = small.cached("aliyun")
    held = small.emulator.world.accounts
    old = small.emulator.secret
    account = small.emulator.world.of("aliyun")[0]._replace(secret="second-secret-of-the-same-account")
    held[held.index(small.emulator.world.of("aliyun")[0])] = account
    sync = "climc cloud-account-sync ali --resources elastic-search"
    assert shell.run(sync).returncode == 4
    assert small.cached("aliyun") == rows
    line = f"climc cloud-account-update-credential-aliyun ali --secret-stdin {account.access_key}"
    assert shell.run(line, stdin=old).returncode == 4, "keys that do not work are not taken"
    assert shell.run(line, stdin=account.secret).returncode == 0
    assert shell.run(sync).returncode == 0
    assert small.cached("aliyun") == rows


def test_what_the_file_alone_tells(small: World) -> None:
    """The cache alone opens no secret: it holds neither the key nor what could be guessed from it."""
    with sqlite3.connect(small.database.path) as connection:
        text = "\n".join(connection.iterdump())
    connection.close()
    assert secrets.key_path().read_text().strip() not in text
    for secret in (small.emulator.secret, small.emulator.secret_key):
        assert secret not in text
