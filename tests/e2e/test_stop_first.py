"""``--stop-first`` as users type it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudmux_py.emulator import Emulator

from .test_cloudcli import HOME, Cli

STATE = {"aliyun": ("Status", "Running"), "qcloud": ("InstanceState", "RUNNING")}
CALLS = {"aliyun": ["StopInstance", "DeleteInstance"], "qcloud": ["StopInstances", "TerminateInstances"]}

both = pytest.mark.parametrize("provider", list(HOME))


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    with Emulator(instances=3, kinds=["server"]) as emulator:
        yield Cli(emulator, tmp_path)


def running(cli: Cli, provider: str) -> str:
    id = next(iter(cli.emulator.rows(provider, HOME[provider], "server")))
    key, value = STATE[provider]
    cli.emulator.table(provider, HOME[provider], "server").patch(id, {key: value})
    for call in CALLS[provider]:
        cli.emulator.on(f"after {call}", lambda call: call.world.clock.advance(5))
    return id


def changes(cli: Cli) -> list[str]:
    return [action for action in cli.sent() if not action.startswith("Describe")]


@both
def test_what_runs_is_stopped_then_deleted(provider: str, cli: Cli) -> None:
    id = running(cli, provider)
    done = cli.ok("server-delete", id, "--stop-first", "--wait", "--yes", "-o", "json", provider=provider)
    assert [(row["external_id"], row["result"]) for row in json.loads(done)["data"]] == [(id, "gone")]
    assert changes(cli) == CALLS[provider]
    cli.fails(3, "the cloud knows no such id here", "server-show", id, provider=provider)


def test_without_it_what_runs_stays(cli: Cli) -> None:
    id = running(cli, "aliyun")
    cli.fails(6, r"nothing was deleted: .*it is running, .*--stop-first stops it", "server-delete", id, "--yes")
    assert changes(cli) == []


@both
def test_a_dry_run_stops_nothing(provider: str, cli: Cli) -> None:
    id = running(cli, provider)
    assert "would be deleted" in cli.ok("server-delete", id, "--stop-first", "--dry-run", provider=provider)
    assert changes(cli) == []


@both
def test_what_cannot_be_stopped_is_not_deleted(provider: str, cli: Cli) -> None:
    id = running(cli, provider)
    cli.emulator.fault("error", action=CALLS[provider][0], code="OperationDenied.Somehow")
    done = cli.fails(1, "OperationDenied.Somehow", "server-delete", id, "--stop-first", "--yes", provider=provider)
    assert "failed" in done.stdout
    assert changes(cli) == CALLS[provider][:1]
