"""A world for sync tests: the emulator over real HTTP, a cache of its own, one account per cloud."""

import copy
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from climc_py.models import account as accounts
from climc_py.models import connection
from climc_py.models.account import Account
from climc_py.secrets import seal
from climc_py.store.database import Database
from climc_py.sync.run import Options, Result, sync
from cloudmux_py.emulator import Emulator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, which say so by a time limit of their own: at the end one of them would run alone."""
    limits = {item: item.get_closest_marker("timeout") for item in items}
    items.sort(key=lambda item: limit.args[0] if (limit := limits[item]) else 0, reverse=True)


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A program that a test runs in its own process sends the library's log to stderr: for that test alone."""
    loggers = [logging.getLogger(name) for name in ("cloudmux_py", "climc_py")]
    before = [(logger.handlers[:], logger.propagate, logger.level) for logger in loggers]
    yield
    for logger, (handlers, propagate, level) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


REGIONS = {"aliyun": ["cn-beijing", "cn-hangzhou"], "qcloud": ["ap-beijing", "ap-guangzhou"]}
LIST = {"aliyun": "ListInstance", "qcloud": "DescribeInstances"}
DELETE = "DeleteInstance"
ID = {"aliyun": "instanceId", "qcloud": "InstanceId"}
NAME = {"aliyun": "description", "qcloud": "InstanceName"}


class World:
    """Both clouds and a cache."""

    def __init__(self, emulator: Emulator, database: Database) -> None:
        self.emulator = emulator
        self.database = database
        self.accounts = {"aliyun": self.add("aliyun", "ali"), "qcloud": self.add("qcloud", "ten")}

    def add(self, provider: str, name: str, which: int = 0, **options: Any) -> Account:
        keys = self.emulator.world.of(provider)[which]
        account = Account(name=name, provider=provider, cloud_account_id=keys.account_id, id=f"{name}-id")
        account.access_key, account.secret = keys.access_key, seal(account.id, keys.secret)
        account.endpoint = self.emulator.url
        for field, value in options.items():
            setattr(account, field, value)
        return accounts.add(self.database, account)

    def sync(self, provider: str, **options: Any) -> dict[str, Result]:
        options = {"resources": ["elastic_search"]} | options
        found = accounts.find(self.database, self.accounts[provider].id)
        return {result.region: result for result in sync(self.database, [found], Options(**options))}

    def region(self, provider: str) -> str:
        return REGIONS[provider][0]

    def cloud(self, provider: str) -> set[str]:
        return set(self.emulator.rows(provider, self.region(provider)))

    def cached(self, provider: str) -> set[str]:
        rows = self.database.rows(
            "SELECT external_id FROM elastic_searchs_tbl"
            " WHERE deleted = 0 AND account_id = ? AND cloudregion_id LIKE ?",
            (self.accounts[provider].id, f"%/{self.region(provider)}"),
        )
        return {row["external_id"] for row in rows}

    def ids(self, provider: str) -> list[str]:
        return list(self.emulator.rows(provider, self.region(provider)))

    def remove(self, provider: str, id: str) -> None:
        self.emulator.table(provider, self.region(provider)).remove(id)

    def create(self, provider: str, id: str) -> None:
        table = self.emulator.table(provider, self.region(provider))
        row = copy.deepcopy(next(iter(table.rows().values())))
        table.put(id, row | {ID[provider]: id, NAME[provider]: id})

    def rename(self, provider: str, id: str, name: str) -> None:
        self.emulator.table(provider, self.region(provider)).patch(id, {NAME[provider]: name})

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that a sync that finds nothing new must not touch."""
        tables = ("elastic_searchs_tbl", "metadata_tbl", "opslog_tbl", "cloudregions_tbl", "tasks_tbl", "versions_tbl")
        return {name: [tuple(row) for row in self.database.rows(f"SELECT * FROM {name}")] for name in tables}


@pytest.fixture
def make_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    monkeypatch.setenv("CLIMC_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setattr(connection, "TIMEOUT", 1.5)
    with ExitStack() as stack:

        def make(**options: Any) -> World:
            settings: dict[str, Any] = {"instances": 12, "regions": REGIONS} | options
            emulator = stack.enter_context(Emulator(**settings))
            database = stack.enter_context(Database.write(tmp_path / "cache.db"))
            return World(emulator, database)

        yield make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """Three pages in the first region of each cloud, a few rows in the second."""
    return make_world(
        rows={"aliyun": {"cn-beijing": 230, "cn-hangzhou": 5}, "qcloud": {"ap-beijing": 230, "ap-guangzhou": 5}}
    )
