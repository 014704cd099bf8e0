"""Least trust, over all types and all commands: read-only accounts, the user's rules, locks, missing permissions."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from climc_py.models import account as accounts
from climc_py.models import task as tasks
from climc_py.models.account import Account
from climc_py.models.purge import purge_account
from climc_py.shell import program as climc
from climc_py.store.database import Database
from climc_py.store.query import find
from climc_py.sync.run import Options, sync
from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import CloudmuxError, Refused
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.client import READING
from cloudmux_py.engine.policy import bindings_of, changing_calls
from cloudmux_py.resources import resource_type, resource_types
from cloudmux_py.shell import program as cloudcli

from .. import programs
from ..conftest import World
from ..tasks.test_steps import begin, candidate

REGION = {"aliyun": "cn-beijing", "qcloud": "ap-beijing"}
HOME = {"aliyun": "cn-hangzhou", "qcloud": "ap-guangzhou"}

EVERY = "EVERY_COMMAND" in os.environ
"""Whether each command is tried in all ways with every type (`make trust`), or each type in two ways that go round."""

FLAGS = ("", "--stop-first", "--recoverable", "--final", "--dry-run")
ARGUMENTS: dict[str, Sequence[str]] = {
    "access-info": ("{id}",),
    "add-tag": ("{id} a=b",),
    "delete": [f"{{id}} --yes {flag}" for flag in FLAGS],
    "list": ("",),
    "purge": ("{id} --yes --dry-run", "{id} --yes"),
    "set-tag": ("{id} a=b",),
    "show": ("{id}",),
    "syncstatus": ("{id}",),
    "update": ("{id} --delete enable", "{id} --description x"),
}
"""What the commands of a type are tried with, by their verbs; the last takes the row away, here."""

OTHERS = {
    "cloud-account-delete": "{account} --yes",
    "cloud-account-disable": "{account}",
    "cloud-account-enable": "{account}",
    "cloud-account-policy": "{account} --for delete --check",
    "cloud-account-show": "{account}",
    "cloud-account-sync": "{account} --full-sync",
    "cloud-account-test-connectivity": "{account}",
    "cloud-account-update": "{account} --desc x",
    "cloud-account-update-credential": "{account} {words}",
    "cloud-account-create": "another {words}",
    "db": "prune --older-than 1 --yes",
    "event-show": "--limit 1",
    "region-task-show": "{task}",
    "task-resume": "--wait-timeout 0",
    "task-show": "{task}",
    "why": "nothing",
}
"""What the other commands are tried with; those that are not here take nothing."""


@cache
def group(program: str) -> Any:
    """The group of a program's commands."""
    return climc.command() if program == "climc" else cloudcli.command(program, "")


class Commands:
    """Commands that run in this process, on a cache and under rules of their own."""

    def __init__(self, database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database, self.rules = database, folder / "policy.toml"
        monkeypatch.setenv("CLIMC_DB", str(database.path))
        monkeypatch.setenv("CLOUDMUX_POLICY", str(self.rules))
        monkeypatch.setattr("sys.stdin", None)
        self.rules.write_text("")

    def words(self, provider: str) -> str:
        """What the commands that take an account's keys are told."""
        raise NotImplementedError

    def code(self, program: str, line: str) -> int:
        """The exit code of a command."""
        try:
            group(program).main(args=line.split(), prog_name=program, standalone_mode=False)
        except SystemExit as end:
            return int(end.code or 0)
        except CloudmuxError as error:
            return error.exit_code
        return 0

    def ids(self, keyword: str, account: str) -> list[str]:
        rows = self.database.rows(
            f"SELECT id FROM {resource_type(keyword).plural} WHERE deleted = 0 AND account = ?"
            " ORDER BY external_id LIMIT 2",
            [account],
        )
        return [row["id"] for row in rows]


class Trial(Commands):
    """The commands of a world."""

    def __init__(self, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(world.database, folder, monkeypatch)
        self.world = world
        for provider, keys in (("aliyun", ("ALIYUN_ACCESS_KEY", "ALIYUN_SECRET")), ("qcloud", ("QCLOUD_SECRET_ID",))):
            monkeypatch.setenv(keys[0], world.emulator.world.of(provider)[0].access_key)
            monkeypatch.setenv(f"{provider.upper()}_ENDPOINT", world.emulator.url)
        monkeypatch.setenv("ALIYUN_SECRET", world.emulator.secret)
        monkeypatch.setenv("QCLOUD_SECRET_KEY", world.emulator.secret_key)

    def words(self, provider: str) -> str:
        keys = self.world.emulator.world.of(provider)[0]
        return f"{'app ' if provider == 'qcloud' else ''}{keys.access_key} {keys.secret}"

    def changed(self) -> list[str]:
        """The changing calls that the clouds saw, whatever they answered."""
        names = {c.action for p in REGION for b in bindings_of(p, resource_types()) for c in changing_calls(b)}
        return [
            call.action
            for call in self.world.emulator.requests
            if call.action in names or not call.action.startswith(READING)
        ]


@pytest.fixture
def trial(make_world: Callable[..., World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Trial]:
    def make(**options: Any) -> Trial:
        regions = {name: [HOME[name], id] for name, id in REGION.items()}
        return Trial(make_world(regions=regions, **options), tmp_path, monkeypatch)

    return make


def synced(trial: Trial, *keywords: str, **changes: Any) -> None:
    """All rows in the cache and unlocked, and the accounts changed."""
    world, found = trial.world, list(trial.world.accounts.values())
    sync(world.database, found, Options(resources=list(keywords)))
    for keyword in keywords or [row.keyword for row in resource_types()]:
        world.database.execute(f"UPDATE {resource_type(keyword).plural}_tbl SET disable_delete = 0")
    for account in found:
        accounts.update(world.database, account, changes)


def lines(trial: Commands, account: Account, task: str) -> Iterator[str]:
    """Every command of climc with all that it can be told for one account."""
    yield from of_types(trial, account)
    if EVERY or account.provider == "aliyun":
        yield from of_accounts(trial, account, task)


def of_types(trial: Commands, account: Account) -> Iterator[str]:
    """The commands of the types."""
    for number, row in enumerate(resource_types()):
        ids = trial.ids(row.keyword, account.name)
        texts = [
            f"{row.word()}-{verb} {text.format(id=id)}"
            for verb, texts in ARGUMENTS.items()
            if f"{row.word()}-{verb}" in climc.index()
            for text in texts
            for id in ids[:1]
        ]
        plain = [text for text in texts if "-delete " in text and text.endswith("--yes ")]
        yield from texts if EVERY else [*plain, *texts[number :: len(texts) or 1]]


def of_accounts(trial: Commands, account: Account, task: str) -> Iterator[str]:
    """All other commands."""
    told = {"account": account.id, "task": task, "words": trial.words(account.provider)}
    words_of_types = {f"{row.word()}-{verb}" for row in resource_types() for verb in climc.VERBS}
    other = tuple({"aliyun", "aws", "qcloud"} - {account.provider})
    for name in climc.index():
        if name not in words_of_types and not name.endswith(other) and name != "cloud-account-delete":
            yield f"{name} {OTHERS.get(name.removesuffix(f'-{account.provider}'), '').format(**told)}"


def of_cloudcli(provider: str, region: str) -> Iterator[str]:
    """Every command of cloudcli about a type; the id is nobody's."""
    for name, entry in cloudcli.index().items():
        if entry.type and entry.verb != "create":
            id = "x --yes" if entry.verb == "delete" else "x" if entry.verb in {"show", "access-info"} else ""
            yield f"{name} {'' if name in cloudcli.ABOUT else id} --provider {provider} --region {region}"


def planned(trial: Trial, keyword: str, provider: str, where: str) -> str:
    """A task that is planned, and of which nothing was sent."""
    found = candidate(trial.world, keyword, provider, where)
    return begin(trial.world, keyword, found).task.id


def test_a_read_only_account_changes_nothing_whatever_the_command(trial: Callable[..., Trial]) -> None:
    it = trial(instances=5)
    synced(it)
    task = planned(it, "elastic_search", "aliyun", "billing_type = 'postpaid' AND status = 'available'")
    for account in it.world.accounts.values():
        accounts.update(it.world.database, account, {"read_only": True})
    codes: dict[str, set[int]] = {}
    for account in it.world.accounts.values():
        for line in lines(it, account, task):
            codes.setdefault(line.split()[0], set()).add(it.code("climc", line))
    assert it.changed() == []
    deletable = [row.word() for p in REGION for row in resource_types() if (b := find_binding(row, p)) and b.deletes]
    assert all(codes[f"{word}-delete"] <= {2, 3, 6} and 6 in codes[f"{word}-delete"] for word in deletable)
    assert tasks.get(it.world.database, task).stage == "planned"


@pytest.mark.parametrize("provider", list(REGION))
def test_a_read_only_region_refuses_every_step_of_every_type(provider: str, trial: Callable[..., Trial]) -> None:
    it = trial(instances=2)
    keys = it.world.emulator.world.of(provider)[0]
    options: dict[str, Any] = {"access_key": keys.access_key, "secret": keys.secret, "endpoint": it.world.emulator.url}
    where = connect(provider, read_only=True, **options).region(REGION[provider])
    free = connect(provider, **options).region(REGION[provider])
    tried = 0
    for row in resource_types():
        binding = find_binding(row, provider)
        if binding is None or not binding.deletes:
            continue
        id = next(iter(free.list(row))).external_id
        steps: list[Callable[[], object]] = [
            lambda row=row, id=id: where.refusal(row, id),  # type: ignore[misc]
            lambda row=row, id=id: where.prepare_delete(row, id),  # type: ignore[misc]
            lambda row=row, id=id: where.delete(row, id),  # type: ignore[misc]
        ]
        if binding.stop:
            steps.append(lambda row=row, id=id: where.stop(row, id))  # type: ignore[misc]
        if binding.then:
            steps.append(lambda row=row, id=id: where.follow(row, id))  # type: ignore[misc]
        for step in steps:
            with pytest.raises(Refused, match="read-only"):
                step()
            tried += 1
    assert tried > 20
    assert it.changed() == []


def test_cloudcli_can_be_read_only_by_option_and_by_environment(
    trial: Callable[..., Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    it = trial(instances=3)
    for provider, region in REGION.items():
        where = f"--provider {provider} --region {region}"
        for row in resource_types():
            ids = list(it.world.emulator.rows(provider, region, row.keyword)) if find_binding(row, provider) else []
            flags = (FLAGS if EVERY else FLAGS[:2]) if ids else ()
            for number, flag in enumerate(flags):
                line = f"{row.word()}-delete {ids[0]} --yes {flag} {where}"
                if EVERY or number == 0:
                    assert it.code("cloudcli", f"--read-only {line}") in {2, 6}
                if EVERY or number == 1:
                    monkeypatch.setenv("CLOUDCLI_READ_ONLY", "1")
                    assert it.code("cloudcli", line) in {2, 6}
                    monkeypatch.delenv("CLOUDCLI_READ_ONLY")
        assert it.code("cloudcli", f"vpc-list --read-only {where}") == 0
    assert it.changed() == []


def test_the_second_call_of_a_deletion_waits_while_the_account_is_read_only(trial: Callable[..., Trial]) -> None:
    it = trial(instances=40, kinds=["kafka"])
    synced(it, "kafka")
    found = candidate(it.world, "kafka", "aliyun", "billing_type = 'postpaid' AND status = 'available'")
    deletion = begin(it.world, "kafka", found)
    deletion.timeout = 0
    assert deletion.run().stage == "accepted"
    it.world.emulator.clock.advance(60)

    def resume() -> int:
        return it.code("climc", f"task-resume {deletion.task.id} --wait-timeout 0")

    for lifted, changes in (({"read_only": False}, {"read_only": True}), ({"enabled": True}, {"enabled": False})):
        accounts.update(it.world.database, it.world.accounts["aliyun"], {"read_only": False} | changes)
        assert resume() == 6
        accounts.update(it.world.database, accounts.find(it.world.database, "ali"), lifted)
    it.rules.write_text('[[rule]]\neffect = "deny"\ntype = "kafka"\nverb = "delete"\n')
    assert resume() == 6
    assert it.changed() == ["ReleaseInstance"]
    it.rules.write_text("")
    resume()
    assert it.changed() == ["ReleaseInstance", "DeleteInstance"], "it was still due"


# The user's rules.


def test_a_rule_that_denies_all_stops_every_command_of_both_programs(trial: Callable[..., Trial]) -> None:
    it = trial(instances=3)
    synced(it)
    task = planned(it, "elastic_search", "aliyun", "billing_type = 'postpaid' AND status = 'available'")
    it.rules.write_text('[[rule]]\neffect = "deny"\n')
    before, sent = it.world.dump(), len(it.world.emulator.requests)
    chosen = 2 if EVERY else 1
    for account in list(it.world.accounts.values())[:chosen]:
        for line in [*lines(it, account, task), f"cloud-account-delete {account.id} --yes"]:
            assert it.code("climc", line) == 6, line
    for provider, region in list(REGION.items())[:chosen]:
        for line in of_cloudcli(provider, region):
            assert it.code("cloudcli", line) == 6, line
    assert it.world.dump() == before
    assert len(it.world.emulator.requests) == sent


def test_a_rule_holds_for_the_account_in_both_programs(trial: Callable[..., Trial]) -> None:
    it = trial(instances=5, kinds=["elastic_search"])
    synced(it, "elastic_search")
    account = it.world.accounts["aliyun"]
    it.rules.write_text(
        f'[[rule]]\neffect = "deny"\nverb = "delete"\ntype = "elastic-search"\naccount = "{account.cloud_account_id}"\n'
    )
    (id, *_), region = it.ids("elastic_search", "ali"), REGION["aliyun"]
    assert it.code("climc", f"elastic-search-delete {id} --yes --dry-run") == 6
    cloud_id = next(iter(it.world.emulator.rows("aliyun", region)))
    assert it.code("cloudcli", f"--provider aliyun --region {region} elastic-search-delete {cloud_id} --yes") == 6
    assert it.code("cloudcli", f"--provider aliyun --region {region} elastic-search-show {cloud_id}") == 0
    (other, *_) = it.ids("elastic_search", "ten")
    assert it.code("climc", f"elastic-search-delete {other} --yes --dry-run --wait-timeout 0") in {0, 6}
    assert it.changed() == []


def test_what_must_be_confirmed_takes_more_than_yes(trial: Callable[..., Trial], capsys: Any) -> None:
    it = trial(instances=12, kinds=["elastic_search"])
    synced(it, "elastic_search")
    it.rules.write_text('[[rule]]\neffect = "confirm"\nverb = ["delete", "purge", "sync"]\nprovider = "aliyun"\n')
    found = candidate(it.world, "elastic_search", "aliyun", "billing_type = 'postpaid' AND status = 'available'")
    line = f"elastic-search-delete {found['id']} --yes --wait-timeout 0"
    told = rf"{it.rules}:1 wants delete of elastic-search \(aliyun\) to be confirmed: give "
    with pytest.raises(Refused, match=told):
        group("climc").main(args=line.split(), prog_name="climc", standalone_mode=False)
    for wrong in ("yes", "1", "y"):
        assert it.code("climc", f"{line} --confirm {wrong}") == 6
    assert it.changed() == []
    assert it.code("climc", f"{line} --dry-run") == 0, "a dry run need not be confirmed"
    assert it.code("climc", f"{line} --confirm {found['name']}") == 5
    assert it.changed() == ["DeleteInstance"]
    assert it.code("climc", "cloud-account-sync ali") == 6
    assert it.code("climc", "cloud-account-sync ten --resources vpc") == 0
    first, second = it.ids("elastic_search", "ali")
    assert it.code("climc", f"elastic-search-purge {first} {second} --yes --confirm {first}") == 6
    assert it.code("climc", f"elastic-search-purge {first} {second} --confirm 2") == 0
    it.rules.write_text('[[rule]]\neffect = "confirm"\ntype = "db"\n')
    assert it.code("climc", "db prune --older-than 1 --dry-run") == 0
    assert it.code("climc", "db prune --older-than 1 --yes") == 6
    capsys.readouterr()


def test_an_account_s_new_name_takes_it_from_no_rule_silently(trial: Callable[..., Trial], capsys: Any) -> None:
    it = trial(instances=1, kinds=["vpc"])
    cloud_id = it.world.accounts["aliyun"].cloud_account_id
    it.rules.write_text(
        '[[rule]]\neffect = "deny"\nverb = "delete"\naccount = "ali"\n'
        f'[[rule]]\neffect = "deny"\nverb = "purge"\naccount = ["ali", "{cloud_id}"]\n'
    )
    capsys.readouterr()
    assert it.code("climc", "cloud-account-update-aliyun ali --desc unchanged") == 0
    assert capsys.readouterr().err == ""
    assert it.code("climc", "cloud-account-update-aliyun ali --name lab") == 0
    told = capsys.readouterr().err
    assert (told.count("\n"), f"warning: the rule at {it.rules}:1 was about account ali" in told) == (1, True), told


def test_resuming_what_was_planned_obeys_rules_that_are_newer(trial: Callable[..., Trial]) -> None:
    it = trial(instances=12, kinds=["elastic_search"])
    synced(it, "elastic_search")
    task = planned(it, "elastic_search", "aliyun", "billing_type = 'postpaid' AND status = 'available'")
    rule = '[[rule]]\neffect = "{}"\ntype = "{}"\nverb = "{}"\naccount = "ali"\n'
    for effect, type, verb, code in (
        ("deny", "elastic-search", "delete", 6),
        ("confirm", "elastic-search", "delete", 6),
        ("deny", "task", "resume", 6),
        ("confirm", "task", "resume", 6),
    ):
        it.rules.write_text(rule.format(effect, type, verb))
        assert it.code("climc", f"task-resume {task} --wait-timeout 0") == code, (effect, type)
    assert it.changed() == []
    it.rules.write_text(rule.format("confirm", "elastic-search", "delete"))
    it.code("climc", f"task-resume {task} --wait-timeout 0 --confirm {task}")
    assert it.changed() == ["DeleteInstance"]


@pytest.mark.parametrize("line", ["climc db path", "cloudcli vpc-list --provider aliyun"])
def test_a_broken_file_stops_every_command(line: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('[[rule]]\neffect = "deny"\nverb = delete\n')
    env = {**os.environ, "CLOUDMUX_POLICY": str(path), "CLIMC_DB": str(tmp_path / "c.db")}
    done = programs.run(line.split(), env=env)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {path}:3: the policy file cannot be understood: ")
    assert done.stderr.count("\n") == 1
    assert programs.run([*line.split(), "--help"], env=env).returncode == 0


# Locks.


def locked(it: Trial, keyword: str) -> dict[str, bool]:
    rows = it.world.database.rows(f"SELECT external_id, disable_delete FROM {keyword}s_tbl WHERE deleted = 0")
    return {row["external_id"]: bool(row["disable_delete"]) for row in rows}


def test_nothing_but_the_user_lifts_a_lock_and_an_event_tells(trial: Callable[..., Trial]) -> None:
    it = trial(instances=5, kinds=["elastic_search"])
    world, account = it.world, it.world.accounts["aliyun"]
    sync(world.database, [account], Options(resources=["elastic_search"]))
    assert all(locked(it, "elastic_search").values())
    id, *_ = it.ids("elastic_search", "ali")
    found = find(world.database, resource_type("elastic_search"), id)
    cloud_id, region = found["external_id"], found["cloudregion_id"].partition("/")[2]
    # Looked at anew, changed in the cloud, gone and back: the row stays locked, whatever the account says of new rows.
    accounts.update(world.database, account, {"no_delete_lock": True})
    kept = world.emulator.table("aliyun", region).rows()[cloud_id]
    world.emulator.table("aliyun", region).patch(cloud_id, {"description": "renamed"})
    assert it.code("climc", f"elastic-search-syncstatus {id}") == 0
    assert it.code("climc", "cloud-account-sync ali --resources elastic_search --full-sync") == 0
    world.emulator.table("aliyun", region).remove(cloud_id)
    assert it.code("climc", "cloud-account-sync ali --resources elastic_search") == 0
    assert cloud_id not in locked(it, "elastic_search")
    world.emulator.table("aliyun", region).put(cloud_id, kept)
    assert it.code("climc", "cloud-account-sync ali --resources elastic_search") == 0
    assert locked(it, "elastic_search")[cloud_id]
    for line in (f"purge {id} --yes", f"add-tag {id} a=b", f"update {id} --description x"):
        it.code("climc", f"elastic-search-{line}")
    assert it.code("climc", "cloud-account-sync ali --resources elastic_search") == 0
    assert locked(it, "elastic_search")[cloud_id]


def test_forgetting_a_row_and_syncing_locks_it_again(trial: Callable[..., Trial]) -> None:
    it = trial(instances=5, kinds=["elastic_search"])
    sync(it.world.database, [it.world.accounts["aliyun"]], Options(resources=["elastic_search"]))
    id, *_ = it.ids("elastic_search", "ali")
    assert it.code("climc", f"elastic-search-update {id} --delete enable") == 0
    row = find(it.world.database, resource_type("elastic_search"), id)
    assert not row["disable_delete"]
    notes = it.world.database.one("SELECT notes FROM opslog_tbl WHERE obj_id = ? ORDER BY id DESC LIMIT 1", [id])
    assert notes
    assert json.loads(notes["notes"]) == {"disable_delete": {"old": True, "new": False}}, "it is told"
    assert it.code("climc", f"elastic-search-purge {id} --yes") == 0
    assert it.code("climc", "cloud-account-sync ali --resources elastic_search") == 0
    assert locked(it, "elastic_search")[row["external_id"]]
    assert it.code("climc", f"elastic-search-delete {id} --yes") == 6


def test_a_restore_tells_what_it_lifts(trial: Callable[..., Trial], tmp_path: Path, capsys: Any) -> None:
    it = trial(instances=5, kinds=["elastic_search"])
    sync(it.world.database, [it.world.accounts["aliyun"]], Options(resources=["elastic_search"]))
    id, *_ = it.ids("elastic_search", "ali")
    assert it.code("climc", f"elastic-search-update {id} --delete enable") == 0
    assert it.code("climc", f"db backup {tmp_path / 'old.db'}") == 0
    assert it.code("climc", f"elastic-search-update {id} --delete disable") == 0
    assert it.code("climc", "cloud-account-update-aliyun ali --read-only") == 0
    assert it.code("climc", "cloud-account-disable ten") == 0
    it.world.database.close()
    capsys.readouterr()
    assert it.code("climc", f"db restore {tmp_path / 'old.db'} --yes") == 0
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "warning: account ali is writable again",
        "warning: account ten is enabled again",
        "warning: 1 rows of elastic_search are unlocked again",
    ]


def test_a_restore_knows_an_account_that_was_added_anew(
    trial: Callable[..., Trial], tmp_path: Path, capsys: Any
) -> None:
    it = trial(instances=5, kinds=["elastic_search"])
    options = Options(resources=["elastic_search"])
    sync(it.world.database, [it.world.accounts["aliyun"]], options)
    id, *_ = it.ids("elastic_search", "ali")
    assert it.code("climc", f"elastic-search-update {id} --delete enable") == 0
    assert it.code("climc", f"db backup {tmp_path / 'old.db'}") == 0
    purge_account(it.world.database, accounts.find(it.world.database, "ali"))
    anew = it.world.add("aliyun", "anew", read_only=True)
    sync(it.world.database, [anew], options)
    assert all(locked(it, "elastic_search").values())
    it.world.database.close()
    capsys.readouterr()
    assert it.code("climc", f"db restore {tmp_path / 'old.db'} --yes") == 0
    told = capsys.readouterr().err
    assert "warning: account ali is writable" in told
    assert "warning: 1 rows of elastic_search are unlocked again" in told


def test_who_wants_no_locks_gets_none_back(trial: Callable[..., Trial]) -> None:
    it = trial(instances=5, kinds=["elastic_search"])
    accounts.update(it.world.database, it.world.accounts["aliyun"], {"no_delete_lock": True})
    found = accounts.find(it.world.database, "ali")
    sync(it.world.database, [found], Options(resources=["elastic_search"]))
    id, *_ = it.ids("elastic_search", "ali")
    assert it.code("climc", f"elastic-search-purge {id} --yes") == 0
    assert it.code("climc", "cloud-account-sync ali --resources elastic_search") == 0
    assert not any(locked(it, "elastic_search").values())


# Permissions.


def test_denied_names_what_is_missing_and_where_the_policy_is(trial: Callable[..., Trial], tmp_path: Path) -> None:
    it = trial(instances=3, kinds=["elastic_cache", "disk"])
    it.world.emulator.fault("error", action="DescribeInstances", code="Forbidden.RAM", status=403)
    it.world.emulator.fault("error", action="DescribeDisks", code="UnauthorizedOperation")
    for line, name in (
        ("--provider aliyun --region cn-beijing elastic-cache-list", "RAM grants it as kvstore:DescribeInstances"),
        ("--provider qcloud --region ap-beijing disk-list", "CAM grants it as cvm:DescribeDisks"),
    ):
        done = programs.run(["cloudcli", *line.split()], env=dict(os.environ))
        assert done.returncode == 4
        assert f"; {name}; cloudcli policy, or climc cloud-account-policy, prints the whole policy" in done.stderr
        assert done.stderr.count("\n") == 1
    done = programs.run(["climc", "cloud-account-sync", "ten", "--resources", "disk"], env=dict(os.environ))
    assert done.returncode == 4
    assert "CAM grants it as cvm:DescribeDisks" in done.stderr


def test_the_policy_of_some_types_is_just_what_they_need(trial: Callable[..., Trial], capsys: Any) -> None:
    it = trial(instances=1, kinds=["kafka"])
    assert it.code("climc", "cloud-account-policy ali --for delete --resources kafka,elastic-cache") == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "alikafka:ListInstance",
                    "ecs:DescribeRegions",
                    "kvstore:DescribeInstanceAttribute",
                    "kvstore:DescribeInstanceAutoRenewalAttribute",
                    "kvstore:DescribeInstances",
                    "kvstore:DescribeRegions",
                    "alikafka:ReleaseInstance",
                    "kvstore:DeleteInstance",
                ],
                "Resource": "*",
            }
        ],
    }
    assert "unverified" in told.err
    assert "alikafka" not in told.err
    assert it.code("climc", "cloud-account-policy ten --resources eip --query statement[0].action -o json") == 0
    allowed = ["name/cvm:DescribeAddresses", "name/cvm:DescribeRegions", "name/sts:GetCallerIdentity"]
    assert set(allowed[:1] + allowed[2:]) <= set(json.loads(capsys.readouterr().out))
    assert it.code("cloudcli", "policy --provider aws --resources elastic-search -o json") == 0
    assert "es:DescribeDomains" in json.loads(capsys.readouterr().out)["Statement"][0]["Action"]
    assert it.code("climc", "cloud-account-policy ali --for everything") == 2
    assert it.changed() == []


def test_check_names_each_missing_permission_and_changes_nothing(trial: Callable[..., Trial], capsys: Any) -> None:
    it = trial(instances=3)
    line = "cloud-account-policy {} --for delete --check -o json"

    def results(account: str, code: int) -> dict[str, str]:
        assert it.code("climc", line.format(account)) == code
        return {row["permission"]: row["result"] for row in json.loads(capsys.readouterr().out)["data"]}

    for account, gone in (
        ("ali", {"DescribeDisks", "GetResourceGroup", "DescribeInstanceAutoRenewalAttribute"}),
        ("ten", {"DescribeDisks"}),
    ):
        whole = results(account, 0)
        assert set(whole.values()) == {"granted", "not tried"}
        assert {name for name in whole if "Delete" in name} <= {n for n, found in whole.items() if found == "not tried"}
        assert it.code("climc", f"cloud-account-policy {account} --check -o json") == 0
        assert {row["result"] for row in json.loads(capsys.readouterr().out)["data"]} == {"granted"}, "none left out"
        code = {"ali": "Forbidden.RAM", "ten": "UnauthorizedOperation"}[account]
        for action in gone:
            it.world.emulator.fault("error", action=action, code=code)
        missing = {name.partition(":")[2] for name, found in results(account, 4).items() if found == "denied"}
        assert missing == gone
        it.world.emulator.world.faults.clear()
    assert it.changed() == []


def test_check_tells_denied_from_not_found_and_from_what_tells_neither(
    trial: Callable[..., Trial], capsys: Any
) -> None:
    it = trial(instances=0)
    it.world.emulator.fault("error", action="DescribeVpcs", provider="aliyun", code="Somehow.Odd")

    def results(account: str, types: str) -> dict[str, str]:
        it.code("climc", f"cloud-account-policy {account} --check -o json --resources {types}")
        return {row["permission"]: row["result"] for row in json.loads(capsys.readouterr().out)["data"]}

    found = results("ali", "elastic-search,server,vpc")
    assert found["elasticsearch:DescribeInstance"] == "granted", "an id that nobody has is not found, which is allowed"
    assert found["ecs:DescribeInstances"] == "unknown", "an empty list comes without the permission too"
    assert found["vpc:DescribeVpcs"] == "unknown"
    it.world.emulator.fault("error", action="DescribeInstance", code="Forbidden.RAM")
    assert results("ali", "elastic-search")["elasticsearch:DescribeInstance"] == "denied"
    it.world.emulator.fault("error", action="DescribeInstances", provider="qcloud", code="AuthFailure.SecretIdNotFound")
    assert it.code("climc", "cloud-account-policy ten --check --resources server") == 4


ON_A_TERMINAL = """
import os, sys
os.setsid()
for number in (0, 2):
    os.dup2(os.open(sys.argv[1], os.O_RDWR), number)  # the first terminal that a session opens becomes its own
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_what_must_be_confirmed_can_be_typed(trial: Callable[..., Trial]) -> None:
    """On a real terminal: a wrong name does nothing, the right one suffices without a further question."""
    it = trial(instances=5, kinds=["elastic_search"])
    synced(it, "elastic_search")
    it.rules.write_text('[[rule]]\neffect = "confirm"\nverb = "purge"\n')
    id, _ = it.ids("elastic_search", "ali")
    name = find(it.world.database, resource_type("elastic_search"), id)["name"]
    for answer, code in (("y", 6), (name, 0)):
        ours, theirs = os.openpty()
        words = [os.ttyname(theirs), str(Path(sys.executable).parent / "climc"), "elastic-search-purge", id, "--yes"]
        with subprocess.Popen([sys.executable, "-c", ON_A_TERMINAL, *words], stdout=subprocess.DEVNULL) as process:
            told = b""
            while f"type {name}:".encode() not in told:
                told += os.read(ours, 1000)
            os.write(ours, f"{answer}\n".encode())
            assert process.wait(30) == code
        os.close(ours)
        os.close(theirs)
    assert it.ids("elastic_search", "ali")[0] != id
