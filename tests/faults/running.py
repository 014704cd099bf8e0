"""Runs a cell: a fresh cloud and cache, one fault, one command."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self

from cloudmux_py import connect
from cloudmux_py.cloudprovider.billing import PREPAID
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.credentials import Credentials
from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.state import Request
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources import resource_type

from .. import programs
from . import network
from .cells import MAIN, Cell, binding_of
from .matrix import (
    ASK,
    COMMANDS,
    DELETE,
    EXTRA,
    FULL,
    GET,
    IDENTITY,
    LIST,
    ON,
    POLL,
    REGIONS,
    RUN,
    STOP,
    SYNCS,
    THEN,
)

HERE = {"aliyun": ("cn-hangzhou", "cn-beijing"), "qcloud": ("ap-guangzhou", "ap-shanghai")}
"""Of each cloud its home region, in which faults are made, and another one."""

ROWS = 8
RUNNING = {"aliyun": {"Status": "Running"}, "qcloud": {"InstanceState": "RUNNING"}}
CHANGED = {"aliyun": {"description": "renamed"}, "qcloud": {"InstanceName": "renamed"}}
HOUR = 3600.0
PATIENT = 30
"""Seconds for a call of what only prepares."""

LATER = 120.0
"""Seconds in which whatever an emulated cloud was asked for has happened."""

Rows = dict[str, dict[str, Any]]
Known = dict[tuple[str, str, str, str], tuple[list[Request], int]]


class Seen(NamedTuple):
    """What happened.

    Attributes:
        cell: The cell.
        done: The program's end.
        requests: The calls that arrived.
        before: The type's rows in the cache, by cloud id; empty for ``cloudcli``.
        after: The same, afterwards.
        tasks: The tasks in the cache.
        resumed: The tasks after a resume without the fault, and the calls that it took; None without an open task.
        id: The row that the command is about.
        gone: By region, the row that the cloud has no more.
        deletes: The calls that delete.
        without: The exit code without the fault.
        cache: Every byte of the cache.
    """

    cell: Cell
    done: programs.Done
    requests: list[Request]
    before: Rows
    after: Rows
    tasks: list[dict[str, Any]]
    resumed: tuple[list[dict[str, Any]], list[Request]] | None
    id: str
    gone: dict[str, str]
    deletes: frozenset[str]
    without: int
    cache: bytes


class Stand:
    """An emulator and a cache of both clouds that is copied for each cell.

    Args:
        folder: For the caches.
        keywords: The types that are synced beforehand.
        seconds: How long a call may take.
        known: The calls of commands that meet no fault, which all stands have in common.
    """

    def __init__(self, folder: Path, keywords: list[str], seconds: int, known: Known) -> None:
        self.folder = folder
        self.seconds = seconds
        self.keywords = keywords
        self.emulator = Emulator(instances=ROWS, regions={cloud: list(names) for cloud, names in HERE.items()})
        self.template = folder / "template.db"
        self.cache = folder / "cell" / "cache.db"
        self.known = known
        self.free: dict[tuple[str, str, bool, bool], str] = {}
        self.stack = ExitStack()

    def __enter__(self) -> Self:
        self.stack.enter_context(self.emulator)
        self.closed = self.stack.enter_context(network.closed_port())
        self.full = self.stack.enter_context(network.full_port())
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("ALIYUN", "QCLOUD"))}
        self.env |= {"CLIMC_KEY_FILE": str(self.folder / "key"), "HOME": str(self.folder)}
        url = self.emulator.url
        self.env |= {"ALIYUN_ACCESS_KEY": self.emulator.access_key, "ALIYUN_SECRET": self.emulator.secret}
        self.env |= {"QCLOUD_SECRET_ID": self.emulator.secret_id, "QCLOUD_SECRET_KEY": self.emulator.secret_key}
        self.env |= {"ALIYUN_ENDPOINT": url, "QCLOUD_ENDPOINT": url, "CLIMC_DB": str(self.template)}
        for provider in HERE:
            self.must(f"climc cloud-account-create-{provider} {provider} --no-delete-lock")
        self.must(f"climc cloud-account-sync --all --resources {','.join(self.keywords)}")
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def must(self, line: str) -> None:
        """Run what prepares."""
        done = self.run(line, PATIENT)
        assert done.returncode == 0, done.stderr

    def run(self, line: str, seconds: int, after: int = 0, port: int | None = None) -> programs.Done:
        """Run a program, whose connections after so many lead to a port."""
        return programs.run(line.split(), env=self.env, arrange=partial(network.arrange, seconds, after, port))

    # Cells.

    def cell(self, cell: Cell) -> Seen:
        """Run one cell."""
        calls, without = self.without(cell)
        line, deletes = self._fresh(cell, self.seconds), _deletes(cell)
        before = self._rows(cell)
        with self._fault(cell, calls) as (extra, after, port):
            done = self.run(line + extra, self.seconds, after, port)
        requests, now, tasks = list(self.emulator.requests), self._rows(cell), self._tasks()
        resumed = self._resumed() if any(task["ended_at"] is None for task in tasks) else None
        cache = b"".join(file.read_bytes() for file in self.cache.parent.iterdir() if file.is_file())
        return Seen(
            *(cell, done, requests, before, now, tasks, resumed, self._id(cell), self.gone, deletes, without, cache)
        )

    def without(self, cell: Cell) -> tuple[list[Request], int]:
        """The calls of a command that meets no fault, and its exit code."""
        key = (cell.provider, cell.keyword, cell.command, self._id(cell))
        if key not in self.known:
            done = self.run(self._fresh(cell, PATIENT), PATIENT)
            self.known[key] = (list(self.emulator.requests), done.returncode)
            assert done.returncode in {0, 5}, f"{cell} without its fault: {done.stderr}"
        return self.known[key]

    def _fresh(self, cell: Cell, seconds: int) -> str:
        """A cloud as at the start, a cache as after a sync, and the command."""
        self.emulator.reset()
        self.env["CLIMC_DB"] = str(self.cache)
        shutil.rmtree(self.cache.parent, ignore_errors=True)
        self.cache.parent.mkdir()
        if cell.command.startswith("climc"):
            shutil.copy(self.template, self.cache)
        home = HERE[cell.provider][0]
        id = self._id(cell)
        if "--stop-first" in cell.command:
            self.emulator.table(cell.provider, home, cell.keyword).patch(id, RUNNING[cell.provider])
            self.emulator.on("after StopInstance", _hasten)
            self.emulator.on("after StopInstances", _hasten)
        self.gone = self._follow(cell)
        if cell.command == "climc task-resume":
            begun = COMMANDS["climc delete"].format(word=cell.keyword.replace("_", "-"), id=id)
            assert self.run(begun, PATIENT).returncode == 5, "its deletion must be under way"
            self.emulator.world.hasten(LATER)
        self.emulator.requests.clear()
        words = {"provider": cell.provider, "region": home, "word": cell.keyword.replace("_", "-"), "id": id}
        return COMMANDS[cell.command].format(**words, seconds=seconds)

    def _follow(self, cell: Cell) -> dict[str, str]:
        """Change each region of the cloud: one row goes; of the main type, another has a new name."""
        gone: dict[str, str] = {}
        if cell.keyword in {"zone", "project"} or cell.command != "climc sync":
            return gone
        cached = self._rows(cell).keys() - {self._id(cell)}
        for region in HERE[cell.provider]:
            table = self.emulator.table(cell.provider, region, cell.keyword)
            known = [id for id in table.rows() if id in cached]
            table.remove(known[0])
            gone[region] = known[0]
            if cell.keyword == MAIN:
                table.patch(known[1], CHANGED[cell.provider])
        return gone

    def _id(self, cell: Cell) -> str:
        """A row of the home region that may be deleted, where the type has such, or of which more is asked."""
        stopping, more = "--stop-first" in cell.command, cell.role == EXTRA and "delete" not in cell.command
        key = (cell.provider, cell.keyword, stopping, more)
        if key not in self.free:
            account = self.emulator.world.of(cell.provider)[0]
            keys = Credentials(cell.provider, account.access_key, account.secret, endpoint=self.emulator.url)
            live = connect(cell.provider, credentials=keys).region(HERE[cell.provider][0])
            binding, row = binding_of(cell.provider, cell.keyword), resource_type(cell.keyword)
            assert binding
            options, made_up = (
                DeleteOptions(stop_first=stopping),
                {binding.id_of(Raw(each)) for each in binding.unlisted},
            )
            rows = [item for item in live.list(row) if item.external_id not in made_up and item.status not in BUSY]
            # What is paid by use last: it is taken, as a prepaid one may end in a recycle bin.
            ids = [item.external_id for item in sorted(rows, key=lambda i: getattr(i, "billing_type", "") != PREPAID)]
            if more:
                under = {extra.under for extra in binding.extras}
                fit = [id for id in ids if under & live.raw_get(row, id).keys()]
            else:
                fit = [id for id in ids if not binding.deletes or not live.refusal(row, id, options)[1]]
            self.free[key] = fit[-1]
        return self.free[key]

    # Faults.

    @contextmanager
    def _fault(self, cell: Cell, calls: list[Request]) -> Iterator[tuple[str, int, int | None]]:
        """While a fault is switched on: what the command line needs more, and where connections lead."""
        fault, extra = cell.fault, ""
        before, nth, action = _place(cell, calls)
        here = f" --region {HERE[cell.provider][0]}" if cell.command in SYNCS else ""
        if fault.kind == "resolver":
            self.emulator.fault("close")
            ports = {"unknown": 0, "refused": self.closed, "stalled": self.full}
            yield here, before, ports[fault.options["how"]]
            return
        if fault.kind == "keys":
            self._change_keys(cell.provider, fault.options["how"])
        elif fault.extent == ON:
            extra = here
            self.emulator.fault(fault.kind, provider=cell.provider, after=before, **fault.options)
        elif fault.extent != RUN:
            where = {"region": HERE[cell.provider][0]} if cell.role not in {IDENTITY, REGIONS} else {}
            self.emulator.fault(fault.kind, action=action, after=nth, **where, **fault.options)
        yield extra, 0, None
        self.emulator.world.faults.clear()

    def _change_keys(self, provider: str, how: str) -> None:
        """Make the cloud take other keys, or another time."""
        accounts = self.emulator.world.accounts
        changes: dict[str, Any] = {
            "secret": {"secret": "another"},
            "key": {"access_key": "another"},
            "token": {"token": "another"},
        }
        if how in changes:
            accounts[:] = [a._replace(**changes[how]) if a.provider == provider else a for a in accounts]
        else:
            self.emulator.clock.advance(HOUR if how == "behind" else -HOUR)

    # What became of it.

    def _resumed(self) -> tuple[list[dict[str, Any]], list[Request]]:
        self.emulator.world.faults.clear()
        for _ in range(2):  # a deletion that takes two calls takes its time twice
            self.emulator.world.hasten(LATER)
            self._select("UPDATE tasks_tbl SET updated_at = '2020-01-01T00:00:00Z'")
            self.run("climc task-resume --wait-timeout 0", PATIENT)
        return self._tasks(), list(self.emulator.requests)

    def _rows(self, cell: Cell) -> Rows:
        table = f"{resource_type(cell.keyword).plural}_tbl"
        ours = "account_id IN (SELECT id FROM cloudaccounts_tbl WHERE name = ?)"
        found = self._select(f"SELECT * FROM {table} WHERE {ours}", cell.provider)
        return {row["external_id"]: row for row in found}

    def _tasks(self) -> list[dict[str, Any]]:
        return self._select("SELECT * FROM tasks_tbl")

    def _select(self, statement: str, *values: str) -> list[dict[str, Any]]:
        if not self.cache.exists():
            return []
        connection = sqlite3.connect(self.cache)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(statement, values)]
        finally:
            connection.close()


BUSY = {"pending", "creating", "stopping", "deleting", "isolated", "unavailable"}


def _hasten(call: Any) -> None:
    call.world.hasten(LATER)


def _deletes(cell: Cell) -> frozenset[str]:
    binding = binding_of(cell.provider, cell.keyword)
    assert binding
    calls = [*binding.delete_calls, *([binding.delete] if binding.delete else [])]
    return frozenset(call.action for call in calls)


def _place(cell: Cell, calls: list[Request]) -> tuple[int, int, str]:
    """Where a cell's call comes: how many calls before it, how many of them of its own action, and the action.

    Calls of a sync that are made side by side are those of the home region.
    """
    if cell.fault.extent == RUN:
        return 0, 0, ""
    home = HERE[cell.provider][0]
    binding = binding_of(cell.provider, cell.keyword)
    assert binding
    ours = [c for c in calls if c.region == home or cell.role in {IDENTITY, REGIONS} or c.action == "GetCallerIdentity"]
    ours = [c for c in ours if not (c.region != home and c.action == binding.list.action)]
    regions = binding.regions.call.action if binding.regions else "DescribeRegions"
    deletes = _deletes(cell)
    sent = next((n for n, call in enumerate(ours) if call.action in deletes), -1)
    wanted = {
        IDENTITY: {"GetCallerIdentity"},
        REGIONS: {regions},
        LIST: {binding.list.action},
        GET: {binding.get.action},
        FULL: {binding.get.action},
        ASK: {binding.get.action},
        POLL: {binding.get.action},
        EXTRA: {extra.call.action for extra in binding.extras},
        DELETE: deletes,
        THEN: {binding.then.call.action} if binding.then else set(),
        STOP: {binding.stop.call.action} if binding.stop else set(),
    }[cell.role]
    same = binding.list.action == binding.get.action
    skip = len(binding.filters) if cell.role in {ASK, FULL} and same else 0
    first = sent + 1 if cell.role == POLL else 0
    places = [n for n, call in enumerate(ours) if call.action in wanted and n >= first][skip:]
    assert places, f"{cell}: no such call among {[call.action for call in ours]}"
    place = places[0]
    nth = sum(call.action == ours[place].action for call in ours[:place])
    return place, nth, ours[place].action
