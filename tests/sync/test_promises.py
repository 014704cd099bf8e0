"""What a sync promises, over real HTTP: a row goes only on proof, and nothing that a cloud does loses one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from climc_py.errors import Refused
from climc_py.models import account as accounts
from climc_py.models import event
from climc_py.secrets import seal
from climc_py.store.database import Database
from climc_py.sync import jobs, proving
from climc_py.sync.lock import locked
from cloudmux_py.emulator import Emulator

from ..conftest import LIST, World

PROVIDERS = pytest.mark.parametrize("provider", ["aliyun", "qcloud"])


@PROVIDERS
def test_a_sync_brings_all_rows_and_a_second_one_writes_nothing(world: World, provider: str) -> None:
    first = world.sync(provider)
    assert world.cached(provider) == world.cloud(provider)
    assert [(r.state, r.added) for r in first.values()] == [("complete", 230), ("complete", 5)]
    before = world.dump()
    second = world.sync(provider)
    assert [(r.state, r.unchanged) for r in second.values()] == [("complete", 230), ("complete", 5)]
    assert world.dump() == before


LYING = {
    "first page fails": {"kind": "error", "page": 1, "code": "InternalError", "status": 500},
    "last page fails": {"kind": "error", "page": 3, "code": "InternalError", "status": 500},
    "denied": {"kind": "error", "code": "Forbidden.RAM", "status": 403},
    "total larger than rows": {"kind": "large-total"},
    "empty page": {"kind": "empty-page", "page": 2},
    "short page": {"kind": "short-page", "page": 2},
    "repeated page": {"kind": "repeat-page"},
    "growing total": {"kind": "growing-total"},
    "one id twice": {"kind": "duplicate-id", "page": 2},
    "unreadable row": {"kind": "bad-row", "page": 2},
    "result key missing": {"kind": "missing-key"},
    "truncated body": {"kind": "truncate", "page": 2},
    "empty body": {"kind": "empty-body", "page": 2},
    "not JSON": {"kind": "not-json", "page": 2},
    "gateway's page": {"kind": "status", "status": 502},
    "throttled for ever": {"kind": "throttle"},
    "reset connections": {"kind": "reset-before"},
}


@PROVIDERS
@pytest.mark.parametrize("fault", LYING.values(), ids=LYING.keys())
def test_a_listing_that_does_not_prove_itself_removes_nothing(
    world: World, provider: str, fault: dict[str, Any]
) -> None:
    world.sync(provider)
    before = world.cached(provider)
    gone = world.ids(provider)[150]
    world.remove(provider, gone)
    world.emulator.fault(**fault, region=world.region(provider), action=LIST[provider])
    results = world.sync(provider)
    bad, good = results[world.region(provider)], results[next(r for r in results if r != world.region(provider))]
    assert (bad.state, bad.removed, bad.failed) == ("failed", 0, 1)
    assert bad.error
    assert good.state == "complete", "one region's trouble is not another's"
    assert world.cached(provider) == before, "nothing is lost"
    world.emulator.world.faults.clear()
    assert world.sync(provider)[world.region(provider)].removed == 1
    assert world.cached(provider) == world.cloud(provider)


@PROVIDERS
@pytest.mark.parametrize("fault", [LYING["last page fails"], LYING["unreadable row"]], ids=["last page", "bad row"])
def test_the_good_rows_of_an_incomplete_listing_are_still_taken(
    world: World, provider: str, fault: dict[str, Any]
) -> None:
    world.sync(provider)
    changed = world.ids(provider)[20]
    world.rename(provider, changed, "renamed")
    world.emulator.fault(**fault, region=world.region(provider), action=LIST[provider])
    result = world.sync(provider)[world.region(provider)]
    assert (result.state, result.updated, result.removed) == ("failed", 1, 0)
    row = world.database.one("SELECT cloud_name FROM elastic_searchs_tbl WHERE external_id = ?", [changed])
    assert row
    assert row["cloud_name"] == "renamed"


@PROVIDERS
@pytest.mark.parametrize("change", ["delete", "delete and create"])
def test_a_change_between_two_pages_loses_no_row(world: World, provider: str, change: str) -> None:
    """Deleting a row of page 1 shifts page 2; with a create, even the total stays: asking by id must tell."""
    world.sync(provider)
    victim = world.ids(provider)[3]
    done: list[int] = []

    def disturb(call: Any) -> None:
        page = int(call.params.get("page", 0)) or int(call.params.get("Offset", 0)) // 100 + 1
        if call.region == world.region(provider) and page == 2 and not done and "InstanceIds" not in call.params:
            done.append(page)
            world.remove(provider, victim)
            if change == "delete and create":
                world.create(provider, "es-created-meanwhile")

    world.emulator.on(LIST[provider], disturb)
    result = world.sync(provider)[world.region(provider)]
    assert done
    assert result.state == "complete"
    living = world.cloud(provider)
    assert world.cached(provider) >= living - {"es-created-meanwhile"}
    world.sync(provider)
    assert world.cached(provider) == living


@PROVIDERS
def test_lists_that_say_zero_while_the_ids_answer_change_nothing(world: World, provider: str) -> None:
    world.sync(provider)
    before = world.dump()["elastic_searchs_tbl"]
    world.emulator.fault("lists-say-zero", region=world.region(provider), action=LIST[provider])
    result = world.sync(provider)[world.region(provider)]
    assert (result.state, result.removed) == ("failed", 0)
    assert "still answers by id" in result.error
    assert world.dump()["elastic_searchs_tbl"] == before


def test_a_narrowed_permission_holds_the_rows(world: World) -> None:
    """Rows vanish from lists and by-id answers alike: only the number tells, until a second listing agrees."""
    world.sync("qcloud")
    fault = world.emulator.fault("hide-rows", region="ap-beijing", keep=100)
    result = world.sync("qcloud")["ap-beijing"]
    assert (result.state, result.removed, result.held) == ("held", 0, 130)
    assert "130 rows vanished at once" in result.error
    assert world.cached("qcloud") == world.cloud("qcloud")
    fault.keep = 0
    result = world.sync("qcloud")["ap-beijing"]
    assert (result.state, result.removed, result.held) == ("held", 0, 230)
    assert "the list is empty" in result.error
    world.emulator.world.faults.clear()
    assert world.sync("qcloud")["ap-beijing"].state == "complete"
    held = world.database.one("SELECT count(missing_since) AS n FROM elastic_searchs_tbl")
    assert held
    assert held["n"] == 0, "rows that are seen again are missing no more"


def test_held_rows_go_when_a_later_listing_agrees(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sync("qcloud")
    for id in world.ids("qcloud")[:100]:
        world.remove("qcloud", id)
    assert world.sync("qcloud")["ap-beijing"].held == 100
    assert world.sync("qcloud")["ap-beijing"].held == 100, "at once is too early"
    monkeypatch.setattr(proving, "AGREEMENT", proving.AGREEMENT * 0)
    result = world.sync("qcloud")["ap-beijing"]
    assert (result.state, result.removed) == ("complete", 100)
    assert world.cached("qcloud") == world.cloud("qcloud")


@PROVIDERS
def test_a_real_mass_deletion(world: World, provider: str) -> None:
    """Strong proofs, one per id, suffice; weak ones wait for the user's word."""
    world.sync(provider)
    for id in world.ids(provider)[:120]:
        world.remove(provider, id)
    result = world.sync(provider)[world.region(provider)]
    if provider == "qcloud":
        assert (result.state, result.removed, result.held) == ("held", 0, 120)
        result = world.sync(provider, accept_removals=True)[world.region(provider)]
    assert (result.state, result.removed, result.held) == ("complete", 120, 0)
    assert world.cached(provider) == world.cloud(provider)


@PROVIDERS
def test_a_removal_keeps_its_proof(world: World, provider: str) -> None:
    world.sync(provider)
    gone = world.ids(provider)[0]
    world.remove(provider, gone)
    world.sync(provider)
    (found,), _ = event.events(world.database, actions=["delete"])
    proof = found["notes"]["proof"]
    assert proof["request_id"]
    assert proof["listing"]["pages"] == 3
    assert (proof["strength"], proof["code"]) == {"aliyun": ("strong", "InstanceNotFound"), "qcloud": ("weak", "")}[
        provider
    ]
    assert found["notes"]["locked"] is True, "a locked row follows the cloud too, and its event says so"


@PROVIDERS
@pytest.mark.parametrize(
    "code", ["InvalidRegionId.NotFound", "InvalidResourceGroupId.NotFound", "ResourceNotFound.DBInfoNotFound"]
)
def test_look_alikes_of_not_found_prove_nothing(world: World, provider: str, code: str) -> None:
    world.sync(provider)
    gone = world.ids(provider)[0]
    world.remove(provider, gone)
    asked = {"aliyun": "DescribeInstance", "qcloud": "DescribeInstances"}[provider]

    def fail_when_asked(call: Any) -> None:
        if "InstanceId" in call.path or call.params.get("InstanceIds"):
            world.emulator.fault("error", action=asked, code=code, status=404, times=1)

    world.emulator.on(asked, fail_when_asked)
    result = world.sync(provider)[world.region(provider)]
    assert (result.state, result.removed, result.held) == ("held", 0, 1)
    assert gone in world.cached(provider)


@PROVIDERS
def test_keys_of_another_account_compare_nothing(world: World, provider: str) -> None:
    world.sync(provider)
    before = world.dump()
    other = world.emulator.world.of(provider)[1]
    account = world.accounts[provider]
    changed = {"access_key": other.access_key, "secret": seal(account.id, other.secret)}
    accounts.update(world.database, account, changed)
    jobs._clouds.clear()
    results = world.sync(provider)
    assert [r.cause.exit_code for r in results.values() if r.cause] == [4]
    assert "its keys belong to" in next(iter(results.values())).error
    assert world.dump()["elastic_searchs_tbl"] == before["elastic_searchs_tbl"]
    assert not [
        call
        for call in world.emulator.requests
        if call.access_key == other.access_key and call.action == LIST[provider]
    ]


@PROVIDERS
def test_a_vanished_region_keeps_its_rows(world: World, provider: str) -> None:
    world.sync(provider)
    before = world.cached(provider)
    world.emulator.world.regions[provider] = [
        r for r in world.emulator.world.regions[provider] if r != world.region(provider)
    ]
    jobs._clouds.clear()
    results = world.sync(provider)
    stale = results[world.region(provider)]
    assert (stale.state, stale.held, stale.good) == ("stale", 230, False)
    assert world.cached(provider) == before


@PROVIDERS
def test_an_empty_region_list_keeps_all_rows(world: World, provider: str) -> None:
    world.sync(provider)
    before = world.dump()["elastic_searchs_tbl"]
    world.emulator.world.regions[provider] = []
    jobs._clouds.clear()
    results = world.sync(provider)
    assert {r.state for r in results.values()} == {"stale", "failed"}
    assert "lists no regions" in results[""].error
    assert world.dump()["elastic_searchs_tbl"] == before


def test_a_service_that_a_region_lacks_is_no_failure_without_rows(world: World) -> None:
    world.emulator.fault("error", region="cn-hangzhou", action="ListInstance", code="InvalidRegionId", status=400)
    result = world.sync("aliyun")["cn-hangzhou"]
    assert (result.state, result.held, result.good) == ("unsupported", 0, True)
    world.emulator.world.faults.clear()
    world.sync("aliyun")
    world.emulator.fault("error", region="cn-hangzhou", action="ListInstance", code="InvalidRegionId", status=400)
    result = world.sync("aliyun")["cn-hangzhou"]
    assert (result.state, result.held, result.good) == ("unsupported", 5, False)


@PROVIDERS
@pytest.mark.parametrize("kind", ["throttle", "reset-before", "truncate", "status"])
def test_passing_trouble_is_ridden_out(world: World, provider: str, kind: str) -> None:
    world.emulator.fault(kind, region=world.region(provider), action=LIST[provider], times=2)
    assert {r.state for r in world.sync(provider).values()} == {"complete"}


def test_a_wrong_secret_and_a_denied_list_touch_no_row(world: World) -> None:
    world.sync("aliyun")
    before = world.dump()["elastic_searchs_tbl"]
    for code, status in (("SignatureDoesNotMatch", 400), ("InvalidAccessKeyId.NotFound", 404), ("NoPermission", 403)):
        world.emulator.fault("error", action="ListInstance", code=code, status=status)
        results = world.sync("aliyun")
        assert {r.cause.exit_code for r in results.values() if r.cause} == {4}
        world.emulator.world.faults.clear()
    assert world.dump()["elastic_searchs_tbl"] == before


def test_an_id_that_comes_back_keeps_its_local_id_and_lock(world: World) -> None:
    world.sync("aliyun")
    id = world.ids("aliyun")[0]
    row = dict(world.emulator.rows("aliyun", "cn-beijing")[id])
    before = world.database.one("SELECT id FROM elastic_searchs_tbl WHERE external_id = ?", [id])
    world.remove("aliyun", id)
    assert world.sync("aliyun")["cn-beijing"].removed == 1
    world.emulator.table("aliyun", "cn-beijing").put(id, row)
    assert world.sync("aliyun")["cn-beijing"].added == 1
    after = world.database.one("SELECT id FROM elastic_searchs_tbl WHERE external_id = ? AND deleted = 0", [id])
    assert before
    assert after
    assert before["id"] == after["id"]
    world.remove("aliyun", id)
    world.sync("aliyun")
    world.emulator.table("aliyun", "cn-beijing").put(id, row | {"createdAt": "2030-01-01T00:00:00.000Z"})
    world.sync("aliyun")
    newer = world.database.one("SELECT id FROM elastic_searchs_tbl WHERE external_id = ? AND deleted = 0", [id])
    assert newer
    assert newer["id"] != before["id"], "another resource under a used id is a new row"


def test_a_list_never_clears_what_only_a_get_tells(world: World) -> None:
    world.sync("aliyun", full=True, regions=["cn-hangzhou"])
    found = world.database.rows("SELECT category FROM elastic_searchs_tbl")
    assert {row["category"] for row in found} == {"x-pack"}
    before = world.dump()
    assert world.sync("aliyun", regions=["cn-hangzhou"])["cn-hangzhou"].unchanged == 5
    assert world.dump() == before


def test_a_dry_run_writes_nothing(world: World) -> None:
    world.sync("aliyun")
    world.remove("aliyun", world.ids("aliyun")[0])
    world.rename("aliyun", world.ids("aliyun")[0], "renamed")
    before = [tuple(row) for row in world.database.rows("SELECT * FROM scopes_tbl")], world.dump()
    result = world.sync("aliyun", dry_run=True)["cn-beijing"]
    assert (result.updated, result.removed, result.unchanged) == (1, 1, 228)
    assert ([tuple(row) for row in world.database.rows("SELECT * FROM scopes_tbl")], world.dump()) == before


def test_two_syncs_of_one_account_exclude_each_other(world: World) -> None:
    with locked(world.database, [world.accounts["aliyun"]], wait=False):
        other = Database.write(world.database.path)
        with pytest.raises(Refused, match="is being synced by another process"):
            locked(other, [world.accounts["aliyun"]], wait=False).__enter__()
        other.close()
        assert {r.state for r in world.sync("qcloud").values()} == {"complete"}, "another account is free"


def test_a_read_during_a_sync_sees_whole_scopes(world: World) -> None:
    world.sync("aliyun")
    seen: list[tuple[str, int]] = []
    for id in world.ids("aliyun"):
        world.emulator.table("aliyun", "cn-beijing").patch(id, {"status": "inactive"})
    with Database.read(world.database.path) as reader:

        def read(statement: str) -> None:
            if not statement.startswith("INSERT INTO temp."):
                sql = "SELECT count(*) AS n FROM elastic_searchs_tbl WHERE deleted = 0 AND status = 'unavailable'"
                seen.append((statement, reader.rows(sql)[0]["n"]))

        world.database.connection.set_trace_callback(read)
        world.sync("aliyun")
        world.database.connection.set_trace_callback(None)
    changes = [index for index, (sql, _) in enumerate(seen) if sql.startswith("UPDATE elastic_searchs_tbl SET (")]
    counts = [count for _, count in seen]
    assert set(counts) == {0, 230}, "a scope is as before or as after"
    assert counts == sorted(counts), "it never goes back"
    assert 230 not in counts[: changes[0] + 2], "what is written is not seen before it is whole"


def test_a_page_of_a_second_account_is_its_own(make_world: Callable[..., World]) -> None:
    world = make_world(instances=3)
    world.sync("aliyun")
    second = world.add("aliyun", "ali2", which=1)
    world.accounts["other"] = second
    from climc_py.sync.run import Options, sync

    results = sync(world.database, [second], Options(resources=["elastic_search"]))
    assert [(r.state, r.added, r.removed) for r in results] == [("complete", 0, 0)] * 2
    assert len(world.cached("aliyun")) == 3


@PROVIDERS
def test_an_endpoint_of_another_account_compares_nothing(world: World, provider: str, tmp_path: Path) -> None:
    """The same keys and the same address of a gateway, behind which another account now answers."""
    world.sync(provider)
    before = world.dump()["elastic_searchs_tbl"]
    with Emulator(instances=2) as elsewhere:
        moved = elsewhere.world.of(provider)[0]._replace(account_id="100000000099")
        elsewhere.world.accounts = [
            moved if a == elsewhere.world.of(provider)[0] else a for a in elsewhere.world.accounts
        ]
        accounts.update(world.database, world.accounts[provider], {"endpoint": elsewhere.url})
        jobs._clouds.clear()
        (result, *_) = world.sync(provider).values()
    assert (result.state, result.cause and result.cause.exit_code) == ("failed", 4)
    assert "its keys belong to" in result.error
    assert world.dump()["elastic_searchs_tbl"] == before
    assert LIST[provider] not in {call.action for call in elsewhere.requests}


def test_a_number_that_no_database_holds_is_one_unreadable_row(world: World) -> None:
    table = world.emulator.table("aliyun", "cn-beijing")
    table.patch(world.ids("aliyun")[0], {"nodeAmount": 2**70})
    result = world.sync("aliyun")["cn-beijing"]
    assert (result.state, result.added, result.removed) == ("failed", 229, 0)
    assert "should be a whole number" in result.error
