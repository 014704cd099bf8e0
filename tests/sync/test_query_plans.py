"""No statement of a sync or a list walks a table: in a cache of 100,000 rows that is seconds against minutes."""

import re
from typing import Any

import pytest

from climc_py.models import task as tasks
from climc_py.store import schema
from climc_py.store.query import ListQuery, find, list_rows
from cloudmux_py.resources.elastic_search import ElasticSearch

from ..conftest import World

TABLE = schema.table(ElasticSearch)
WALKED = re.compile(r"^SCAN (?!s$|c$|f$|temp|CONSTANT|json_each|\d)")
"""A walk over anything but the stage, what of it is new or changed, and the tags of one row."""


class Watch:
    """Plans of the statements that run within it; temporary tables are made anew to explain them."""

    def __init__(self, world: World) -> None:
        self.database = world.database
        self.statements: list[str] = []

    def __enter__(self) -> "Watch":
        self.database.connection.set_trace_callback(self.statements.append)
        return self

    def __exit__(self, *_: object) -> None:
        self.database.connection.set_trace_callback(None)

    def plans(self) -> dict[str, list[str]]:
        for sql in self.statements:
            if sql.startswith("CREATE TABLE temp."):
                self.database.connection.execute(sql)
        explained = [
            sql for sql in self.statements if TABLE in sql or "tasks_tbl" in sql or ElasticSearch.plural in sql
        ]
        return {
            sql: [row["detail"] for row in self.database.rows(f"EXPLAIN QUERY PLAN {sql}")]
            for sql in explained
            if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
        }


def walks(plans: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(sql[:200], line) for sql, lines in plans.items() for line in lines if WALKED.match(line)]


def test_a_sync_looks_rows_up_by_their_scope(world: World) -> None:
    world.sync("aliyun")
    first, second = world.ids("aliyun")[:2]
    world.remove("aliyun", first)
    world.rename("aliyun", second, "renamed")
    world.create("aliyun", "es-cn-new")
    row = find(world.database, ElasticSearch, world.ids("aliyun")[5])
    with world.database.transaction():
        tasks.plan(world.database, row, ElasticSearch.keyword, "cn-beijing", {})
    with Watch(world) as watch:
        result = world.sync("aliyun")["cn-beijing"]
    assert (result.added, result.updated, result.removed) == (1, 1, 1)
    plans = watch.plans()
    allowed = "SCAN k USING INDEX tasks_open"
    given = "SCAN j VIRTUAL TABLE INDEX 1:"  # the names that the statement was given
    assert [found for found in walks(plans) if found[1] not in {allowed, given}] == []
    used = " ".join(line for lines in plans.values() for line in lines)
    assert f"USING INDEX {TABLE}_scope (account_id=? AND cloudregion_id=? AND identity=?)" in used
    assert f"USING INDEX {TABLE}_dead (account_id=? AND cloudregion_id=? AND identity=?)" in used
    assert f"{TABLE}_name (name>? AND name<?)" in used, "numbered names are one stretch of the index"
    assert allowed in used, "open tasks are looked up by an index of their own, and before the rows"
    assert "_listed" not in used, "an index on deleted and created_at must not be taken for a look-up of ids"


def listed(world: World, **options: Any) -> list[str]:
    with Watch(world) as watch:
        rows, _ = list_rows(world.database, ElasticSearch, ListQuery(**options), ["id", "name", "account"])
        assert list(rows)
    return [line for lines in watch.plans().values() for line in lines]


def test_a_list_reads_in_the_order_of_its_index(world: World) -> None:
    world.sync("aliyun")
    plan = listed(world)
    assert f"SCAN t USING INDEX {TABLE}_listed" in plan
    assert not [line for line in plan if "TEMP B-TREE" in line], "nothing is sorted"
    walked = [line for line in plan if line.startswith("SCAN") and "INDEX" not in line]
    assert walked == [], "nothing is walked without an index"


@pytest.mark.parametrize("word", ["id", "external_id", "name", "cloud_name"])
def test_a_row_is_found_by_an_index_whatever_names_it(world: World, word: str) -> None:
    world.sync("aliyun")
    row = world.database.one(f"SELECT * FROM {TABLE} LIMIT 1")
    assert row
    with Watch(world) as watch:
        find(world.database, ElasticSearch, row[word])
    assert walks(watch.plans()) == []
    assert len([line for lines in watch.plans().values() for line in lines if "SEARCH" in line]) >= 4
