"""``climc why``: three lines that tell what took a row away, from what the event of its removal keeps."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from climc_py.models.why import COLUMNS

from ..conftest import REGIONS, World
from .test_climc import Shell

PROVIDERS = pytest.mark.parametrize("provider", ["aliyun", "qcloud"])


@pytest.fixture
def small(make_world: Callable[..., World]) -> World:
    world = make_world(instances=6)
    for provider in REGIONS:
        world.sync(provider)
    return world


@pytest.fixture
def shell(small: World, tmp_path: Path) -> Shell:
    return Shell(small, tmp_path)


def row_of(world: World, external_id: str) -> dict[str, Any]:
    found = world.database.one("SELECT * FROM elastic_searchs WHERE external_id = ?", [external_id])
    assert found
    return dict(found)


def lines(shell: Shell, word: str) -> list[str]:
    done = shell.run(f"climc why '{word}'")
    assert (done.returncode, done.stderr) == (0, "")
    told: list[str] = done.stdout.splitlines()
    assert len(told) == 3
    assert json.loads(shell.run(f"climc why '{word}' -o json").stdout)["why"] == told
    return told


@PROVIDERS
def test_what_a_sync_removed_tells_list_proof_caller_and_time(small: World, shell: Shell, provider: str) -> None:
    gone = small.ids(provider)[0]
    small.remove(provider, gone)
    assert small.sync(provider)[small.region(provider)].removed == 1
    row, account = row_of(small, gone), small.accounts[provider]
    told = shell.json(f"climc why {gone} -o json")
    assert list(told) == list(COLUMNS)
    assert (told["gone"], told["by"], told["locked"]) == (True, "sync", True)
    assert (told["id"], told["gone_at"]) == (row["id"], row["deleted_at"])
    expected = {"aliyun": ("strong", "InstanceNotFound"), "qcloud": ("weak", "")}[provider]
    assert (told["strength"], told["code"]) == expected
    assert (told["listing_pages"], len(told["listing_request_ids"])) == (1, 1)
    assert (told["caller_account_id"], told["cloud_account_id"]) == (account.cloud_account_id,) * 2
    assert told["caller_user_id"]
    first, second, third = lines(shell, gone)
    assert f"is gone since {row['deleted_at']}: a sync found it gone, although it was locked here" in first
    assert f"account {account.name}, region {small.region(provider)}" in first
    assert f"list of 1 page, begun {told['listing_began']}" in second
    assert told["listing_request_ids"][0] in second
    assert third.startswith(f"Proof: {' '.join(filter(None, expected))}: ")
    assert told["request_id"] in third
    assert told["request_id"] not in told["listing_request_ids"]
    assert f"Caller: cloud account {account.cloud_account_id} (user {told['caller_user_id']})." in third
    assert lines(shell, row["id"]) == lines(shell, row["name"]) == [first, second, third]


def test_what_climc_deleted_tells_its_task(small: World, shell: Shell) -> None:
    small.database.execute("UPDATE elastic_searchs_tbl SET disable_delete = 0")
    found = small.database.one(
        "SELECT * FROM elastic_searchs WHERE account = 'ali' AND billing_type = 'postpaid' AND status = 'available'"
    )
    assert found
    living = lines(shell, found["id"])
    assert living[0].endswith("is not gone.")
    assert living[1].startswith("Its scope was synced completely at 2")
    assert living[2] == "No task was made for it."
    done = shell.run(f"climc elastic-search-delete {found['id']} --yes --wait-timeout 0 -o json")
    (outcome,) = json.loads(done.stdout)["data"]
    if outcome["stage"] != "done":
        assert lines(shell, found["id"])[2] == f"Its last task: {outcome['task']}, accepted."
        small.emulator.world.hasten(3600)
        assert shell.run("climc task-resume").returncode == 0
    first, second, third = lines(shell, found["external_id"])
    assert first.endswith(": climc deleted it.")
    assert second == f"Task {outcome['task']} ended as done."
    assert third.startswith("Proof: strong InstanceNotFound: ")
    assert f"Caller: cloud account {small.accounts['aliyun'].cloud_account_id} " in third


def test_what_was_gone_before_the_deletion_was_sent_says_so(small: World, shell: Shell) -> None:
    small.database.execute("UPDATE elastic_searchs_tbl SET disable_delete = 0")
    gone = small.ids("aliyun")[0]
    small.remove("aliyun", gone)
    assert shell.run(f"climc elastic-search-delete {gone} --yes").returncode == 0
    first, second, third = lines(shell, gone)
    assert first.endswith("climc was to delete it, and found it gone.")
    assert second == "No deletion was sent."
    assert "InstanceNotFound" in third


def test_what_was_forgotten_here_does_not_claim_that_the_cloud_lost_it(small: World, shell: Shell) -> None:
    purged, other = small.ids("aliyun")[:2]
    assert shell.run(f"climc elastic-search-purge {purged} --yes").returncode == 0
    first, second, _ = lines(shell, purged)
    assert first.endswith("it was forgotten here, by purge.")
    assert second == "No cloud was asked: it may well exist."
    assert shell.run("climc cloud-account-disable ali && climc cloud-account-delete ali --yes").returncode == 0
    first, second, _ = lines(shell, other)
    assert first.endswith("its account was deleted here, and all its rows with it.")
    assert second == "No cloud was asked: it may well exist."


def test_a_row_that_came_back_is_not_gone(small: World, shell: Shell) -> None:
    id = small.ids("aliyun")[0]
    assert shell.run(f"climc elastic-search-purge {id} --yes").returncode == 0
    small.sync("aliyun")
    assert lines(shell, id)[0].endswith("is not gone.")


def test_a_row_that_is_held_tells_since_when_it_is_missing(small: World, shell: Shell) -> None:
    id = small.ids("qcloud")[0]
    small.emulator.fault("hide-rows", region=small.region("qcloud"))
    assert small.sync("qcloud")[small.region("qcloud")].held
    since = row_of(small, id)["missing_since"]
    assert lines(shell, id)[1].startswith(f"The cloud's list lacks it since {since}, without proof")


def test_unknown_and_ambiguous_words(small: World, shell: Shell) -> None:
    done = shell.run("climc why nonesuch")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    first, second, third = small.ids("aliyun")[:3]
    for id in (first, second):
        assert shell.run(f"climc elastic-search-update {id} --name twin").returncode == 0
        assert shell.run(f"climc elastic-search-purge {id} --yes").returncode == 0
    done = shell.run("climc why twin")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert row_of(small, first)["id"] in done.stderr
    assert row_of(small, second)["id"] in done.stderr
    assert shell.run(f"climc elastic-search-update {third} --name twin").returncode == 0
    assert third in lines(shell, "twin")[0], "what lives comes first"


def test_columns_and_other_formats(small: World, shell: Shell) -> None:
    id = small.ids("aliyun")[0]
    row = row_of(small, id)
    assert shell.run(f"climc why {id} -o id").stdout == f"{row['id']}\n"
    assert shell.json(f"climc why {id} -o json --columns gone,name") == {"gone": False, "name": row["name"]}
    done = shell.run(f"climc why {id} --columns nosuch")
    assert (done.returncode, done.stdout) == (2, "")


def test_a_hostile_name_is_harmless_in_the_lines(small: World, shell: Shell) -> None:
    id = small.ids("aliyun")[0]
    small.rename("aliyun", id, "a\x1b[31m\nb\u202e")
    small.sync("aliyun")
    done = shell.run(f"climc why {id}")
    assert done.stdout.count("\n") == 3
    assert 'elastic-search "a\\x1b[31m\\x0ab\\u202e" (' in done.stdout
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
