"""How old the cache is, and what of it is stale."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from climc_py.models import account as accounts
from climc_py.models import purge

from ..conftest import World


def scopes(world: World) -> dict[str, dict[str, Any]]:
    rows = world.database.rows("SELECT *, cloudregion_id AS region FROM scopes_tbl WHERE account_id = 'ali-id'")
    return {row["region"].partition("/")[2]: dict(row) for row in rows}


def climc(world: World, *words: str) -> str:
    env = {**os.environ, "CLIMC_DB": str(world.database.path)}
    program = Path(sys.executable).parent / "climc"
    done = subprocess.run([program, *words], env=env, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout


def age(world: World, seconds: int) -> None:
    """As if all of it had been some time ago."""
    for name in ("synced_at", "stale_since", "attempted_at"):
        world.database.execute(
            f"UPDATE scopes_tbl SET {name} = strftime('%Y-%m-%dT%H:%M:%SZ', {name}, '-{seconds} seconds')"
        )


def test_a_scope_is_stale_from_its_first_failure_to_its_next_success(world: World) -> None:
    world.sync("aliyun")
    assert {scope["stale_since"] for scope in scopes(world).values()} == {None}
    world.emulator.fault("error", region="cn-beijing", action="ListInstance", code="NoPermission", status=403)
    world.sync("aliyun")
    age(world, 7200)
    first = scopes(world)
    world.sync("aliyun")
    failed, good = scopes(world)["cn-beijing"], scopes(world)["cn-hangzhou"]
    assert (failed["state"], failed["stale_since"]) == ("failed", first["cn-beijing"]["stale_since"])
    assert failed["synced_at"] == first["cn-beijing"]["synced_at"]
    assert good["stale_since"] is None
    assert good["synced_at"] > first["cn-hangzhou"]["synced_at"]
    text = climc(world, "elastic-search-list", "--limit", "1")
    assert text.splitlines()[-1] == "synced 2 h ago; 1 of 2 scopes stale"
    line = ["elastic-search-list", "--details", "-o", "json", "--limit", "1", "--region"]
    (row,) = json.loads(climc(world, *line, "cn-beijing"))["data"]
    assert row["stale_since"] == failed["stale_since"]
    assert 7200 <= row["scope_age"] < 7300
    (row,) = json.loads(climc(world, *line, "cn-hangzhou"))["data"]
    assert (row["stale_since"], row["scope_age"] < 100) == (None, True)
    assert (
        climc(world, "elastic-search-list", "--filter", "scope_age.gt(3600)", "-o", "id", "--limit", "0").count("\n")
        == 230
    )
    header = climc(world, "elastic-search-list", "--details").split("\n")[0].split()
    assert header[-4:] == ["synced_at", "scope_age", "stale_since", "metadata"]
    assert not {"scope_age", "stale_since"} & set(climc(world, "elastic-search-list").split())
    world.emulator.world.faults.clear()
    world.sync("aliyun")
    assert {scope["stale_since"] for scope in scopes(world).values()} == {None}


def test_rows_of_a_disabled_account_stay_and_are_stale(world: World) -> None:
    world.sync("aliyun")
    before = world.dump()["elastic_searchs_tbl"]
    accounts.update(world.database, world.accounts["aliyun"], {"enabled": False}, "disable")
    assert all(scope["stale_since"] for scope in scopes(world).values())
    assert world.dump()["elastic_searchs_tbl"] == before
    assert "2 of 2 scopes stale" in climc(world, "elastic-search-list", "--limit", "1")


def test_an_account_that_cannot_be_entered_makes_its_scopes_stale(world: World) -> None:
    world.sync("aliyun")
    world.emulator.fault("error", action="DescribeRegions", code="NoPermission", status=403)
    world.sync("aliyun", dry_run=True)
    from climc_py.sync import jobs

    jobs._clouds.clear()
    world.sync("aliyun", dry_run=True)
    assert {scope["stale_since"] for scope in scopes(world).values()} == {None}, "a dry run tells nobody"
    world.sync("aliyun")
    assert all(scope["stale_since"] for scope in scopes(world).values())
    assert all("NoPermission" in scope["error"] for scope in scopes(world).values())


def test_a_region_that_lost_its_service_is_stale_only_with_rows(world: World) -> None:
    world.sync("aliyun")
    world.emulator.fault("error", region="cn-hangzhou", action="ListInstance", code="InvalidRegionId", status=400)
    world.sync("aliyun")
    assert scopes(world)["cn-hangzhou"]["stale_since"]


def test_a_deleted_account_ages_nothing(world: World) -> None:
    world.sync("aliyun")
    world.sync("qcloud")
    accounts.update(world.database, world.accounts["aliyun"], {"enabled": False}, "disable")
    purge.purge_account(world.database, world.accounts["aliyun"])
    assert "stale" not in climc(world, "elastic-search-list", "--limit", "1")
