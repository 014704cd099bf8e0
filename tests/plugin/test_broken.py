"""Distributions whose types cannot be used: each is named in one warning, and everything else goes on."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from climc_py.store import schema
from cloudmux_py.cloudprovider.resource import RESERVED
from cloudmux_py.emulator import Emulator
from cloudmux_py.resources import GROUP, modules

from .conftest import Programs

REGIONS = {"aliyun": ["cn-hangzhou"], "qcloud": ["ap-guangzhou"]}

DECLARATION = '''
from cloudmux_py.cloudprovider.resource import ICloudResource, col


class Thing(ICloudResource):
    """Things."""

    size: int | None = col("How large it is")
'''
BINDING = """
from cloudmux_py.engine.paging import Offset
from cloudmux_py.qcloud.client import Api, Binding

from .{module} import Thing


def parse(r):
    return Thing(
        external_id=r.text("VpcId"), name=r.text("VpcId"), status="available", created_at=None, size={size}
    )


BINDING = Binding[Thing](
    parse=parse,
    list=Api("vpc", "2017-03-12", "DescribeVpcs"),
    rows="VpcSet",
    id="VpcId",
    paging=Offset(100, {total}, cast=str),
    get=Api("vpc", "2017-03-12", "DescribeVpcs"),
    get_by=lambda id: {{"VpcIds": [id]}},
    gone=frozenset({{"ResourceNotFound"}}),
)
"""
SOUND = {"size": 1, "total": '"TotalCount"'}

BROKEN: dict[str, tuple[str, dict[str, str], str]] = {
    # distribution: (keyword, files, what the warning says of it)
    "no-module": ("missing", {}, "ModuleNotFoundError: No module named 'no_module.missing'"),
    "no-import": ("unknown", {"unknown": "import there_is_no_such_module"}, "ModuleNotFoundError"),
    "no-syntax": ("garbled", {"garbled": "class Thing(:"}, "SyntaxError"),
    "it-leaves": ("leaving", {"leaving": "raise SystemExit(3)"}, "SystemExit: 3"),
    "no-kind": ("kindless", {"kindless": DECLARATION.replace("int | None", "object")}, "no column can hold"),
    "two-types": ("twins", {"twins": DECLARATION + DECLARATION.replace("Thing", "Other")}, "exactly one resource type"),
    "ours-already": ("vpc", {"vpc": DECLARATION}, "cloudmux-py has a type of this name itself"),
    "odd-word": ("Odd-Word", {"odd": DECLARATION}, "must be a lower-case word and a module"),
    "own-column": (
        "columned",
        {"columned": DECLARATION.replace("size:", "account_id:")},
        "account_id: this name is kept for",
    ),
    "sql-column": ("ordered", {"ordered": DECLARATION.replace("size:", "order:")}, "order is a word of SQL"),
    "own-command": ("cloud_account", {"cloud_account": DECLARATION}, "cloud-account-delete is the program's own"),
    "own-table": ("scope", {"scope": DECLARATION}, "would be kept in scopes_tbl"),
    "no-total": (
        "totalless",
        {"totalless": DECLARATION, "qcloud": BINDING.format(module="totalless", size=1, total='""')},
        "Offset needs the path of the total",
    ),
    "no-binding": ("bindless", {"bindless": DECLARATION, "qcloud": "BINDING = 7"}, "BINDING must be a Binding"),
}
SEEN_IN_NAMES = {"ours-already", "odd-word", "own-command", "no-file"}
"""What is wrong with these is seen without importing anything."""


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(instances=3, regions=REGIONS) as running:
        yield running


@pytest.fixture
def run(programs: Programs, emulator: Emulator) -> Programs:
    """The programs beside every broken distribution and one that is sound."""
    for name, (keyword, files, _) in BROKEN.items():
        module = f"{name.replace('-', '_')}.{'odd' if 'odd' in files else keyword}"
        programs.plant(name, f"[{GROUP}]\n{keyword} = {module}\n", **files)
    programs.plant("no-file", f"[{GROUP}]\nthis is no entry point\n")
    binding = BINDING.format(module="thing", **SOUND)
    programs.plant("sound-one", f"[{GROUP}]\nthing = sound_one.thing\n", thing=DECLARATION, qcloud=binding)
    programs.env |= {"QCLOUD_SECRET_ID": emulator.secret_id, "QCLOUD_SECRET_KEY": emulator.secret_key}
    programs.env |= {"QCLOUD_ENDPOINT": emulator.url, "QCLOUD_REGION": "ap-guangzhou"}
    return programs


def warned(stderr: str) -> dict[str, str]:
    """The warning of each distribution; there must be nothing but warnings, and one of each at most."""
    lines = [line for line in stderr.splitlines() if not line.endswith("scopes")]
    found = {}
    for line in lines:
        match = re.fullmatch(r"warning: the resource type .+? of (\S+) is left out: (.+); mend or uninstall \1", line)
        assert match, line
        assert match[1] not in found, f"{match[1]} is named twice"
        found[match[1]] = match[2]
    return found


def test_names_that_the_cache_needs_are_refused_by_the_declaration() -> None:
    assert (schema.OWN_COLUMNS.keys() | schema.JOINED_COLUMNS.keys()) - {"name"} == RESERVED


def test_help_list_and_completion_go_on(run: Programs) -> None:
    for program, other in (("climc", "own-command"), ("qcloudcli", "")):
        done = run.call(f"{program} --help")
        assert done.returncode == 0
        assert {"elastic-search-list", "vpc-list", "thing-list"} <= set(done.stdout.split())
        assert warned(done.stderr).keys() == SEEN_IN_NAMES - ({"own-command"} - {other})
        complete = {f"_{program.upper()}_COMPLETE": "complete_bash", "COMP_CWORD": "1"}
        done = run.call(program, COMP_WORDS=f"{program} thing-l", **complete)
        assert (done.stdout.split(), done.stderr) == (["thing-list"], "")
    assert [row["external_id"][:4] for row in run("qcloudcli thing-list -o json")["data"]] == ["vpc-"] * 3
    assert run("qcloudcli vpc-list -o json")["total"] == 3
    done = run.call("qcloudcli capability-list -o id")
    assert {*modules(), "thing"} >= set(done.stdout.split()) >= {"elastic_search", "vpc", "thing"}
    named = warned(done.stderr)
    assert named.keys() == {*BROKEN, "no-file"} - {"sql-column", "own-command", "own-table"}
    for name in named.keys() & BROKEN.keys():
        assert BROKEN[name][2] in named[name]


def test_schema_and_sync_go_on(run: Programs) -> None:
    created = run.call("climc cloud-account-create-qcloud ten")
    assert created.returncode == 0
    named = warned(created.stderr)
    assert named.keys() == {*BROKEN, "no-file"} - {"no-total", "no-binding"}, "only bindings are not looked at"
    for name in named.keys() & BROKEN.keys():
        assert BROKEN[name][2] in named[name]
    done = run.call("climc cloud-account-sync ten -o jsonl")
    assert done.returncode == 0, done.stderr
    assert warned(done.stderr).keys() == {*BROKEN, "no-file"}
    assert re.findall(r'"state": "(\w+)"', done.stdout) == ["complete"] * len({*modules(), "thing"})
    assert run("climc thing-list -o json")["total"] == run("climc vpc-list -o json")["total"] == 3
    for line in ("climc unknown-list", "qcloudcli totalless-list", "climc columned-list"):
        done = run.call(line)
        assert done.returncode == 2
        assert [text for text in done.stderr.splitlines() if text.startswith("error: the resource type")], done.stderr


def test_a_type_that_cannot_read_its_rows_fails_alone(run: Programs) -> None:
    binding = BINDING.format(module="sad", size='1 // r.number("VpcId.Size", 0)', total='"TotalCount"')
    run.plant("cannot-read", f"[{GROUP}]\nsad = cannot_read.sad\n", sad=DECLARATION, qcloud=binding)
    run("climc cloud-account-create-qcloud ten")
    rows = run("climc cloud-account-sync ten -o json", expect=5)["data"]
    bad = [row for row in rows if row["state"] != "complete"]
    assert [row["type"] for row in bad] == ["sad"]
    assert "cannot-read cannot read a row of sad: ZeroDivisionError" in bad[0]["error"]


def test_what_was_cached_of_a_type_whose_distribution_has_gone_harms_nothing(run: Programs) -> None:
    run("climc cloud-account-create-qcloud ten")
    run("climc cloud-account-sync ten -o json")
    (run.site / "sound_one" / "thing.py").write_text("class Thing(:")
    done = run.call("climc cloud-account-sync ten -o json")
    assert done.returncode == 0
    assert "sound-one" in warned(done.stderr)
    assert run("climc vpc-list -o json")["total"] == 3
    assert run("climc event-list -o json")["total"] > 3
    (run.site / "sound_one" / "thing.py").write_text(DECLARATION)
    assert run("climc thing-list -o json")["total"] == 3, "the rows are still there"


def test_the_emulator_serves_the_rest(run: Programs) -> None:
    run.plant("sad-emulator", "[cloudmux_py.emulator]\nsad = sad_emulator.missing\n")
    code = (
        "from cloudmux_py.emulator import Emulator\nwith Emulator() as e: print(len(e.rows('qcloud', 'ap-guangzhou')))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=run.env, capture_output=True, text=True)
    assert done.stdout == "12\n"
    assert done.stderr.count("\n") == 2, "the other is that of the file that is none"
    assert "what sad-emulator brings is not emulated: ModuleNotFoundError" in done.stderr
