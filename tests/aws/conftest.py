"""AWS over real HTTP: moto, one server a worker and emptied for each test, and a server that says what it is told."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from typing import Any
from urllib.request import Request, urlopen

import pytest

from cloudmux_py import connect
from cloudmux_py.cloudprovider.config import installed
from cloudmux_py.engine.region import Region
from cloudmux_py.engine.retry import CLOCK

from .played import Played

if not installed("aws") or not find_spec("moto"):
    collect_ignore_glob = ["test_*.py"]

KEY, SECRET = "AKIAEXAMPLE", "secret"


def region_of(url: str, id: str = "us-east-1", *, token: str = "", timeout: float = 20.0) -> Region:
    """A region as our library has it; its waits between attempts take no time."""
    cloud = connect("aws", access_key=KEY, secret=SECRET, token=token, endpoint=url, timeout=timeout)
    cloud.client.clock = CLOCK._replace(sleep=lambda seconds: None)
    return cloud.region(id)


@cache
def vendor() -> Any:
    """The vendor's own library; a session reads the model of a service once."""
    import botocore.session

    return botocore.session.Session()


class Aws:
    """An AWS that holds what a test puts into it.

    Attributes:
        url: Its endpoint.
        home: The region in which things are put.
    """

    def __init__(self, url: str, home: str = "us-east-1", key: str = KEY, secret: str = SECRET) -> None:
        self.url, self.home = url, home
        self.keys = {"aws_access_key_id": key, "aws_secret_access_key": secret}

    def region(self, id: str = "us-east-1") -> Region:
        """A region, as our library has it."""
        return region_of(self.url, id)

    def sdk(self, service: str, region: str = "") -> Any:
        """The vendor's own client, to put things there."""
        return vendor().create_client(service, region_name=region or self.home, endpoint_url=self.url, **self.keys)


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    env = os.environ | {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
    with subprocess.Popen(line, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        for _ in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture
def aws(moto_url: str) -> Aws:
    urlopen(Request(f"{moto_url}/moto-api/reset", method="POST")).close()
    return Aws(moto_url)


@pytest.fixture
def played() -> Iterator[Played]:
    with Played() as server:
        yield server
