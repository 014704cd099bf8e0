"""The clouds of a stand: those of the emulator, and AWS, which is moto behind a door of the tests."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from cloudmux_py.credentials import Credentials
from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.state import Account, Request

from ..aws.front import HERE as AWS_REGIONS
from ..aws.front import Front

HERE = {"aliyun": ("cn-hangzhou", "cn-beijing"), "qcloud": ("ap-guangzhou", "ap-shanghai"), "aws": AWS_REGIONS}
"""Of each cloud its home region, in which faults are made, and another one."""

RUNNING = {"aliyun": {"Status": "Running"}, "qcloud": {"InstanceState": "RUNNING"}}
CHANGED = {"aliyun": {"description": "renamed"}, "qcloud": {"InstanceName": "renamed"}}
"""What gives a row of the main type another name; domains of AWS keep theirs."""

LATER = 120.0
"""Seconds in which whatever an emulated cloud was asked for has happened."""


class Cloud(Protocol):
    """What a stand does with a cloud.

    Attributes:
        url: Its endpoint.
    """

    url: str

    @property
    def requests(self) -> list[Request]:
        """The calls that arrived."""

    def credentials(self) -> Credentials:
        """Good keys."""

    def reset(self) -> None:
        """Start over."""

    def fault(self, kind: str, **options: Any) -> object:
        """Switch a fault on."""

    def well(self) -> None:
        """Switch all faults off."""

    def remove(self, region: str, keyword: str, ids: list[str]) -> str:
        """Take the first row away that can be, and say which it was."""

    def rename(self, region: str, keyword: str, id: str) -> None:
        """Give a row another name, where the cloud can."""

    def start(self, region: str, keyword: str, id: str) -> None:
        """Let a row run, and stop at once when it is asked to."""

    def hasten(self) -> None:
        """Let happen what is due."""

    def change_keys(self, how: str) -> None:
        """Take another ``secret``, ``key`` or ``token``."""

    def change_time(self, seconds: float) -> None:
        """Be ahead of this machine."""


class Emulated:
    """A cloud of the emulator."""

    def __init__(self, emulator: Emulator, provider: str) -> None:
        self.emulator = emulator
        self.provider = provider
        self.url = emulator.url

    @property
    def requests(self) -> list[Request]:
        """The calls that arrived."""
        return self.emulator.requests

    def credentials(self) -> Credentials:
        """Of the first account."""
        account = self.emulator.world.of(self.provider)[0]
        return Credentials(self.provider, account.access_key, account.secret, endpoint=self.url)

    def reset(self) -> None:
        """Start over."""
        self.emulator.reset()

    def fault(self, kind: str, **options: Any) -> object:
        """Switch a fault on."""
        return self.emulator.fault(kind, **options)

    def well(self) -> None:
        """Switch all faults off."""
        self.emulator.world.faults.clear()

    def remove(self, region: str, keyword: str, ids: list[str]) -> str:
        """Take the first row away."""
        self.emulator.table(self.provider, region, keyword).remove(ids[0])
        return ids[0]

    def rename(self, region: str, keyword: str, id: str) -> None:
        """Give a row another name."""
        self.emulator.table(self.provider, region, keyword).patch(id, CHANGED[self.provider])

    def start(self, region: str, keyword: str, id: str) -> None:
        """Let a server run."""
        self.emulator.table(self.provider, region, keyword).patch(id, RUNNING[self.provider])
        for action in ("StopInstance", "StopInstances"):
            self.emulator.on(f"after {action}", lambda call: call.world.hasten(LATER))

    def hasten(self) -> None:
        """Let happen what is due."""
        self.emulator.world.hasten(LATER)

    def change_keys(self, how: str) -> None:
        """Take others of all accounts."""
        others: dict[str, Callable[[Account], Account]] = {
            "secret": lambda account: account._replace(secret="another"),
            "key": lambda account: account._replace(access_key="another"),
            "token": lambda account: account._replace(token="another"),
        }
        accounts = self.emulator.world.accounts
        accounts[:] = [others[how](account) if account.provider == self.provider else account for account in accounts]

    def change_time(self, seconds: float) -> None:
        """Be ahead of this machine."""
        self.emulator.clock.advance(seconds)


class Fronted(Front):
    """AWS, whose servers run, and which does at once what it is asked for."""

    def credentials(self) -> Credentials:
        """Of its account."""
        return Credentials("aws", self.access_key, self.secret, endpoint=self.url)

    def well(self) -> None:
        """Switch all faults off."""
        self.faults.clear()

    def remove(self, region: str, keyword: str, ids: list[str]) -> str:
        """Take the first row away on which nothing else stands."""
        from botocore.exceptions import ClientError

        for id in ids:
            with suppress(ClientError):
                self.take(region, keyword, id)
                return id
        raise LookupError(f"no {keyword} of {ids} can go")

    def rename(self, region: str, keyword: str, id: str) -> None:
        """It cannot."""

    def start(self, region: str, keyword: str, id: str) -> None:
        """It runs."""

    def hasten(self) -> None:
        """Nothing is due."""

    def change_keys(self, how: str) -> None:
        """Take others."""
        setattr(self, "access_key" if how == "key" else how, "another")

    def change_time(self, seconds: float) -> None:
        """Be ahead of this machine."""
        self.ahead = seconds
