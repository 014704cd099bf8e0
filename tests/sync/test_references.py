"""Rows name what they refer to, whatever was synced first; a dangling id shows itself."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from climc_py.store.query import ListQuery, list_rows
from climc_py.sync.run import Options, sync
from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.resources import resource_type
from tests.conftest import World

Rows = list[dict[str, Any]]


def listed(world: World, keyword: str, columns: list[str], **query: Any) -> Rows:
    kind: type[ICloudResource] = resource_type(keyword)
    rows, total = list_rows(world.database, kind, ListQuery(limit=0, **query), columns)
    found = list(rows)
    assert len(found) == total
    return found


def run(world: World, *types: str) -> None:
    for name in types:
        results = sync(world.database, list(world.accounts.values()), Options(resources=[name]))
        assert {result.state for result in results} == {"complete"}, name


@pytest.mark.parametrize(
    "order", [("elastic_search", "project", "vpc", "zone"), ("zone", "vpc", "project", "elastic_search")]
)
def test_names_are_joined_whatever_came_first(order: tuple[str, ...], make_world: Callable[..., World]) -> None:
    world = make_world(instances=30)
    run(world, *order)
    names = {row["external_id"]: row["cloud_name"] for row in listed(world, "vpc", ["external_id", "cloud_name"])}
    names |= {row["external_id"]: row["cloud_name"] for row in listed(world, "zone", ["external_id", "cloud_name"])}
    names |= {row["external_id"]: row["cloud_name"] for row in listed(world, "project", ["external_id", "cloud_name"])}
    rows = listed(world, "elastic_search", ["vpc_id", "vpc", "zone_id", "zone", "project_id", "project", "provider"])
    assert len(rows) == 120
    for row in rows:
        assert row["vpc"] == names[row["vpc_id"]]
        assert row["zone"] == names[row["zone_id"]]
        assert row["project"] == names.get(row["project_id"])
    assert all(row["project"] for row in rows if row["provider"] == "Aliyun")


def test_a_dangling_reference_shows_the_id(make_world: Callable[..., World]) -> None:
    world = make_world(instances=6)
    run(world, "elastic_search")
    for row in listed(world, "elastic_search", ["vpc_id", "vpc", "project_id", "project"]):
        assert row["vpc"] == row["vpc_id"]
        assert row["project"] == row["project_id"]


def test_a_name_follows_its_row(make_world: Callable[..., World]) -> None:
    world = make_world(instances=6)
    run(world, "vpc", "elastic_search")
    row = listed(world, "elastic_search", ["vpc_id"], providers=["aliyun"], regions=["cn-beijing"])[0]
    world.emulator.table("aliyun", "cn-beijing", "vpc").patch(row["vpc_id"], {"VpcName": "新名字"})
    run(world, "vpc")
    named = listed(world, "elastic_search", ["vpc_id", "vpc"], references={"vpc": ["新名字"]})
    assert named
    assert {item["vpc_id"] for item in named} == {row["vpc_id"]}


def test_rows_are_found_by_what_they_refer_to(make_world: Callable[..., World]) -> None:
    world = make_world(instances=30)
    run(world, "project", "elastic_search")
    by_name = listed(world, "elastic_search", ["project_id"], references={"project": ["default resource group"]})
    ids = {row["project_id"] for row in by_name}
    assert len(ids) == 1
    assert listed(world, "elastic_search", ["project_id"], references={"project": list(ids)}) == by_name
    with pytest.raises(UsageError, match="zone has no vpc"):
        listed(world, "zone", ["id"], references={"vpc": ["x"]})


def test_the_default_project_is_there_though_no_list_has_it(make_world: Callable[..., World]) -> None:
    world = make_world(instances=3)
    run(world, "project")
    rows = {row["external_id"] for row in listed(world, "project", ["external_id"], providers=["qcloud"])}
    assert rows == {"0", "1100001", "1100002", "1100003"}
    world.emulator.table("qcloud", "ap-guangzhou", "project").remove("1100002")
    run(world, "project")
    rows = {row["external_id"] for row in listed(world, "project", ["external_id"], providers=["qcloud"])}
    assert rows == {"0", "1100001", "1100003"}


def test_without_the_right_to_list_projects_all_else_is_synced(make_world: Callable[..., World]) -> None:
    world = make_world(instances=6)
    world.emulator.fault("error", action="ListResourceGroups", code="Forbidden.RAM", status=403)
    account = world.accounts["aliyun"]
    results = sync(world.database, [account], Options(resources=["elastic_search", "project", "vpc", "zone"]))
    states = {(result.type, result.state) for result in results}
    assert states == {("elastic_search", "complete"), ("vpc", "complete"), ("zone", "complete"), ("project", "failed")}
    (failed,) = [result for result in results if result.state == "failed"]
    assert "Forbidden.RAM" in failed.error
    assert len(listed(world, "elastic_search", ["id"])) == 12


def test_a_name_costs_a_search_in_an_index_alone(make_world: Callable[..., World]) -> None:
    world = make_world(instances=1)
    connection: sqlite3.Connection = world.database.connection
    plan = [row["detail"] for row in connection.execute("EXPLAIN QUERY PLAN SELECT vpc FROM elastic_searchs LIMIT 20")]
    searched = [step for step in plan if " x " in f"{step} "]
    assert searched
    assert all(step.startswith("SEARCH x USING INDEX") for step in searched), plan
