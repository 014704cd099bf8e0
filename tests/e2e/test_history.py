"""``climc <type>-list --at``: what the events undo is what the list said then.

After each step of a story the list is kept, and the whole cache is aged by an hour; in the end each hour is asked for.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from climc_py.store import schema
from climc_py.store.database import Database
from climc_py.store.history import rewind
from climc_py.store.query import ListQuery, list_rows
from cloudmux_py.cloudprovider.resource import format_time, parse_time
from cloudmux_py.resources import resource_type
from cloudmux_py.resources.elastic_search import ElasticSearch

from ..conftest import NAME, REGIONS, World
from .test_climc import Shell

Rows = dict[str, dict[str, Any]]

EMPTY = {"synced_at", "scope_age", "stale_since"}
UNKNOWN = {*EMPTY, "missing_since", "row_version"}
OURS = {"imported_at", "updated_at", "deleted_at"}
HOUR = timedelta(hours=1)


@pytest.fixture
def small(make_world: Callable[..., World]) -> World:
    world = make_world(instances=6)
    for provider in REGIONS:
        world.sync(provider)
    return world


@pytest.fixture
def shell(small: World, tmp_path: Path) -> Shell:
    return Shell(small, tmp_path)


def age(world: World) -> None:
    """As if all of it had been an hour ago."""
    columns = {schema.table(row): [*sorted(OURS), "missing_since"] for row in schema.all_types()}
    columns["opslog_tbl"] = ["ops_time"]
    for table, names in columns.items():
        pairs = ", ".join(f"{name} = strftime('%Y-%m-%dT%H:%M:%SZ', {name}, '-3600 seconds')" for name in names)
        world.database.execute(f"UPDATE {table} SET {pairs}")


def aged(rows: Rows, hours: int) -> Rows:
    """Rows as they would be kept had all of it been some hours before."""

    def value(name: str, value: Any) -> Any:
        return format_time(parse_time(value) - hours * HOUR) if name in OURS and value else value

    return {id: {name: value(name, row[name]) for name in row if name not in UNKNOWN} for id, row in rows.items()}


def known(rows: Rows) -> Rows:
    return {id: {name: value for name, value in row.items() if name not in UNKNOWN} for id, row in rows.items()}


def hours_ago(hours: int) -> str:
    """Half an hour after what was that long ago."""
    return format_time(datetime.now(UTC) - hours * HOUR + HOUR / 2)


def assert_same(found: Rows, expected: Rows) -> None:
    """The same but for a second between the writing of a row and of its event."""
    for id in found.keys() & expected.keys():
        apart = parse_time(found[id]["updated_at"]) - parse_time(expected[id]["updated_at"])
        assert abs(apart) <= timedelta(seconds=2), id
        found[id]["updated_at"] = expected[id]["updated_at"]
    assert found == expected


def story(world: World, shell: Shell) -> Iterator[str]:
    """What happens to a cache, step by step; all commands succeed."""
    region, ids = world.region("aliyun"), world.ids("aliyun")
    yield "climc cloud-account-sync --all --resources elastic-search --resources vpc"
    world.rename("aliyun", ids[0], "renamed-by-the-cloud")
    world.emulator.table("aliyun", region).patch(ids[1], {"tags": [{"tagKey": "team", "tagValue": "search"}]})
    yield "climc cloud-account-sync ali --resources elastic-search"
    yield f"climc elastic-search-update {ids[0]} --name mine --description 'my words' --delete enable"
    yield f"climc elastic-search-add-tag {ids[0]} owner=me cost=1"
    yield f"climc elastic-search-set-tag {ids[0]} owner=you"
    yield f"climc elastic-search-add-tag {ids[0]} owner=none"
    world.remove("aliyun", ids[2])
    yield "climc cloud-account-sync ali --resources elastic-search"
    yield f"climc elastic-search-purge {ids[3]} --yes"
    world.rename("aliyun", ids[3], "came-back-otherwise")
    yield "climc cloud-account-sync ali --resources elastic-search"
    name = world.emulator.rows("aliyun", region)[ids[4]][NAME["aliyun"]]
    world.create("aliyun", "es-cn-new")
    world.rename("aliyun", "es-cn-new", name)
    yield "climc cloud-account-sync ali --resources elastic-search"
    yield f"climc elastic-search-syncstatus {ids[5]}"
    yield f"climc elastic-search-update {ids[4]} --delete enable"
    yield f"climc elastic-search-delete {ids[4]} --yes --wait-timeout 0; test $? = 0 -o $? = 5"
    world.emulator.world.hasten(3600)
    yield "climc task-resume"
    yield "climc cloud-account-update-aliyun ali --name alibaba"
    yield "climc cloud-account-disable alibaba && climc cloud-account-delete alibaba --yes"


LIST = "climc elastic-search-list --limit 0 --delete-all --details -o json"


def test_each_hour_of_a_story_is_told_as_it_was(small: World, shell: Shell) -> None:
    def listed(words: str = "") -> Rows:
        return {row["id"]: row for row in shell.json(f"{LIST} {words}")["data"]}

    small.database.execute("UPDATE elastic_searchs_tbl SET vpc_id = NULL")
    kept, lines = [listed()], list[str]()
    for line in story(small, shell):
        age(small)
        done = shell.run(line)
        assert done.returncode == 0, (line, done.stderr)
        kept.append(listed())
        lines.append(line)
        assert known(kept[-1]) != aged(kept[-2], 1), line
    before = small.dump()
    last = len(kept) - 1
    for step, rows in enumerate(kept):
        found = listed(f"--at {hours_ago(last - step)}")
        assert {row[name] for row in found.values() for name in EMPTY} <= {None}
        assert_same(known(found), aged(rows, last - step))
    assert listed(f"--at {hours_ago(last + 1)}") == {}, "nothing was cached yet"
    assert small.dump() == before, "reading changes nothing"


@pytest.mark.parametrize("seed", range(6))
def test_any_changes_are_undone(small: World, shell: Shell, seed: int) -> None:
    """Changes at random, from a seed: in the cloud, by the user, and by syncs."""
    chance, database = random.Random(seed), small.database

    def listed(at: str = "") -> Rows:
        with Database.read(database.path) as reader:
            if at:
                rewind(reader, ElasticSearch, at)
            columns = list(schema.view_kinds(ElasticSearch))
            found, _ = list_rows(reader, ElasticSearch, ListQuery(limit=0, delete_all=True), columns)
            return {row["id"]: row for row in found}

    kept = [listed()]
    for number in range(8):
        age(small)
        for _ in range(chance.randint(1, 4)):
            change(small, chance, f"n{number}")
        kept.append(listed())
    last = len(kept) - 1
    for step, rows in enumerate(kept):
        assert_same(known(listed(hours_ago(last - step))), aged(rows, last - step))


def change(world: World, chance: random.Random, name: str) -> None:
    """One change at random."""
    from climc_py.models import row as rows
    from climc_py.models import tag

    provider = chance.choice(sorted(REGIONS))
    living = world.database.rows("SELECT * FROM elastic_searchs_tbl WHERE deleted = 0 ORDER BY identity")
    found, ids = chance.choice(living), world.ids(provider)
    fresh = not world.database.one("SELECT 1 FROM elastic_searchs_tbl WHERE name = ? AND deleted = 0", [name])
    what = chance.choice(["remove", "create", "rename", "sync", "sync", "sync", "update", "lock", "tag", "bury"])
    if what == "remove" and len(ids) > 2:
        world.remove(provider, chance.choice(ids))
    elif what == "create":
        world.create(provider, f"es-{name}-{chance.randint(0, 9)}")
    elif what == "rename":
        world.rename(provider, chance.choice(ids), chance.choice(["same", "other", name]))
    elif what == "sync":
        world.sync(provider)
    elif what == "update" and fresh:
        rows.update(world.database, ElasticSearch, found, {"name": name})
    elif what == "lock":
        rows.update(world.database, ElasticSearch, found, {"disable_delete": chance.randint(0, 1)})
    elif what == "tag":
        tags = {f"user:{chance.choice('ab')}": chance.choice(["1", "2", "none"])}
        tag.apply(world.database, ElasticSearch, found, tags, replace=chance.random() < 0.3)
    elif what == "bury":
        with world.database.transaction():
            rows.bury(world.database, ElasticSearch, found, "delete", {"by": "purge"})


def test_filters_and_joined_names_are_those_of_then(small: World, shell: Shell) -> None:
    small.sync("aliyun", resources=["vpc"])
    vpc = small.database.one("SELECT id, external_id, name, cloud_name, account_id FROM vpcs WHERE account = 'ali'")
    assert vpc
    id = small.ids("aliyun")[0]
    small.database.execute("UPDATE elastic_searchs_tbl SET vpc_id = ? WHERE external_id = ?", (vpc["external_id"], id))
    age(small)
    small.rename("aliyun", id, "new-name")
    small.sync("aliyun")
    assert shell.run("climc cloud-account-update-aliyun ali --name alibaba").returncode == 0
    then = f"--at {hours_ago(1)}"
    (row,) = shell.json(f"climc elastic-search-list -o json --details --id {id} {then}")["data"]
    assert (row["vpc"], row["account"]) == (vpc["cloud_name"], "ali")
    assert row["cloud_name"] != "new-name"
    assert shell.json(f"climc elastic-search-list -o json --filter \"name.equals('new-name')\" {then}")["total"] == 0
    assert shell.json("climc elastic-search-list -o json --filter \"name.equals('new-name')\"")["total"] == 1
    assert shell.json(f"climc elastic-search-list -o json --account alibaba {then}")["total"] == 0
    assert shell.json(f"climc elastic-search-list -o json --account ali --vpc {vpc['cloud_name']} {then}")["total"] == 1


def test_the_time_is_utc_and_the_footer_tells_it(small: World, shell: Shell) -> None:
    done = shell.run("climc elastic-search-list --limit 1 --at 2099-01-02")
    assert done.stdout.splitlines()[-1] == "as of 2099-01-02T00:00:00Z"
    done = shell.run("climc elastic-search-list --limit 1 --at 2099-01-02T08:00+08:00")
    assert done.stdout.splitlines()[-1] == "as of 2099-01-02T00:00:00Z"
    done = shell.run("climc elastic-search-list --at yesterday")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "error: --at: 'yesterday' is not a time\n")
    counted = shell.run("climc elastic-search-list --limit 1 --at 1999-01-01 --summary-stats")
    assert "Total: 0" in counted.stdout


def test_a_time_of_which_nothing_is_known_is_told(small: World, shell: Shell) -> None:
    early, now = shell.run("climc elastic-search-list -o id --at 1999-01-01"), format_time(datetime.now(UTC))
    assert (early.returncode, early.stdout, early.stderr.count("\n")) == (0, "", 1)
    assert early.stderr.startswith("warning: --at: nothing is known from before the first account was added, at 20")
    late = shell.run("climc elastic-search-list -o id --limit 0 --at 2999-01-02")
    assert late.stderr == "warning: --at: 2999-01-02T00:00:00Z is yet to come; this is the cache as it is now\n"
    assert shell.run(f"climc elastic-search-list -o id --limit 0 --at {now}").stderr == ""


@pytest.mark.parametrize("keyword", [row.keyword for row in schema.all_types()])
def test_every_type_can_be_rewound(small: World, keyword: str) -> None:
    kind = resource_type(keyword)
    with Database.read(small.database.path) as reader:
        expected = [dict(row) for row in reader.rows(f"SELECT * FROM {kind.plural}")]
        rewind(reader, kind, "2099-01-01T00:00:00Z")
        found = [dict(row) for row in reader.rows(f"SELECT * FROM {kind.plural}")]
    assert [row | dict.fromkeys(EMPTY) for row in found] == [row | dict.fromkeys(EMPTY) for row in expected]
