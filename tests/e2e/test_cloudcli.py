"""The installed programs as users run them: processes, pipes, terminals, exit codes."""

import csv
import fcntl
import io
import json
import os
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cloudmux_py import __version__
from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.server import exports
from cloudmux_py.resources.elastic_search import ElasticSearch

from .. import programs

BIN = Path(sys.executable).parent
FORMATS = ("table", "json", "jsonl", "yaml", "csv", "tsv", "kv", "id")
LIST = "elastic-search-list"
HOME = {"aliyun": "cn-hangzhou", "qcloud": "ap-guangzhou"}
Done = subprocess.CompletedProcess[str]


class Cli:
    """Runs the programs with a home of their own and nothing of this environment but what is given."""

    def __init__(self, emulator: Emulator, home: Path) -> None:
        self.emulator = emulator
        lines = [line.removeprefix("export ") for line in exports(emulator).splitlines()]
        self.keys = dict(line.split("=", 1) for line in lines)
        self.bare = {"HOME": str(home), "PATH": f"{BIN}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        self.env = self.bare | self.keys

    def program(self, name: str, *args: str, stdin: str = "", env: dict[str, str] | None = None) -> Done:
        done = programs.run([name, *args], stdin=stdin, env=self.env if env is None else env)
        assert "Traceback" not in done.stderr
        assert "internal fault" not in done.stderr
        return done

    def __call__(
        self, *args: str, stdin: str = "", provider: str = "aliyun", env: dict[str, str] | None = None
    ) -> Done:
        return self.program("cloudcli", "--provider", provider, *args, stdin=stdin, env=env)

    def ok(self, *args: str, stdin: str = "", provider: str = "aliyun") -> str:
        """What a run that went well prints."""
        done = self(*args, stdin=stdin, provider=provider)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def fails(self, code: int, text: str, *args: str, provider: str = "aliyun", stdin: str = "") -> Done:
        """A run that ends with an exit code and one line that says why."""
        done = self(*args, provider=provider, stdin=stdin)
        assert done.returncode == code, done.stderr
        assert re.search(text, done.stderr), done.stderr
        return done

    def ids(self, provider: str = "aliyun") -> list[str]:
        return list(self.emulator.rows(provider, HOME[provider]))

    def sent(self, action: str = "") -> list[str]:
        return [call.action for call in self.emulator.requests if not action or call.action == action]


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(instances=12) as started:
        yield started


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset()
    return running


@pytest.fixture
def cli(emulator: Emulator, tmp_path: Path) -> Cli:
    return Cli(emulator, tmp_path)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """More rows than a pipe holds."""
    rows = {"aliyun": {"cn-hangzhou": 900}, "qcloud": {"ap-guangzhou": 900}}
    with Emulator(rows=rows) as running:
        yield Cli(running, tmp_path_factory.mktemp("home"))


# Formats.


def table_ids(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines()[2:-1]]


READERS: dict[str, Callable[[str], list[Any]]] = {
    "table": table_ids,
    "json": lambda text: [row["external_id"] for row in json.loads(text)["data"]],
    "jsonl": lambda text: [json.loads(line)["external_id"] for line in text.splitlines()],
    "yaml": lambda text: [row["external_id"] for row in yaml.safe_load(text)["data"]],
    "csv": lambda text: [row["external_id"] for row in csv.DictReader(io.StringIO(text))],
    "tsv": lambda text: [line.split("\t")[0] for line in text.splitlines()[1:]],
    "kv": lambda text: re.findall(r"^ *external_id: (\S+)$", text, re.MULTILINE),
    "id": str.splitlines,
}


@pytest.mark.parametrize("output", FORMATS)
def test_every_format_has_every_row(output: str, cli: Cli) -> None:
    for provider in HOME:
        assert READERS[output](cli.ok(LIST, "-o", output, provider=provider)) == cli.ids(provider)


def test_a_table_has_climc_s_footer_and_json_its_numbers(cli: Cli) -> None:
    assert cli.ok(LIST).splitlines()[-1] == "***  Total: 12  ***"
    document = json.loads(cli.ok(LIST, "-o", "json"))
    assert (document["total"], document["limit"], document["offset"]) == (12, 0, 0)
    assert list(document["data"][0]) == list(ElasticSearch.columns)


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_reader_that_leaves_is_no_error(output: str, reader: str, large: Cli) -> None:
    command = (
        f"{shlex.quote(str(BIN / 'cloudcli'))} --provider qcloud {LIST} -o {output} | {reader}; exit ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], env=large.env, capture_output=True, text=True, timeout=30)
    assert done.stderr == ""
    assert done.returncode in {0, 141}
    assert len(done.stdout.splitlines()) == (reader != "true")


@pytest.mark.parametrize("output", FORMATS)
def test_an_empty_list(output: str, cli: Cli) -> None:
    for id in cli.ids():
        cli.emulator.table("aliyun", HOME["aliyun"]).remove(id)
    assert READERS[output](cli.ok(LIST, "-o", output)) == []


@pytest.mark.parametrize("output", FORMATS)
def test_show_in_every_format(output: str, cli: Cli) -> None:
    id = cli.ids("qcloud")[0]
    text = cli.ok("elastic-search-show", id, "-o", output, provider="qcloud")
    if output == "json":
        assert json.loads(text)["external_id"] == id
    elif output == "yaml":
        assert yaml.safe_load(text)["external_id"] == id
    else:
        assert id in text


def test_columns_in_the_order_asked_for(cli: Cli) -> None:
    text = cli.ok(LIST, "--columns", "version,external_id", "-o", "csv")
    assert text.splitlines()[0] == "version,external_id"
    assert [line.split(",")[1] for line in text.splitlines()[1:]] == cli.ids()
    rows = json.loads(cli.ok(LIST, "--field", "name", "--field", "tags", "-o", "json"))["data"]
    assert {tuple(row) for row in rows} == {("name", "tags")}


def test_queries(cli: Cli) -> None:
    assert cli.ok(LIST, "--query", "data[].external_id").splitlines() == cli.ids()
    assert json.loads(cli.ok(LIST, "--query", "length(data)", "-o", "json")) == 12
    prepaid = cli.ok(LIST, "--query", "data[?billing_type=='prepaid'].{id: external_id, end: expired_at}", "-o", "csv")
    assert prepaid.splitlines()[0] == "id,end"
    assert len(prepaid.splitlines()) == 3
    cli.fails(2, "--query: ", LIST, "--query", "data[")


def test_raw_replies_come_as_they_are(cli: Cli) -> None:
    [reply] = cli.ok(LIST, "--raw").splitlines()
    assert [row["instanceId"] for row in json.loads(reply)["Result"]] == cli.ids()
    shown = json.loads(cli.ok("elastic-search-show", cli.ids()[0], "--raw"))
    assert shown == cli.emulator.rows("aliyun", HOME["aliyun"])[cli.ids()[0]]


# Usage.


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ([LIST, "--columns", "nmae"], r"no column nmae; there are: external_id, name,"),
        ([LIST, "-o", "xml"], r"no output format 'xml'; there are: table, json,"),
        (["elastic-search-lst"], r"No such command 'elastic-search-lst'\. Did you mean elastic-search-list"),
        ([LIST, "--nonsense"], r"No such option"),
        ([LIST, "--limit", "-1"], r"--limit"),
        ([LIST, "--size", "101"], r"a page of aliyun has 1 to 100 rows, not 101"),
        ([LIST, "--page", "1", "--limit", "1"], r"--limit and --offset, --page and --size: not together"),
        ([LIST, "--all-regions", "--ids", "x"], r"--ids, --all-regions: not together"),
        ([LIST, "--all-regions", "--page", "2"], r"not together"),
        ([LIST, "--raw", "--limit", "2"], r"not together"),
        (["elastic-search-show"], r"Missing argument 'ID'"),
        (["elastic-search-show", " "], r"' ' is no id"),
        (["elastic-search-delete"], r"Missing argument"),
        (["elastic-search-delete", "-"], r"no ids were given"),
        (["elastic-search-create"], r"elastic-search-create is not implemented"),
        (["--provider", "azure", LIST], r"no provider 'azure'; there are: aliyun, aws, qcloud"),
        (["--endpoint", "http://gateway.example.com", LIST], r"is plain http"),
    ],
)
def test_wrong_usage_exits_2_and_sends_nothing(args: list[str], text: str, cli: Cli) -> None:
    assert cli.fails(2, text, *args).stdout == ""
    assert cli.sent() == []


@pytest.mark.parametrize("provider", list(HOME))
@pytest.mark.parametrize("more", [[], ["--limit", "3"], ["--page", "1"]])
def test_an_unknown_region_exits_2(provider: str, more: list[str], cli: Cli) -> None:
    wrong = HOME[provider].replace("zhou", "zou")
    text = f"no such region.*; did you mean {HOME[provider]}"
    assert cli.fails(2, text, LIST, "--region", wrong, *more, provider=provider).stdout == ""


def test_no_region_at_all(cli: Cli) -> None:
    env = {name: value for name, value in cli.env.items() if name != "ALIYUN_REGION"}
    done = cli(LIST, env=env)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no region: give --region" in done.stderr


def test_version_and_help(cli: Cli) -> None:
    for name in ("cloudcli", "aliyuncli", "qcloudcli"):
        done = cli.program(name, "--version", env=cli.bare)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")
    text = cli.program("cloudcli", LIST, "--help", env=cli.bare).stdout
    for name in ElasticSearch.columns:
        assert name in text
    assert "--all-regions" in text


def test_the_later_option_wins(cli: Cli) -> None:
    assert cli.ok("-o", "csv", LIST, "-o", "id").splitlines() == cli.ids()
    assert cli.ok("-o", "id", LIST).splitlines() == cli.ids()
    assert cli.ok(LIST, "-o", "json", "-o", "id").splitlines() == cli.ids()
    assert cli.ok("-o", "id", "--region", "cn-nowhere", LIST, "--region", HOME["aliyun"]).splitlines() == cli.ids()
    assert cli.ok("-o", "id", LIST, "--provider", "qcloud").splitlines() == cli.ids("qcloud")
    assert cli.ok("-o", "csv", "--columns", "name", LIST, "--columns", "version").splitlines()[0] == "version"


def test_the_environment_chooses_and_options_win(cli: Cli) -> None:
    env = cli.env | {"CLIMC_OUTPUT_FORMAT": "csv", "CLOUDCLI_PROVIDER": "qcloud"}
    chosen = cli.program("cloudcli", LIST, env=env).stdout
    assert READERS["csv"](chosen) == cli.ids("qcloud")
    assert cli.program("cloudcli", LIST, "-o", "id", env=env).stdout.splitlines() == cli.ids("qcloud")
    assert cli.program("cloudcli", "--provider", "aliyun", LIST, "-o", "id", env=env).stdout.splitlines() == cli.ids()


def test_two_clouds_need_a_choice_and_one_does_not(cli: Cli) -> None:
    done = cli.program("cloudcli", LIST)
    assert (done.returncode, cli.sent()) == (2, [])
    assert "choose one with --provider" in done.stderr
    only = cli.bare | {name: value for name, value in cli.keys.items() if name.startswith("QCLOUD")}
    assert cli.program("cloudcli", LIST, "-o", "id", env=only).stdout.splitlines() == cli.ids("qcloud")


def test_cloudmux_s_own_flags(cli: Cli) -> None:
    url, emulator = cli.emulator.url, cli.emulator
    ali = ["--access-key", emulator.access_key, "--secret", emulator.secret, "--region-id", HOME["aliyun"]]
    ali += ["--cloud-env", "InternationalCloud", "--account-id", "1", "--endpoint", url]
    tencent = ["--secret-id", emulator.secret_id, "--secret-key", emulator.secret_key, "--region-id", HOME["qcloud"]]
    tencent += ["--account-id", "1/2", "--endpoint", url]
    for name, flags, provider in (("aliyuncli", ali, "aliyun"), ("qcloudcli", tencent, "qcloud")):
        before = cli.program(name, *flags, LIST, "-o", "id", env=cli.bare)
        after = cli.program(name, LIST, "-o", "id", *flags, env=cli.bare)
        assert (before.returncode, before.stderr) == (0, "")
        assert before.stdout.splitlines() == after.stdout.splitlines() == cli.ids(provider)


@pytest.mark.parametrize(
    ("program", "theirs", "ours"),
    [
        ("aliyuncli", "instance", "server"),
        ("aliyuncli", "vswitch", "network"),
        ("aliyuncli", "elasticcache", "elastic-cache"),
        ("qcloudcli", "redis", "elastic-cache"),
        ("qcloudcli", "mysql-instance", "dbinstance"),
    ],
)
def test_cloudmux_s_own_words(program: str, theirs: str, ours: str, cli: Cli) -> None:
    theirs_said, ours_said = (cli.program(program, f"{word}-list", "-o", "id") for word in (theirs, ours))
    assert (theirs_said.returncode, theirs_said.stdout) == (0, ours_said.stdout)
    assert theirs_said.stdout
    assert f" {theirs}-list" not in cli.program(program, "--help").stdout
    assert cli.program("cloudcli", f"{theirs}-list").returncode == 2


# Paging.


@pytest.mark.parametrize("provider", list(HOME))
def test_paging_flags(provider: str, cli: Cli) -> None:
    def shown(*args: str) -> tuple[list[str], str]:
        done = cli(LIST, "-o", "id", *args, provider=provider)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines(), done.stderr

    ids = cli.ids(provider)
    assert shown("--limit", "5") == (ids[:5], "5 of 12 shown; --limit 0 for all\n")
    assert shown("--limit", "5", "--offset", "3")[0] == ids[3:8]
    assert shown("--limit", "5", "--offset", "10")[0] == ids[10:]
    assert shown("--offset", "10") == (ids[10:], "")
    assert shown("--limit", "12") == (ids, "")
    assert shown("--limit", "0") == (ids, "")
    assert shown("--page", "2", "--size", "5")[0] == ids[5:10]
    assert shown("--size", "5")[0] == ids[:5]
    assert shown("--ids", ids[7], "--ids", ids[2]) == ([ids[7], ids[2]], "")


def test_a_footer_counts_pages(cli: Cli) -> None:
    done = cli(LIST, "--limit", "5", "--offset", "5")
    assert done.stdout.splitlines()[-1] == "***  Total: 12 Pages: 3 Limit: 5 Offset: 5 Page: 2  ***"


@pytest.mark.parametrize("provider", list(HOME))
def test_all_pages_come_without_being_asked_for(provider: str, large: Cli) -> None:
    assert large.ok(LIST, "-o", "id", provider=provider).splitlines() == large.ids(provider)


@pytest.mark.parametrize("fault", ["short-page", "missing-key", "duplicate-id"])
@pytest.mark.parametrize("output", ["table", "jsonl"])
def test_a_listing_that_proves_nothing_fails(fault: str, output: str, cli: Cli) -> None:
    cli.emulator.fault(fault)
    done = cli.fails(1, "^error: aliyun cn-hangzhou ListInstance: ", LIST, "-o", output)
    assert output == "jsonl" or done.stdout == ""


# Regions.


def test_all_regions_with_one_that_fails(cli: Cli) -> None:
    cli.emulator.fault("error", region="cn-shanghai", action="ListInstance", code="Broken")
    done = cli.fails(5, "^error: aliyun cn-shanghai ListInstance: Broken: ", LIST, "--all-regions", "-o", "json")
    rows = json.loads(done.stdout)["data"]
    others = [region for region in cli.emulator.world.regions["aliyun"] if region != "cn-shanghai"]
    assert [(row["region"], row["external_id"]) for row in rows] == [
        (region, id) for region in others for id in cli.emulator.rows("aliyun", region)
    ]
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("code", "exit_code"), [("SubAccountNoPermission", 4), ("Broken", 1)])
def test_all_regions_where_all_fail(code: str, exit_code: int, cli: Cli) -> None:
    cli.emulator.fault("error", action="ListInstance", code=code)
    done = cli.fails(exit_code, code, LIST, "--all-regions")
    assert (done.stdout, done.stderr.count("error: ")) == ("", 5)


@pytest.mark.parametrize("provider", list(HOME))
def test_all_regions(provider: str, cli: Cli) -> None:
    world = cli.emulator.world
    all_ids = [id for region in world.regions[provider] for id in cli.emulator.rows(provider, region)]
    assert cli.ok(LIST, "--all-regions", "-o", "id", provider=provider).splitlines() == all_ids
    done = cli(LIST, "--all-regions", "--limit", "20", "--offset", "2", "-o", "id", provider=provider)
    assert done.stdout.splitlines() == all_ids[2:22]
    assert "20 of 60 shown" in done.stderr


def test_a_region_that_lacks_the_service_is_left_out(cli: Cli) -> None:
    world = cli.emulator.world
    world.service_regions["aliyun", "elasticsearch"] = world.regions["aliyun"][:2]
    assert len(cli.ok(LIST, "--all-regions", "-o", "id").splitlines()) == 24
    assert {call.region for call in cli.emulator.requests if call.action == "ListInstance"} == {
        "cn-hangzhou",
        "cn-shanghai",
    }
    ids = cli.ok("region-list", "--type", "elastic_search", "-o", "id").splitlines()
    assert ids == ["cn-hangzhou", "cn-shanghai"]
    assert len(cli.ok("region-list", "-o", "id").splitlines()) == 5


def test_no_regions_at_all(cli: Cli) -> None:
    cli.emulator.world.service_regions["aliyun", "elasticsearch"] = []
    assert cli.ok(LIST, "--all-regions", "-o", "id") == ""
    assert cli.sent() == ["DescribeRegions"]


@pytest.mark.parametrize("provider", list(HOME))
def test_who_am_i_and_what_is_there(provider: str, cli: Cli) -> None:
    account = cli.emulator.world.of(provider)[0].account_id
    assert json.loads(cli.ok("caller-identity", "-o", "json", provider=provider))["account_id"] == account
    assert "elastic_search" in cli.ok("capability-list", "-o", "id", provider=provider).splitlines()
    access = json.loads(cli.ok("elastic-search-access-info", cli.ids(provider)[0], "-o", "json", provider=provider))
    assert access["private_domain"] or access["vip"]


# Credentials and refusals.


@pytest.mark.parametrize("provider", list(HOME))
def test_wrong_credentials_exit_4(provider: str, cli: Cli) -> None:
    for flags in (
        ["--access-key", "nobody", "--secret", "wrong"],
        ["--access-key", key(cli, provider), "--secret", "no"],
    ):
        done = cli.fails(4, "check the access key and its secret", *flags, LIST, provider=provider)
        assert (done.stdout, done.stderr.count("\n")) == ("", 1)


def key(cli: Cli, provider: str) -> str:
    return cli.emulator.world.of(provider)[0].access_key


@pytest.mark.parametrize("args", [[], ["--provider", "aliyun"], ["--provider", "qcloud"], ["--access-key", "x"]])
def test_missing_credentials_exit_4(args: list[str], cli: Cli) -> None:
    done = cli.program("cloudcli", *args, LIST, env=cli.bare)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1)
    assert cli.sent() == []


@pytest.mark.parametrize("provider", list(HOME))
@pytest.mark.parametrize("command", ["show", "delete", "access-info", "list --ids"])
def test_what_is_not_there_exits_3(provider: str, command: str, cli: Cli) -> None:
    done = cli.fails(3, "^error: .*es-nosuch", *f"elastic-search-{command}".split(), "es-nosuch", provider=provider)
    assert done.stdout == ""
    assert cli.sent("DeleteInstance") == []


def test_debug_tells_calls_and_no_secret(cli: Cli) -> None:
    done = cli("--debug", LIST)
    assert done.returncode == 0
    assert "ListInstance GET" in done.stderr
    assert cli.emulator.secret not in done.stderr
    assert "Authorization" not in done.stderr
    assert cli(LIST).stderr == ""


# Deleting.


@pytest.mark.parametrize("provider", list(HOME))
def test_a_dry_run_sends_nothing_that_deletes(provider: str, cli: Cli) -> None:
    [row] = json.loads(
        cli.ok("elastic-search-delete", "--dry-run", cli.ids(provider)[0], "-o", "json", provider=provider)
    )["data"]
    assert (row["external_id"], row["result"]) == (cli.ids(provider)[0], "would be deleted")
    assert cli.sent("DeleteInstance") == []


def test_one_protected_of_several_and_nothing_is_deleted(cli: Cli) -> None:
    ids = cli.ids("qcloud")
    cli.emulator.table("qcloud", HOME["qcloud"]).patch(ids[2], {"EnableDestroyProtection": "OPEN"})
    for more in ([], ["--dry-run"], ["--yes", "--wait"]):
        done = cli.fails(
            6,
            f"nothing was deleted: {ids[2]}: .*protection",
            "elastic-search-delete",
            ids[0],
            ids[2],
            *more,
            provider="qcloud",
        )
        assert done.stdout == ""
    assert cli.sent("DeleteInstance") == []


def test_one_that_is_not_there_of_several_and_nothing_is_deleted(cli: Cli) -> None:
    cli.fails(3, "es-nosuch", "elastic-search-delete", cli.ids()[0], "es-nosuch")
    assert cli.sent("DeleteInstance") == []


@pytest.mark.parametrize("provider", list(HOME))
def test_deleting(provider: str, cli: Cli) -> None:
    ids = cli.ids(provider)[2:4]
    text = cli.ok("elastic-search-delete", ids[0], "-", "-o", "csv", stdin=f"{ids[1]}\n\n{ids[0]}\n", provider=provider)
    assert [(row["external_id"], row["result"]) for row in csv.DictReader(io.StringIO(text))] == [
        (ids[0], "accepted"),
        (ids[1], "accepted"),
    ]
    assert len(cli.sent("DeleteInstance")) == 2
    cli.fails(6, "it is being deleted already", "elastic-search-delete", ids[0], provider=provider)
    assert len(cli.sent("DeleteInstance")) == 2


@pytest.mark.parametrize("provider", list(HOME))
def test_waiting_until_it_is_gone(provider: str, cli: Cli) -> None:
    cli.emulator.on("after DeleteInstance", lambda call: call.world.clock.advance(60))
    id = cli.ids(provider)[0]
    text = cli.ok("elastic-search-delete", id, "--wait", "-o", "json", provider=provider)
    assert json.loads(text)["data"][0]["result"] == "gone"
    assert id not in cli.emulator.rows(provider, HOME[provider])
    actions = cli.sent()
    assert actions.index("DeleteInstance") < len(actions) - 1, "it was asked for after its deletion"


def test_waiting_too_short_is_partly_done(cli: Cli) -> None:
    done = cli.fails(
        5,
        r"not gone after 1 s; last seen: deleting",
        "elastic-search-delete",
        cli.ids()[0],
        "--wait",
        "--wait-timeout",
        "1",
    )
    assert cli.ids()[0] in done.stdout
    assert len(cli.sent("DeleteInstance")) == 1


def test_a_deletion_that_fails_midway_says_of_each(cli: Cli) -> None:
    ids = cli.ids()
    cli.emulator.fault("reset-after", action="DeleteInstance", times=1)
    done = cli.fails(5, f"error: .*{ids[0]}", "elastic-search-delete", ids[0], ids[2], "-o", "json")
    assert [row["result"] for row in json.loads(done.stdout)["data"]] == ["failed", "accepted"]
    assert len(cli.sent("DeleteInstance")) == 2


def test_a_recoverable_deletion_freezes(cli: Cli) -> None:
    text = cli.ok("elastic-search-delete", cli.ids()[0], "--recoverable", "--wait", "-o", "json")
    assert json.loads(text)["data"][0]["result"] == "isolated"
    assert cli.emulator.rows("aliyun", HOME["aliyun"])[cli.ids()[0]]["status"] == "inactive"
    cli.fails(
        2,
        "not implemented for qcloud",
        "elastic-search-delete",
        cli.ids("qcloud")[0],
        "--recoverable",
        provider="qcloud",
    )
    assert len(cli.sent("DeleteInstance")) == 1


# Names that bite.

NAMES = ["db[/bold]", "=cmd|' /C calc'!A0", "\x1b[31mred\x07\nnext", "tab\there", "e\u202egpj.exe"]


@pytest.fixture
def named(cli: Cli) -> Cli:
    for id, name in zip(cli.ids(), NAMES, strict=False):
        cli.emulator.table("aliyun", HOME["aliyun"]).patch(id, {"description": name})
    return cli


@pytest.mark.parametrize("output", FORMATS)
def test_names_are_harmless_in_every_format(output: str, named: Cli) -> None:
    text = named.ok(LIST, "-o", output, "--columns", "external_id,name")
    assert "\x1b" not in text
    assert "\x07" not in text
    if output == "json":
        assert [row["name"] for row in json.loads(text)["data"]][:5] == NAMES
    elif output == "yaml":
        assert [row["name"] for row in yaml.safe_load(text)["data"]][:5] == NAMES
    elif output == "csv":
        names = [row["name"] for row in csv.DictReader(io.StringIO(text))]
        assert names[:3] == ["db[/bold]", "'" + NAMES[1], "\\x1b[31mred\\x07\nnext"]
    elif output in {"table", "kv"}:
        assert all(
            word in text for word in ("db[/bold]", "=cmd|", r"\x1b[31mred\x07\x0anext", r"tab\x09here", r"e\u202egpj")
        )
    elif output == "tsv":
        assert [line.split("\t")[1] for line in text.splitlines()[1:]][2:4] == [
            r"\\x1b[31mred\\x07\nnext",
            r"tab\there",
        ]


def test_messages_of_a_cloud_are_harmless(cli: Cli) -> None:
    cli.emulator.fault("error", code="Bad\x1b[2J")
    done = cli.fails(1, r"Bad\\x1b\[2J", LIST)
    assert "\x1b" not in done.stderr


# Terminals.


def on_pty(cli: Cli, *args: str, columns: int = 0, **env: str) -> str:
    """What a run shows on a terminal of its own."""
    leader, follower = pty.openpty()
    if columns:
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [str(BIN / "cloudcli"), "--provider", "aliyun", *args],
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=subprocess.DEVNULL,
        env=cli.env | {"TERM": "xterm"} | env,
    )
    os.close(follower)
    chunks = []
    try:
        while chunk := os.read(leader, 65536):
            chunks.append(chunk)
    except OSError:
        pass  # Linux says so when the other end closes
    finally:
        os.close(leader)
    assert process.wait(timeout=30) == 0
    return b"".join(chunks).decode().replace("\r\n", "\n")


COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize(
    ("columns", "env", "width", "shown"),
    [
        (0, {"COLUMNS": "60"}, 60, 4),
        (60, {}, 60, 4),
        (0, {"COLUMNS": "80"}, 80, 5),
        (0, {"COLUMNS": "25"}, 25, 1),
    ],
)
def test_a_table_fits_its_terminal(columns: int, env: dict[str, str], width: int, shown: int, named: Cli) -> None:
    text = COLOUR.sub("", on_pty(named, LIST, columns=columns, **env))
    lines = text.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= width
    assert "\x1b" not in text
    assert [line.split()[0] for line in lines[2:-1]] == named.ids(), "an id is never cut, and a row takes one line"
    assert len(lines[0].split()) == shown, "cells are shortened before columns are left out"
    assert shown == 1 or "…" in text


def test_a_wide_terminal_cuts_nothing(named: Cli) -> None:
    text = COLOUR.sub("", on_pty(named, LIST, COLUMNS="250"))
    assert all(word in text for word in ("db[/bold]", "=cmd|", r"\x1b[31mred\x07\x0anext"))


def test_no_color_and_dumb_terminals(cli: Cli) -> None:
    coloured = re.compile(r"\x1b\[[0-9;]*3[0-7]m")
    assert coloured.search(on_pty(cli, LIST, COLUMNS="200"))
    assert not coloured.search(on_pty(cli, LIST, COLUMNS="200", NO_COLOR="1"))
    assert "\x1b" not in on_pty(cli, LIST, COLUMNS="200", TERM="dumb")


CONTROLLING = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


@pytest.mark.parametrize(("answer", "code"), [("\n", 6), ("n\n", 6), ("y\n", 0)])
def test_a_question_on_a_terminal_takes_silence_for_no(answer: str, code: int, cli: Cli) -> None:
    cli.emulator.table("aliyun", HOME["aliyun"]).patch(cli.ids()[0], {"description": "x\x1b[2K"})
    command = [str(BIN / "cloudcli"), "--provider", "aliyun", "elastic-search-delete", cli.ids()[0]]
    done = subprocess.run(
        [sys.executable, "-c", CONTROLLING, *command],
        input=answer,
        stdout=subprocess.PIPE,
        text=True,
        env=cli.env | {"TERM": "xterm"},
        timeout=30,
    )
    assert done.returncode == code, done.stdout
    assert rf'Delete 1 in aliyun cn-hangzhou: {cli.ids()[0]} ("x\x1b[2K")? [y/N]' in done.stdout
    assert len(cli.sent("DeleteInstance")) == (code == 0)


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["nosuch"], 2, "emulator nosuch: serve | fault"),
        (["fault", "nosuch"], 2, "no fault 'nosuch'; there are: throttle,"),
        (["advance", "x"], 2, "emulator advance: could not convert"),
        (["set", "aliyun", "cn-hangzhou", "es-nosuch", "status=inactive"], 2, "emulator set: refused: .*es-nosuch"),
        (["serve", "--port", "PORT"], 2, "the emulator cannot serve: .*in use"),
        (["clear", "--endpoint", "http://127.0.0.1:1"], 1, "no emulator answers at http://127.0.0.1:1"),
    ],
)
def test_odd_words_to_the_emulator(words: list[str], code: int, text: str, cli: Cli) -> None:
    port = cli.emulator.url.rpartition(":")[2]
    args = ["emulator", *(port if word == "PORT" else word for word in words)]
    done = cli.program("cloudcli", "--endpoint", cli.emulator.url, *args, env=cli.bare)
    assert (done.returncode, done.stdout) == (code, "")
    assert re.search(f"^error: .*{text}", done.stderr, re.MULTILINE), done.stderr


def test_the_emulator_is_spoken_to_past_any_proxy(cli: Cli) -> None:
    env = cli.bare | {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1"}
    done = cli.program("cloudcli", "--endpoint", cli.emulator.url, "emulator", "fault", "throttle:times=3", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert [fault["kind"] for fault in cli.emulator.world.faults.to_list()] == ["throttle"]


@pytest.mark.parametrize("wrong", [["--columns", "nmae"], ["--query", "data["], ["-o", "xml"]])
def test_a_result_that_cannot_be_shown_is_refused_before_the_deed(wrong: list[str], cli: Cli) -> None:
    for provider in HOME:
        cli.fails(2, "^error: ", "elastic-search-delete", cli.ids(provider)[0], *wrong, provider=provider)
    assert cli.sent() == []


def test_a_query_works_in_every_format(cli: Cli) -> None:
    for output in FORMATS:
        check_queries(output, cli)


def check_queries(output: str, cli: Cli) -> None:
    assert cli.ok(LIST, "--query", "total", "-o", output).split()[0] == "12"
    text = cli.ok(LIST, "--query", "data[:2].{key: external_id, of: version}", "-o", output)
    assert [id for id in cli.ids() if id in text] == cli.ids()[:2]
    assert cli.ok("elastic-search-show", cli.ids()[0], "--query", "external_id", "-o", output).strip('"\n') in {
        cli.ids()[0],
        f"{cli.ids()[0]}\n...",
    }


def test_ctrl_c_ends_at_once_whatever_threads_are_doing(cli: Cli) -> None:
    cli.emulator.fault("slow", action="ListInstance", seconds=8)
    command = [str(BIN / "cloudcli"), "--provider", "aliyun", LIST, "--all-regions"]
    process = subprocess.Popen(command, env=cli.env, stdout=-1, stderr=-1, text=True, start_new_session=True)
    deadline = time.monotonic() + 10
    while not cli.sent("DescribeRegions") and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    started = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - started < 2
    assert (process.returncode, out, err) == (130, "", "interrupted\n")


def test_the_emulator_serves_from_the_command_line(cli: Cli) -> None:
    command = [str(BIN / "cloudcli"), "emulator", "serve", "--port", "0", "--instances", "2", "--fault", "charset"]
    server = subprocess.Popen(command, env=cli.bare, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout
    assert server.stderr
    try:
        lines = [server.stdout.readline().strip() for _ in range(8)]
        env = cli.bare | dict(line.removeprefix("export ").split("=", 1) for line in lines)
        done = cli.program("cloudcli", "--provider", "qcloud", LIST, "-o", "id", env=env)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    finally:
        server.send_signal(signal.SIGTERM)
        output = server.communicate(timeout=10)
    assert server.returncode == 0
    assert "Ctrl-C ends" in output[1]
