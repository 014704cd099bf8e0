"""``climc`` as its users run it: the installed program, real pipes, real signals."""

import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from climc_py.models import account as accounts
from climc_py.store.database import Database
from cloudmux_py.console.text import columns

from .. import programs
from ..conftest import LIST, World

BIN = Path(sys.executable).parent
FORMATS = ["table", "json", "jsonl", "yaml", "csv", "tsv", "kv", "id"]


class Shell:
    """A shell in which the cache is the world's."""

    def __init__(self, world: World, folder: Path) -> None:
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("ALIYUN", "QCLOUD"))}
        self.env |= {"CLIMC_DB": str(world.database.path), "PATH": f"{BIN}:{self.env['PATH']}", "HOME": str(folder)}

    def run(self, line: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        if not set(line) & set("|<>&;$*`"):
            return programs.run(shlex.split(line), env=self.env, stdin=stdin)
        script = f"set -o pipefail; {line}"
        return subprocess.run(
            ["bash", "-c", script], env=self.env, capture_output=True, text=True, input=stdin, timeout=50
        )

    def start(self, line: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            shlex.split(line), env=self.env, text=True, stdout=-1, stderr=-1, start_new_session=True
        )

    def json(self, line: str) -> Any:
        done = self.run(line)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def small(make_world: Callable[..., World]) -> World:
    world = make_world(instances=30)
    for provider in ("aliyun", "qcloud"):
        world.sync(provider)
    return world


@pytest.fixture
def shell(small: World, tmp_path: Path) -> Shell:
    return Shell(small, tmp_path)


def test_a_stderr_that_takes_nothing_changes_nothing(shell: Shell) -> None:
    """Its disk may be full, or its reader gone: what a command does, and its exit code, stay what they are."""
    ids = shell.run("climc elastic-search-list -o id --limit 2").stdout.split()
    for id, target in zip(ids, ("/dev/full", ">(true)"), strict=True):
        stderr = f"exec 2> {target}; sleep 0.3"
        assert shell.run(f"{stderr}; climc elastic-search-list --limit 1").returncode == 0
        assert shell.run(f"{stderr}; climc elastic-search-purge {id} --yes").returncode == 0
        assert shell.run(f"{stderr}; climc elastic-search-show {id}").returncode == 3
    assert shell.run("exec 2> >(true); sleep 0.3; climc elastic-search-list --bad").returncode == 2


def test_a_reader_that_goes_away_is_no_error(shell: Shell) -> None:
    for format in FORMATS:
        done = shell.run(f"climc elastic-search-list --limit 0 -o {format} | head -1")
        assert done.returncode in {0, 141}, format
        assert done.stdout.count("\n") == 1, format
        assert done.stderr == "", format


def test_formats_agree_on_the_rows(shell: Shell) -> None:
    ids = shell.run("climc elastic-search-list --limit 0 -o id").stdout.split()
    assert len(ids) == len(set(ids)) == 120
    assert [row["id"] for row in shell.json("climc elastic-search-list --limit 0 -o json")["data"]] == ids
    lines = shell.run("climc elastic-search-list --limit 0 -o jsonl").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids
    table = shell.run("climc elastic-search-list --limit 0").stdout
    assert all(id in table for id in ids), "in a pipe nothing is cut"


def test_ids_feed_xargs(shell: Shell) -> None:
    line = "climc elastic-search-list --limit 3 -o id | xargs -n1 climc elastic-search-show -o json --columns id"
    assert shell.run(line).returncode == 0
    done = shell.run("climc elastic-search-list --limit 2 -o id 2>/dev/null | climc elastic-search-purge - --yes")
    assert done.returncode == 0
    assert shell.json("climc elastic-search-list -o json")["total"] == 118


def test_when_rows_are_left_out_stderr_says_so(shell: Shell) -> None:
    done = shell.run("climc elastic-search-list -o id")
    assert done.stderr == "20 of 120 shown; --limit 0 for all\n"
    assert shell.run("climc elastic-search-list --limit 0 -o id").stderr == ""


def test_filters_and_their_mistakes(shell: Shell) -> None:
    found = shell.json("climc elastic-search-list --limit 0 -o json --filter 'disk_size_gb.gt(100)'")["data"]
    assert found
    assert all(row["disk_size_gb"] > 100 for row in found)
    for wrong in (
        "nonsense",
        "nofield.equals(1)",
        "name.nosuch(1)",
        "disk_size_gb.gt(many)",
        "name.between(a)",
        'name.contains(")',
    ):
        done = shell.run(f"climc elastic-search-list --filter '{wrong}'")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1


def test_values_of_filters_mean_themselves(small: World, shell: Shell) -> None:
    names = ["100%_of", "100xxof", "a\\b", "it's", "x' OR 1=1 --"]
    for id, name in zip(small.ids("aliyun"), names, strict=False):
        small.rename("aliyun", id, name)
    small.sync("aliyun")
    for value, expected in (("%", names[:1]), ("0%_o", names[:1]), ("\\", names[2:3]), ("' OR 1=1", names[4:])):
        words = ["climc", "elastic-search-list", "--filter", f'cloud_name.contains("{value}")', "-o", "json"]
        assert [row["cloud_name"] for row in shell.json(shlex.join(words))["data"]] == expected


def test_regions_accounts_tags_and_search(shell: Shell) -> None:
    for words, check in (
        ("--region cn-beijing", lambda row: row["cloudregion"] == "cn-beijing"),
        ("--account ten", lambda row: row["account"] == "ten"),
        ("--provider aliyun", lambda row: row["provider"] == "Aliyun"),
        ("--tags env=prod", lambda row: row["tags"] == {"env": "prod"}),
        ("--no-tags env", lambda row: "env" not in row["tags"]),
        ("--search metrics", lambda row: "metrics" in row["name"]),
    ):
        found = shell.json(f"climc elastic-search-list --limit 0 -o json {words}")["data"]
        assert found, words
        assert all(check(row) for row in found), words


HOSTILE = ["db[/bold]", "=cmd|x", "\x1b[31mred\x1b[0m", "a\nb", "\u202egpj.exe", "名" * 40]


def test_hostile_names_are_harmless_in_tables_and_exact_in_json(small: World, shell: Shell) -> None:
    for id, name in zip(small.ids("aliyun"), HOSTILE, strict=False):
        small.rename("aliyun", id, name)
    small.sync("aliyun")
    rows = shell.json("climc elastic-search-list --limit 0 -o json --region cn-beijing")["data"]
    assert set(HOSTILE) <= {row["cloud_name"] for row in rows}
    for format in ("table", "csv", "tsv", "kv"):
        out = shell.run(
            f"climc elastic-search-list --limit 0 --region cn-beijing -o {format} --columns cloud_name"
        ).stdout
        assert "\x1b" not in out
        if format in {"table", "kv"}:
            assert "\u202e" not in out
        if format in {"csv", "tsv"}:
            assert "\n=cmd" not in out
            assert "'=cmd|x" in out


def test_the_user_s_own_words(small: World, shell: Shell) -> None:
    id = shell.run("climc elastic-search-list --limit 1 -o id").stdout.strip()
    assert shell.json(f"climc elastic-search-update {id} --name mine --description hello -o json")["name"] == "mine"
    assert shell.json("climc elastic-search-add-tag mine owner=me a=1 -o json")["metadata"]["user:owner"] == "me"
    assert "user:a" not in shell.json("climc elastic-search-add-tag mine a=none -o json")["metadata"]
    small.rename("aliyun", small.ids("aliyun")[0], "else")
    for provider in ("aliyun", "qcloud"):
        small.sync(provider)
    row = shell.json("climc elastic-search-show mine -o json")
    assert (row["name"], row["description"], row["metadata"]["user:owner"]) == ("mine", "hello", "me")
    actions = [event["action"] for event in shell.json(f"climc event-list --id {id} -o json")["data"]]
    assert actions == ["del_meta", "set_meta", "update", "create"]


def test_accounts(small: World, shell: Shell) -> None:
    keys = small.emulator.world.of("aliyun")[1]
    given = f"--endpoint {small.emulator.url} --secret-stdin"
    done = shell.run(f"climc cloud-account-create-aliyun second {keys.access_key} {given} -o json", stdin=keys.secret)
    assert done.returncode == 0, done.stderr
    assert keys.secret not in done.stdout + done.stderr
    assert keys.secret not in small.database.path.read_bytes().decode("latin-1")
    wrong = shell.run(f"climc cloud-account-create-aliyun third {keys.access_key} {given}", stdin="wrong")
    assert wrong.returncode == 4
    again = shell.run(f"climc cloud-account-create-aliyun third {keys.access_key} {given}", stdin=keys.secret)
    assert again.returncode == 6
    assert "is here already" in again.stderr
    other = small.emulator.world.of("aliyun")[0]
    line = f"climc cloud-account-update-credential-aliyun second {other.access_key} --secret-stdin"
    assert shell.run(line, stdin=other.secret).returncode == 4, "keys of another cloud account"
    assert shell.run("climc cloud-account-delete second --yes").returncode == 6, "it is enabled"
    assert shell.run("climc cloud-account-disable second").returncode == 0
    assert shell.run("climc cloud-account-sync second").returncode == 6
    assert shell.run("climc cloud-account-delete second --yes").returncode == 0
    assert len(shell.json("climc cloud-account-list -o json")["data"]) == 2


def test_an_account_s_limits_can_be_set_and_lifted(shell: Shell) -> None:
    update = "climc cloud-account-update-aliyun ali -o json"
    limited = shell.json(f"{update} --region-id cn-beijing --skip-sync-resources kafka")
    assert (limited["regions"], limited["skip_resources"]) == (["cn-beijing"], ["kafka"])
    lifted = shell.json(f"{update} --all-regions --all-resources")
    assert (lifted["regions"], lifted["skip_resources"]) == ([], [])
    both = shell.run(f"{update} --region-id cn-beijing --all-regions")
    assert (both.returncode, both.stderr) == (2, "error: a limit cannot be set and lifted at once\n")


def test_statuses_are_counted_in_every_document(shell: Shell) -> None:
    document = shell.json("climc elastic-search-list -o json --limit 1 --summary-stats")
    assert sum(each["count"] for each in document["summary_stats"]) == document["total"] == 120
    assert "summary_stats:" in shell.run("climc elastic-search-list -o yaml --limit 1 --summary-stats").stdout
    table = shell.run("climc elastic-search-list --limit 1 --summary-stats").stdout
    for each in document["summary_stats"]:
        assert each["status"] in table
    refused = shell.run("climc elastic-search-list -o csv --summary-stats")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_an_account_uses_what_was_stored_and_no_environment(small: World, shell: Shell) -> None:
    shell.env |= {"ALIYUN_ENDPOINT": "http://127.0.0.1:1", "ALIYUN_ACCESS_KEY": "x", "ALIYUN_SECRET": "y"}
    assert shell.run("climc cloud-account-sync ali").returncode == 0


def test_deleting_an_account_asks_no_cloud_and_forgets_its_rows(small: World, shell: Shell) -> None:
    shell.run("climc cloud-account-disable ten")
    small.emulator.requests.clear()
    assert shell.json("climc cloud-account-delete ten --yes -o json")["purged"] == 60
    assert small.emulator.requests == []
    assert shell.json("climc elastic-search-list --limit 0 -o json")["total"] == 60


def test_one_failing_region_is_exit_5_and_none_succeeding_is_1_or_4(small: World, shell: Shell) -> None:
    small.emulator.fault("error", region="cn-beijing", action="ListInstance", code="Forbidden.RAM", status=403)
    done = shell.run("climc cloud-account-sync ali --resources elastic-search -o json")
    assert done.returncode == 5
    states = {row["region"]: row["state"] for row in json.loads(done.stdout)["data"]}
    assert states == {"cn-beijing": "failed", "cn-hangzhou": "complete"}
    assert "Forbidden.RAM" in done.stderr
    small.emulator.fault("error", action="ListInstance", code="Forbidden.RAM", status=403)
    assert shell.run("climc cloud-account-sync ali --resources elastic-search").returncode == 4
    small.emulator.world.faults.clear()
    small.emulator.fault("missing-key", action="ListInstance")
    assert shell.run("climc cloud-account-sync ali --resources elastic-search").returncode == 1


def test_unknown_regions_types_and_accounts_are_usage_errors(shell: Shell) -> None:
    done = shell.run("climc cloud-account-sync ali --region cn-bejing")
    assert done.returncode == 2
    assert "did you mean cn-beijing" in done.stderr
    assert shell.run("climc cloud-account-sync ali --resources nosuch").returncode == 2
    assert shell.run("climc cloud-account-sync nosuch").returncode == 3
    assert shell.run("climc cloud-account-sync").returncode == 2


def test_syncstatus_of_a_row_that_is_gone(small: World, shell: Shell) -> None:
    gone = small.ids("aliyun")[0]
    small.remove("aliyun", gone)
    assert shell.run(f"climc elastic-search-syncstatus {gone}").returncode == 3
    row = shell.json(f"climc elastic-search-show {gone} -o json")
    assert (row["status"], row["deleted"]) == ("unknown", False)
    alive = small.ids("aliyun")[0]
    assert shell.run(f"climc elastic-search-syncstatus {alive}").returncode == 0
    assert shell.json(f"climc elastic-search-show {alive} -o json")["category"] == "x-pack"


def test_access_info_is_live(small: World, shell: Shell) -> None:
    info = shell.json(f"climc elastic-search-access-info {small.ids('aliyun')[0]} -o json")
    assert info["private_port"] == 9200
    assert info["kibana_url"].startswith("https://")


def test_two_syncs_at_once(small: World, shell: Shell) -> None:
    small.emulator.latency_ms = 1500
    first = shell.start("climc cloud-account-sync ali --resources elastic-search")
    while not small.database.rows("SELECT 1 FROM syncs_tbl WHERE state = 'running'"):
        assert first.poll() is None
        time.sleep(0.05)
    second = shell.run("climc cloud-account-sync ali --resources elastic-search")
    third = shell.run("climc cloud-account-sync ali --resources elastic-search --force")
    first.communicate()
    assert (first.returncode, second.returncode, third.returncode) == (0, 6, 0)
    assert "is being synced by another process" in second.stderr


def test_ctrl_c_ends_a_sync_at_once(make_world: Callable[..., World], tmp_path: Path) -> None:
    """Twenty scopes at 500 ms a call: 130 within two seconds, and the cache opens."""
    names = {"aliyun": [f"cn-{n}" for n in range(10)], "qcloud": [f"ap-{n}" for n in range(10)]}
    world = make_world(instances=300, regions=names, latency_ms=500)
    shell = Shell(world, tmp_path)
    process = shell.start("climc cloud-account-sync --all")
    time.sleep(2.5)
    started = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert time.monotonic() - started < 2
    assert err == "scopes that were done are kept\ninterrupted\n"
    assert shell.run("climc elastic-search-list").returncode == 0


def test_kill_9_during_a_sync_leaves_whole_scopes_and_no_lock(make_world: Callable[..., World], tmp_path: Path) -> None:
    world = make_world(instances=150, latency_ms=30)
    shell = Shell(world, tmp_path)
    for calls in (1, 3, 5, 7):
        world.emulator.requests.clear()
        process = shell.start("climc cloud-account-sync --all --resources elastic-search")
        while sum(request.action in LIST.values() for request in world.emulator.requests) < calls:
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.005)
        process.kill()
        process.communicate()
        with Database.read(world.database.path) as database:
            counts = database.rows("SELECT count(*) AS n FROM elastic_searchs_tbl GROUP BY account_id, cloudregion_id")
            assert {row["n"] for row in counts} <= {150}
            assert database.rows("PRAGMA integrity_check")[0][0] == "ok"
    assert shell.run("climc cloud-account-sync --all --resources elastic-search").returncode == 0
    assert shell.json("climc elastic-search-list --limit 1 -o json")["total"] == 600
    states = {row["state"] for row in world.database.rows("SELECT state FROM syncs_tbl")}
    assert states == {"interrupted", "done"}


def test_a_file_that_is_no_cache_is_left_alone(shell: Shell, tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("not a database, but somebody's file" * 100)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    for path in (text, other):
        before = path.read_bytes()
        for line in ("elastic-search-list", "cloud-account-sync --all"):
            done = shell.run(f"climc --db {path} {line}")
            assert done.returncode == 1
            assert done.stderr.count("\n") == 1
        assert path.read_bytes() == before


def test_a_cache_that_is_not_there_reads_as_empty_and_is_not_made(shell: Shell, tmp_path: Path) -> None:
    done = shell.run(f"climc --db {tmp_path}/none.db elastic-search-list -o json")
    assert json.loads(done.stdout) == {"data": [], "total": 0, "limit": 20, "offset": 0}
    assert not (tmp_path / "none.db").exists()


def test_the_cache_is_for_its_owner_alone(small: World) -> None:
    assert small.database.path.stat().st_mode & 0o777 == 0o600
    assert accounts.find(small.database, "ali").secret.startswith("gAAAA"), "sealed"


def test_create_is_not_implemented(shell: Shell) -> None:
    assert shell.run("climc elastic-search-create").returncode == 2


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [("SignatureDoesNotMatch", 4), ("NoPermission", 4), ("InvalidRegionId.NotFound", 2)],
)
@pytest.mark.parametrize("action", ["DescribeInstance", "DeleteInstance"])
def test_a_delete_that_the_cloud_refuses_leaves_the_row(
    small: World, shell: Shell, action: str, code: str, exit_code: int
) -> None:
    (row,) = small.database.rows(
        "SELECT id FROM elastic_searchs WHERE provider = 'Aliyun' AND billing_type = 'postpaid'"
        " AND status = 'available' LIMIT 1"
    )
    small.database.execute("UPDATE elastic_searchs_tbl SET disable_delete = 0")
    small.emulator.fault("error", action=action, code=code, status=404)
    done = shell.run(f"climc elastic-search-delete {row['id']}")
    assert done.returncode == exit_code, done.stderr
    assert code in done.stderr
    assert shell.json(f"climc elastic-search-show {row['id']} -o json")["deleted"] is False
    sent = [call for call in small.emulator.requests if call.action == "DeleteInstance"]
    assert len(sent) == (action == "DeleteInstance")


# Odd usage: each is told in one line, and before anything is done.


NUMBER = "99999999999999999999"


ODD: list[tuple[str, int, str]] = [
    ("elastic-search-list --columns nmae", 2, "no column nmae; there are: id, name,"),
    ("elastic-search-list -o xml", 2, "no output format 'xml'; there are: table, json,"),
    ("elastic-search-list --query 'data['", 2, "--query: Invalid jmespath"),
    ("elastic-search-list --order-by nmae", 2, "no column nmae; there are"),
    ("elastic-search-list --distinct-field nmae", 2, "no column nmae; there are"),
    ("elastic-search-list --order up", 2, "--order is asc or desc"),
    (f"elastic-search-list --filter 'disk_size_gb.gt({NUMBER})'", 2, "is not a whole number"),
    ("elastic-search-list --filter 'created_at.gt(tomorrow)'", 2, "is not a time"),
    ("elastic-search-list --tags =", 2, "is no tag"),
    ("elastic-search-list --export-file nowhere/x.csv", 1, "nowhere/x.csv: No such file or directory"),
    ("elastic-search-list --export-file x.xls", 2, "name it *.csv"),
    ("elastic-search-lst", 2, "Did you mean elastic-search-list"),
    ("elastic-search-show nosuch", 3, "no elastic-search 'nosuch' in the cache"),
    ("elastic-search-show ''", 3, "no elastic-search '' in the cache"),
    ("elastic-search-show", 2, "Missing argument 'ID'"),
    ("elastic-search-delete nosuch", 3, "no elastic-search 'nosuch' in the cache"),
    ("elastic-search-add-tag nosuch a=b", 3, "no elastic-search 'nosuch' in the cache"),
    ("elastic-search-purge - < /dev/null", 2, "no ids were given"),
    ("event-list --since yesterday", 2, "'yesterday' is not a time"),
    ("task-show nosuch", 3, "no task 'nosuch'"),
    ("cloud-account-show nosuch", 3, "no account 'nosuch'"),
    ("cloud-account-create-aliyun new", 4, "no credentials for aliyun: set ALIYUN_ACCESS_KEY"),
    ("cloud-account-create-aliyun new key", 4, "Secret of key is missing, and there is no terminal"),
    ("cloud-account-create-qcloud new --profile nosuch", 2, "no profile 'nosuch'"),
    ("cloud-account-update-aliyun ali --region-id cn-bejing", 2, "did you mean cn-beijing"),
    ("cloud-account-update-aliyun ali --skip-sync-resources nosuch", 2, "no resource type 'nosuch'"),
    ("cloud-account-update-qcloud ali --desc x", 2, "account ali is of Aliyun"),
    ("--db /dev/null/x.db cloud-account-sync --all", 1, "cannot be made"),
]


def test_odd_usage_is_told_in_a_line_and_changes_nothing(small: World, shell: Shell) -> None:
    before = small.dump()
    for line, code, text in ODD:
        done = shell.run(f"climc {line}")
        assert (done.returncode, done.stdout) == (code, ""), (line, done.stderr)
        assert text in done.stderr, line
        assert "internal fault" not in done.stderr
        assert done.stderr.count("\n") == 1 or done.stderr.startswith("Usage: ")
        assert small.dump() == before, line


def test_numbers_beyond_sqlite_s_are_all_and_nothing(shell: Shell) -> None:
    assert shell.run(f"climc elastic-search-list -o id --limit {NUMBER}").stdout.count("\n") == 120
    assert shell.json(f"climc elastic-search-list -o json --offset {NUMBER}")["data"] == []
    assert shell.json(f"climc event-list -o json --limit {NUMBER} --offset {NUMBER}")["data"] == []


DEEDS = [
    "elastic-search-delete ID",
    "elastic-search-purge ID",
    "elastic-search-update ID --name other",
    "elastic-search-add-tag ID a=b",
    "elastic-search-syncstatus ID",
    "task-resume",
    "cloud-account-sync ali",
    "cloud-account-disable ali",
    "cloud-account-update-aliyun ali --name other",
]


@pytest.mark.parametrize("wrong", ["--columns nmae", "--query 'data['", "-o xml"])
def test_a_result_that_cannot_be_shown_is_refused_before_the_deed(small: World, shell: Shell, wrong: str) -> None:
    id = small.database.rows("SELECT id FROM elastic_searchs WHERE billing_type = 'postpaid' LIMIT 1")[0]["id"]
    small.database.execute("UPDATE elastic_searchs_tbl SET disable_delete = 0")
    before, known = small.dump(), [tuple(row) for row in small.database.rows("SELECT * FROM cloudaccounts_tbl")]
    small.emulator.requests.clear()
    for deed in DEEDS:
        done = shell.run(f"climc {deed.replace('ID', id)} {wrong}")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), deed
        assert small.dump() == before, deed
    assert small.emulator.requests == []
    assert [tuple(row) for row in small.database.rows("SELECT * FROM cloudaccounts_tbl")] == known


def test_options_stand_before_or_after_the_command_and_the_later_wins(shell: Shell) -> None:
    ids = shell.run("climc elastic-search-list -o id --limit 3").stdout
    assert shell.run("climc -o id elastic-search-list --limit 3").stdout == ids
    assert shell.run("climc -o csv elastic-search-list --limit 3 -o id").stdout == ids
    shell.env["CLIMC_OUTPUT_FORMAT"] = "id"
    assert shell.run("climc elastic-search-list --limit 3").stdout == ids
    assert shell.run("climc elastic-search-list --limit 3 -o csv").stdout.startswith("id,name,")


def test_a_query_is_of_the_whole_result_in_every_format(shell: Shell) -> None:
    id = shell.run("climc elastic-search-list -o id --limit 1").stdout.strip()
    for format in FORMATS:
        assert shell.run(f"climc elastic-search-list --query total -o {format}").stdout.split()[0] == "120"
        line = f"climc elastic-search-list --limit 1 --query 'data[].{{key: id, of: account}}' -o {format}"
        assert id in shell.run(line).stdout
        assert id in shell.run(f"climc elastic-search-show {id} --query 'id' -o {format}").stdout


def test_full_and_closed_outputs(shell: Shell) -> None:
    full = shell.run("climc elastic-search-list > /dev/full")
    assert (full.returncode, full.stderr) == (1, "error: No space left on device\n")
    assert shell.run("climc elastic-search-list --limit 0 >&-").returncode == 0
    blind = shell.run("climc elastic-search-list 2>&-")
    assert (blind.returncode, "Total: 120" in blind.stdout) == (0, True)


def on_terminal(shell: Shell, line: str, **env: str) -> str:
    """What a command shows on a terminal."""
    script = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    done = subprocess.run(
        [sys.executable, "-c", script, *shlex.split(line)],
        env=shell.env | {"TERM": "xterm"} | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout.replace("\r", "")


def test_a_terminal_of_60_columns_and_no_colour(small: World, shell: Shell) -> None:
    for id, name in zip(small.ids("aliyun"), HOSTILE, strict=False):
        small.rename("aliyun", id, name)
    small.sync("aliyun")
    line = "climc elastic-search-list --limit 0"
    plain = on_terminal(shell, line, COLUMNS="60", NO_COLOR="1")
    assert "\x1b[3" not in plain
    assert "\x1b[3" in on_terminal(shell, line, COLUMNS="200")
    text = re.sub(r"\x1b\[[0-9;]*m", "", plain)
    assert "\x1b" not in text
    table = [line for line in text.splitlines() if not line.startswith(("no room for: ", "***"))]
    assert max(map(columns, table)) <= 60
    ids = [row["external_id"] for row in shell.json("climc elastic-search-list --limit 0 -o json")["data"]]
    assert all(id in text for id in ids), "ids are never cut"
    show = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal(shell, f"climc elastic-search-show {ids[0]}", COLUMNS="60"))
    assert "ops_time" in show, "its last events stand below"
