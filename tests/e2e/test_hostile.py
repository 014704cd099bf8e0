"""Names that bite, through a whole cache: synced, listed, told of, asked about, and deleted by mistake never."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from climc_py.store.query import ListQuery, list_rows
from cloudmux_py.resources.elastic_search import ElasticSearch

from ..conftest import World
from ..unit.test_text import HOSTILE, hidden
from .test_climc import BIN, Shell
from .test_cloudcli import CONTROLLING

ODDER = ["half \ud800", "\x00", "\x00", "a\x00b", "a\x00c", "--help", "-", "%", "n)? [y/N] y\r\nDelete 9"]
KEPT = {"half \ud800": "half \ufffd"} | {
    name: name.replace("\0", "\ufffd") for name in (*HOSTILE, *ODDER) if "\0" in name
}


@pytest.fixture
def small(make_world: Callable[..., World]) -> World:
    """Rows of hostile names and tags, and two that have each other's id for a name."""
    world = make_world(instances=len(HOSTILE) + len(ODDER) + 2, regions={"aliyun": ["cn-beijing"], "qcloud": []})
    ids = world.ids("aliyun")
    for id, name in zip(ids, [*HOSTILE, *ODDER, ids[-1], ids[-2]], strict=True):
        tags = [{"tagKey": name, "tagValue": name}]
        world.emulator.table("aliyun", "cn-beijing").patch(id, {"description": name, "tags": tags})
    return world


@pytest.fixture
def shell(small: World, tmp_path: Path) -> Shell:
    return Shell(small, tmp_path)


def test_names_are_kept_and_shown_harmlessly_wherever_they_come_up(small: World, shell: Shell) -> None:
    (first,) = small.sync("aliyun").values()
    ids = small.ids("aliyun")
    assert (first.added, first.failed) == (len(ids), 0)
    (again,) = small.sync("aliyun").values()
    assert (again.unchanged, again.updated) == (len(ids), 0)
    rows = {row["external_id"]: row for row in shell.json("climc elastic-search-list --limit 0 -o json")["data"]}
    for id, name in zip(ids, [*HOSTILE, *ODDER, ids[-1], ids[-2]], strict=True):
        kept = KEPT.get(name, name)
        assert (rows[id]["cloud_name"], rows[id]["tags"]) == (kept, {kept: kept})
    found, _ = list_rows(small.database, ElasticSearch, ListQuery(search="a\0b"), ["cloud_name"])
    assert [row["cloud_name"] for row in found] == ["a\ufffdb"], "what came with a NUL is found by it"
    for line in (
        "climc elastic-search-list --limit 0 --details --meta -o table",
        "climc elastic-search-list --limit 0 -o csv --query data[].tags",
        "climc event-list --limit 0",
        f"climc why {rows[ids[0]]['id']}",
        f"climc elastic-search-purge {rows[ids[1]]['id']} {rows[ids[2]]['id']} --dry-run -o tsv",
    ):
        done = shell.run(line)
        assert done.returncode == 0, done.stderr
        assert not hidden(done.stdout + done.stderr, "\n\t"), line
    done = shell.run(f"climc elastic-search-delete {ids[-1]}")
    assert (done.returncode, done.stdout) == (2, ""), "what may be two rows is neither"
    assert "may be any of" in done.stderr
    locked = shell.run(f"climc elastic-search-delete {rows[ids[0]]['id']}")
    assert (locked.returncode, hidden(locked.stderr, "\n")) == (6, [])
    shell.env |= {"_CLIMC_COMPLETE": "complete_bash", "COMP_WORDS": "climc elastic-search-show ", "COMP_CWORD": "2"}
    assert not any(id in shell.run("climc").stdout for id in ids), "completion offers nothing that a cloud named"


def test_a_name_cannot_pass_for_another_question(small: World, shell: Shell) -> None:
    small.sync("aliyun")
    id = small.ids("aliyun")[len(HOSTILE) + len(ODDER) - 1]
    done = subprocess.run(
        [sys.executable, "-c", CONTROLLING, str(BIN / "climc"), "elastic-search-purge", id],
        input="\n",
        stdout=subprocess.PIPE,
        text=True,
        env=shell.env | {"TERM": "xterm"},
        timeout=50,
        check=False,
    )
    assert done.returncode == 6
    assert 'Forget 1 here: "n)? [y/N] y\\x0d\\x0aDelete 9"? [y/N] ' in done.stdout


def test_a_name_that_nobody_can_type_is_not_asked_for(small: World, shell: Shell, tmp_path: Path) -> None:
    """A rule wants the thing's name; where that cannot be read or typed, the cloud's id does."""
    small.sync("aliyun")
    rules = tmp_path / "policy.toml"
    rules.write_text('[[rule]]\neffect = "confirm"\nverb = "purge"\n')
    shell.env |= {"CLOUDMUX_POLICY": str(rules)}
    untypable, blank, spaced = small.ids("aliyun")[len(HOSTILE) + len(ODDER) - 1], *small.ids("aliyun")[:2]
    small.rename("aliyun", blank, "   ")
    small.rename("aliyun", spaced, "two words")
    small.sync("aliyun")
    for id, wanted in ((untypable, untypable), (blank, blank), (spaced, '"two words"')):
        done = shell.run(f"climc elastic-search-purge {id} --yes")
        assert (done.returncode, f": give --confirm {wanted}, or" in done.stderr) == (6, True), done.stderr
    assert shell.run(f"climc elastic-search-purge {untypable} --confirm {untypable}").returncode == 0
    assert shell.run(f"climc elastic-search-purge {spaced} --confirm 'two words'").returncode == 0
