"""A secret is planted, everything is done with it that can be, and then it is looked for everywhere."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from climc_py.store.database import Database
from cloudmux_py.emulator import Emulator

from .. import programs

BIN = Path(sys.executable).parent
WRONG = "wrong/planted+secret=%41"
TOKEN = "planted-session-token/of+an==STS"


def spellings(secret: str) -> set[bytes]:
    """A secret as it stands, in base64 at each of its three places, in hex, quoted for URLs, and turned round."""
    raw = secret.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(), quote(secret, safe="").encode(), raw[::-1]}
    found |= {quote_plus(secret).encode(), quote(secret, safe="").lower().encode(), json.dumps(secret).encode()[1:-1]}
    found |= {secret.encode("utf-16-le"), repr(secret).strip("'").encode()}
    for start in range(3):
        whole = base64.b64encode(b"\0" * start + raw)
        inner = whole[4 if start else 0 : len(whole) - 4]
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def test_spellings_are_found_where_they_are() -> None:
    secret = "aliyun-emulator-secret-1"
    for prefix in ("", "a", "ab", "abc"):
        text = base64.b64encode(f"{prefix}{secret} and more".encode())
        assert any(spelling in text for spelling in spellings(secret))


class House:
    """A home folder, an emulator, and all that was ever printed."""

    def __init__(self, emulator: Emulator, home: Path) -> None:
        self.emulator = emulator
        self.home = home
        self.env = {"HOME": str(home), "PATH": f"{BIN}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        self.printed: list[str] = []
        self.secrets = [emulator.secret, emulator.secret_key, WRONG, TOKEN]

    def run(self, *words: str, stdin: str = "", code: int = 0, env: dict[str, str] | None = None) -> str:
        done = programs.run(words, stdin=stdin, env=self.env | (env or {}))
        self.printed += [done.stdout, done.stderr]
        assert done.returncode == code, done.stderr
        return done.stdout.strip()

    def leaks(self) -> list[str]:
        """Where a secret stands, in whatever spelling."""
        places = {f"output {number}": text.encode() for number, text in enumerate(self.printed)}
        places |= {str(file): file.read_bytes() for file in self.home.rglob("*") if file.is_file()}
        assert any(name.endswith("cache.db") for name in places)
        return [
            f"{place}: {spelling!r}"
            for secret in self.secrets
            for spelling in spellings(secret)
            for place, content in places.items()
            if spelling in content
        ]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with Emulator(instances=3, regions={"aliyun": ["cn-beijing"], "qcloud": ["ap-beijing"]}) as emulator:
        yield House(emulator, tmp_path)


def fill(house: House) -> None:
    """Both accounts, and a sync, with all of the log on stderr."""
    emulator = house.emulator
    url = ("--endpoint", emulator.url, "--debug")
    house.run(
        "climc",
        "cloud-account-create-aliyun",
        "ali",
        emulator.access_key,
        "--secret-stdin",
        *url,
        stdin=emulator.secret,
    )
    keys = {"QCLOUD_SECRET_ID": emulator.secret_id, "QCLOUD_SECRET_KEY": emulator.secret_key}
    house.run("climc", "cloud-account-create-qcloud", "ten", *url, env=keys)
    house.run("climc", "cloud-account-sync", "--resources", "elastic-search", "--all", "--debug", "-o", "json")


def test_a_secret_is_nowhere(house: House) -> None:
    fill(house)
    emulator = house.emulator
    everything = [
        ("cloud-account-list", "-o", "json"),
        ("cloud-account-show", "ali", "-o", "json"),
        ("cloud-account-test-connectivity", "ali"),
        ("cloud-account-update-aliyun", "ali", "--desc", "hello"),
        ("elastic-search-list", "-o", "json", "--limit", "0"),
        ("elastic-search-list", "--delete-all", "--details", "-o", "yaml"),
        ("event-list", "-o", "json", "--limit", "0"),
    ]
    for words in everything:
        house.run("climc", *words, "--debug")
    id = house.run(
        "climc", "elastic-search-list", "-o", "id", "--filter", "billing_type.equals(postpaid)", "--limit", "1"
    )
    for words in (
        ("elastic-search-update", id, "--delete", "enable"),
        ("elastic-search-syncstatus", id),
        ("elastic-search-access-info", id),
    ):
        house.run("climc", *words, "--debug")
    house.run("climc", "elastic-search-delete", id, "--wait-timeout", "0", "--debug", code=5)
    house.run("climc", "task-list", "-o", "json")
    house.run("climc", "task-resume", "--wait-timeout", "0", "--debug", code=5)
    house.run("climc", "event-list", "-o", "json", "--limit", "0")
    keys = {"ALIYUN_ACCESS_KEY": emulator.access_key, "ALIYUN_SECRET": emulator.secret, "ALIYUN_ENDPOINT": emulator.url}
    house.run("cloudcli", "--provider", "aliyun", "--region", "cn-beijing", "--debug", "elastic-search-list", env=keys)
    house.run("cloudcli", "--provider", "aliyun", "--debug", "caller-identity", env=keys)
    assert emulator.requests, "it was all done with these keys"
    assert house.leaks() == []


def test_a_secret_is_in_no_error_and_no_traceback(house: House) -> None:
    fill(house)
    emulator = house.emulator
    url = ("--endpoint", emulator.url, "--debug")
    line = ("climc", "cloud-account-update-credential-aliyun", "ali", emulator.access_key, "--secret-stdin", "--debug")
    house.run(*line, stdin=WRONG, code=4)
    house.run("climc", "cloud-account-create-aliyun", "new", emulator.access_key, WRONG, *url, code=4)
    again = ("climc", "cloud-account-create-aliyun", "new", emulator.access_key, "--secret-stdin", *url)
    house.run(*again, stdin=emulator.secret, code=6)
    keys = {"ALIYUN_ACCESS_KEY": emulator.access_key, "ALIYUN_SECRET": WRONG, "ALIYUN_ENDPOINT": emulator.url}
    straight = ("cloudcli", "--provider", "aliyun", "--region", "cn-beijing", "--debug", "elastic-search-list")
    house.run(*straight, code=4, env=keys)
    house.run(*straight, code=4, env=keys | {"ALIYUN_SECRET": f"{WRONG} \x1b"})
    for kind, code in (("not-json", 1), ("error", 1)):
        emulator.fault(kind, code="Odd.Fault", action="ListInstance")
        house.run("climc", "cloud-account-sync", "--resources", "elastic-search", "ali", "--debug", code=code)
        house.run(*straight, code=code, env=keys | {"ALIYUN_SECRET": emulator.secret})
        emulator.world.faults.clear()
    key = next(house.home.rglob("key"))
    content = key.read_bytes()
    key.unlink()
    house.run("climc", "cloud-account-sync", "--resources", "elastic-search", "--all", "--debug", code=4)
    assert "update-credential" in house.printed[-1]
    key.write_bytes(content)
    key.chmod(0o600)
    house.run("climc", "cloud-account-sync", "--resources", "elastic-search", "--all", "--debug")
    house.run("climc", "event-list", "-o", "json", "--limit", "0")
    assert "Traceback" in "".join(house.printed), "tracebacks were looked through, too"
    assert house.leaks() == []


def test_a_secret_on_the_command_line_is_warned_of(house: House) -> None:
    emulator = house.emulator
    words = ("cloud-account-create-aliyun", "ali", emulator.access_key, emulator.secret, "--endpoint", emulator.url)
    house.run("climc", *words)
    assert "warning: a secret on the command line shows in the process list" in house.printed[-1]
    assert house.leaks() == []


def test_the_cache_and_the_key_lie_apart_and_for_their_owner_alone(house: House) -> None:
    fill(house)
    cache, key = next(house.home.rglob("cache.db")), next(house.home.rglob("key"))
    assert cache.parent != key.parent
    for file in (key, *cache.parent.iterdir()):
        assert file.stat().st_mode & 0o077 == 0, file
    assert os.access(cache, os.R_OK)


def test_an_account_of_a_profile_stores_the_reference_alone(house: House) -> None:
    emulator, folder = house.emulator, house.home / ".tccli"
    folder.mkdir()
    file = folder / "work.credential"
    file.write_text(f'{{"secretId": "{emulator.secret_id}", "secretKey": "{emulator.secret_key}", "type": "default"}}')
    house.run("climc", "cloud-account-create-qcloud", "ten", "--profile", "work", "--endpoint", emulator.url)
    house.run("climc", "cloud-account-sync", "--resources", "elastic-search", "ten")
    content = file.read_text()
    file.unlink()
    assert house.leaks() == []
    assert emulator.secret_id.encode() not in next(house.home.rglob("cache.db")).read_bytes()
    house.run("climc", "cloud-account-sync", "--resources", "elastic-search", "ten", code=4)
    assert "no profile 'work'" in house.printed[-1]
    file.write_text(content)
    house.run("climc", "cloud-account-sync", "--resources", "elastic-search", "ten")


def planted(house: House, provider: str) -> dict[str, str]:
    """Temporary keys of an emulated account, whose token is planted too."""
    held = house.emulator.world.accounts
    account = house.emulator.world.of(provider)[0]
    held[held.index(account)] = account._replace(token=TOKEN)
    names = {
        "aliyun": ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"),
        "qcloud": ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN"),
    }[provider]
    return dict(zip(names, (account.access_key, account.secret, TOKEN), strict=True))


@pytest.mark.parametrize("provider", ["aliyun", "qcloud"])
def test_a_session_token_is_nowhere_either(provider: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in an account's backup, events or pruned pages, nor in any error about it."""
    keys, url = planted(house, provider), house.emulator.url
    types = ("--resources", "elastic-search", "--debug")
    house.run("climc", f"cloud-account-create-{provider}", "sts", "--endpoint", url, "--debug", env=keys)
    house.run("climc", "cloud-account-sync", "sts", *types)
    house.run("climc", "db", "backup", str(house.home / "backup.db"))
    house.run("climc", "db", "rekey", "--debug")
    house.run("climc", "db", "check", "--debug")
    region = house.emulator.world.regions[provider][0]
    straight = ("cloudcli", "--provider", provider, "--region", region, "--endpoint", url, "--debug")
    house.run(*straight, "elastic-search-list", "--raw", env=keys)
    name = list(keys)[2]
    house.run(*straight, "elastic-search-list", env=keys | {name: TOKEN[:-3]}, code=4)
    house.run("climc", "event-list", "-o", "json", "--limit", "0")
    kept = next(house.home.rglob("cache.db")).parent
    assert {file.name for file in kept.iterdir()} >= {"cache.db", "cache.db.locks"}
    assert house.leaks() == []


def test_a_secret_is_in_no_internal_fault(house: House) -> None:
    """A fault of ours while keys are in hand: in one line, and as a traceback with all that Python says."""
    fill(house)
    cache = next(house.home.rglob("cache.db"))
    with Database.write(cache) as database:
        database.execute("UPDATE cloudaccounts_tbl SET regions = '5'")
    for debug in ((), ("--debug",)):
        house.run("climc", "cloud-account-test-connectivity", "ali", *debug, code=1)
        assert "internal fault" in house.printed[-1]
    assert "Traceback" in house.printed[-1]
    assert house.leaks() == []


def test_a_killed_program_leaves_no_secret_behind(house: House) -> None:
    """Neither in the write-ahead log that a killed sync leaves, nor in anything else of it."""
    fill(house)
    cache = next(house.home.rglob("cache.db"))
    with Database.write(cache) as open_elsewhere:  # keeps the log from being folded in
        house.run("climc", "cloud-account-update-aliyun", "ali", "--desc", "in the log")
        log = cache.with_name("cache.db-wal")
        assert b"in the log" in log.read_bytes()
        house.emulator.fault("slow", seconds=20, action="ListInstance")
        line = [str(BIN / "climc"), "cloud-account-sync", "--resources", "elastic-search", "ali", "--debug"]
        running = subprocess.Popen(line, env=house.env, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert running.stderr
        while "ListInstance" not in (said := running.stderr.readline()) and said:
            house.printed.append(said)
            if "caller" in said.lower() or "GetCallerIdentity" in said:
                break
        running.send_signal(signal.SIGKILL)
        house.printed += running.communicate(timeout=30)
        assert open_elsewhere.rows("SELECT count(*) FROM cloudaccounts_tbl")
        assert house.leaks() == []


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc")
@pytest.mark.parametrize("program", ["climc", "cloudcli"])
def test_a_secret_of_the_command_line_is_overwritten_in_the_process_list(program: str, house: House) -> None:
    emulator = house.emulator
    emulator.fault("slow", seconds=20)
    lines = {
        "climc": ["cloud-account-create-aliyun", "ali", emulator.access_key, emulator.secret],
        "cloudcli": ["--provider", "aliyun", "--access-key", emulator.access_key, f"--secret={emulator.secret}"],
    }
    more = [] if program == "climc" else ["--region", "cn-beijing", "elastic-search-list"]
    line = [str(BIN / program), *lines[program], "--endpoint", emulator.url, *more]
    with subprocess.Popen(line, env=house.env, stderr=subprocess.PIPE, text=True) as running:
        for _ in range(3000):  # until the program has read its options
            seen = Path(f"/proc/{running.pid}/cmdline").read_bytes()
            if b"x" * len(emulator.secret) in seen:
                break
            time.sleep(0.01)
        running.kill()
    assert emulator.secret.encode() not in seen
    assert b"x" * len(emulator.secret) in seen
    assert emulator.access_key.encode() in seen
