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
from cloudmux_py.cloudprovider.config import config_of
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.state import Request
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources import resource_type

from .. import programs
from . import network
from .cells import MAIN, Cell, binding_of
from .clouds import HERE, Cloud, Emulated, Fronted
from .matrix import (
    ASK,
    COMMANDS,
    DELETE,
    DETAILS,
    EXTRA,
    FULL,
    GET,
    IDENTITY,
    LIST,
    MORE,
    ON,
    POLL,
    REGIONS,
    RUN,
    STOP,
    SYNCS,
    THEN,
)

ROWS = 8
VARIABLES = ("ALIYUN", "AWS", "QCLOUD")
TIMES = {"behind": 3600.0, "ahead": -3600.0}
"""Seconds by which a cloud's clock is ahead when this machine's is so."""

PATIENT = 30
"""Seconds for a call of what only prepares."""

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
    """Clouds, and a cache of them that is copied for each cell.

    Args:
        folder: For the caches.
        providers: The clouds.
        keywords: The types that are synced beforehand.
        seconds: How long a call may take.
        known: The calls of commands that meet no fault, which all stands have in common.
    """

    def __init__(self, folder: Path, providers: list[str], keywords: list[str], seconds: int, known: Known) -> None:
        self.folder = folder
        self.providers = providers
        self.seconds = seconds
        self.keywords = keywords
        self.clouds: dict[str, Cloud] = {}
        self.template = folder / "template.db"
        self.cache = folder / "cell" / "cache.db"
        self.known = known
        self.free: dict[tuple[str, str, bool, tuple[int, ...]], str] = {}
        self.stack = ExitStack()

    def __enter__(self) -> Self:
        self.closed = self.stack.enter_context(network.closed_port())
        self.full = self.stack.enter_context(network.full_port())
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(VARIABLES)}
        self.env |= {"CLIMC_KEY_FILE": str(self.folder / "key"), "HOME": str(self.folder)}
        self.env["CLIMC_DB"] = str(self.template)
        self._open()
        for provider, cloud in self.clouds.items():
            keys, config = cloud.credentials(), config_of(provider)
            names = config.environment[0]
            self.env |= {names.access_key: keys.access_key, names.secret: keys.secret, config.endpoint: cloud.url}
            self.must(f"climc cloud-account-create-{provider} {provider} --no-delete-lock")
        self.must(f"climc cloud-account-sync --all --resources {','.join(self.keywords)}")
        return self

    def _open(self) -> None:
        if "aws" in self.providers:
            self.clouds["aws"] = aws = self.stack.enter_context(Fronted(self.keywords))
            aws.reset()
        if {"aliyun", "qcloud"} & {*self.providers}:
            regions = {cloud: list(names) for cloud, names in HERE.items() if cloud != "aws"}
            emulator = self.stack.enter_context(Emulator(instances=ROWS, regions=regions))
            self.clouds |= {cloud: Emulated(emulator, cloud) for cloud in regions if cloud in self.providers}

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
        requests, now, tasks = list(self.clouds[cell.provider].requests), self._rows(cell), self._tasks()
        resumed = self._resumed(cell) if any(task["ended_at"] is None for task in tasks) else None
        cache = b"".join(file.read_bytes() for file in self.cache.parent.iterdir() if file.is_file())
        return Seen(
            *(cell, done, requests, before, now, tasks, resumed, self._id(cell), self.gone, deletes, without, cache)
        )

    def without(self, cell: Cell) -> tuple[list[Request], int]:
        """The calls of a command that meets no fault, and its exit code."""
        key = (cell.provider, cell.keyword, cell.command, self._id(cell))
        if key not in self.known:
            done = self.run(self._fresh(cell, PATIENT), PATIENT)
            self.known[key] = (list(self.clouds[cell.provider].requests), done.returncode)
            assert done.returncode in {0, 5}, f"{cell} without its fault: {done.stderr}"
        return self.known[key]

    def _fresh(self, cell: Cell, seconds: int) -> str:
        """A cloud as at the start, a cache as after a sync, and the command."""
        cloud = self.clouds[cell.provider]
        cloud.reset()
        self.env["CLIMC_DB"] = str(self.cache)
        shutil.rmtree(self.cache.parent, ignore_errors=True)
        self.cache.parent.mkdir()
        if cell.command.startswith("climc"):
            shutil.copy(self.template, self.cache)
        home = HERE[cell.provider][0]
        id = self._id(cell)
        if "--stop-first" in cell.command:
            cloud.start(home, cell.keyword, id)
        self.gone = self._follow(cell)
        if cell.command == "climc task-resume":
            begun = COMMANDS["climc delete"].format(word=cell.keyword.replace("_", "-"), id=id)
            assert self.run(begun, PATIENT).returncode == 5, "its deletion must be under way"
            cloud.hasten()
        cloud.requests.clear()
        words = {"provider": cell.provider, "region": home, "word": cell.keyword.replace("_", "-"), "id": id}
        return COMMANDS[cell.command].format(**words, seconds=seconds)

    def _follow(self, cell: Cell) -> dict[str, str]:
        """Change each region of the cloud: one row goes; of the main type, another has a new name."""
        gone: dict[str, str] = {}
        if cell.keyword in {"zone", "project"} or cell.command != "climc sync":
            return gone
        cloud, rows = self.clouds[cell.provider], self._rows(cell)
        for region in HERE[cell.provider]:
            ids = [id for id, row in rows.items() if row["cloudregion_id"].endswith(f"/{region}")]
            ids = [id for id in ids if id != self._id(cell)]
            gone[region] = cloud.remove(region, cell.keyword, ids)
            if cell.keyword == MAIN:
                cloud.rename(region, cell.keyword, ids[1])
        return gone

    def _id(self, cell: Cell) -> str:
        """A row of the home region that may be deleted, where the type has such, or of which more is asked."""
        stopping, deleting = "--stop-first" in cell.command, "delete" in cell.command
        more = () if deleting else {EXTRA: (0,), MORE: (1,)}.get(cell.role, ())
        key = (cell.provider, cell.keyword, stopping, more)
        if key not in self.free:
            keys = self.clouds[cell.provider].credentials()
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
                under = {binding.extras[number].under for number in more}
                fit = [id for id in ids if under & live.raw_get(row, id).keys()]
            else:
                fit = [id for id in ids if not binding.deletes or not live.refusal(row, id, options)[1]]
            self.free[key] = fit[-1]
        return self.free[key]

    # Faults.

    @contextmanager
    def _fault(self, cell: Cell, calls: list[Request]) -> Iterator[tuple[str, int, int | None]]:
        """While a fault is switched on: what the command line needs more, and where connections lead."""
        fault, extra, cloud = cell.fault, "", self.clouds[cell.provider]
        before, nth, action = _place(cell, calls)
        here = f" --region {HERE[cell.provider][0]}" if cell.command in SYNCS else ""
        if fault.kind == "resolver":
            cloud.fault("close")
            ports = {"unknown": 0, "refused": self.closed, "stalled": self.full}
            yield here, before, ports[fault.options["how"]]
            return
        if fault.kind == "keys":
            how = fault.options["how"]
            if how in TIMES:
                cloud.change_time(TIMES[how])
            else:
                cloud.change_keys(how)
        elif fault.extent == ON:
            extra = here
            cloud.fault(fault.kind, provider=cell.provider, after=before, **fault.options)
        elif fault.extent != RUN:
            where = {"region": HERE[cell.provider][0]} if cell.role not in {IDENTITY, REGIONS} else {}
            cloud.fault(fault.kind, action=action, after=nth, **where, **fault.options)
        yield extra, 0, None
        cloud.well()

    # What became of it.

    def _resumed(self, cell: Cell) -> tuple[list[dict[str, Any]], list[Request]]:
        cloud = self.clouds[cell.provider]
        cloud.well()
        for _ in range(2):  # a deletion that takes two calls takes its time twice
            cloud.hasten()
            self._select("UPDATE tasks_tbl SET updated_at = '2020-01-01T00:00:00Z'")
            self.run("climc task-resume --wait-timeout 0", PATIENT)
        return self._tasks(), list(cloud.requests)

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
        connection = sqlite3.connect(self.cache, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(statement, values)]
        finally:
            connection.close()


BUSY = {"pending", "creating", "stopping", "deleting", "isolated", "unavailable"}


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
        DETAILS: {binding.details.call.action} if binding.details else set(),
        EXTRA: {extra.call.action for extra in binding.extras[:1]},
        MORE: {extra.call.action for extra in binding.extras[1:]},
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
