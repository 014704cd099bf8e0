"""A reader that pauses, as a pager does, holds nothing: the write-ahead log stays small while others write."""

import array
import fcntl
import os
import shlex
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from climc_py.store.database import WAL_BYTES

from ..conftest import World
from ..e2e.test_climc import BIN
from .killing import TABLE
from .test_kill import ONE_REGION

FULL = 60_000
"""A pipe takes 64 KiB; a program that has written that much is waiting."""


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    world = make_world(regions=ONE_REGION, rows={"aliyun": {"cn-beijing": 300}, "qcloud": {"ap-beijing": 0}})
    world.sync("aliyun")
    return world


def waiting(pipe: int) -> int:
    """How many bytes nobody has read."""
    size = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, size)
    return size[0]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")
def test_a_paused_reader_does_not_let_the_log_grow(world: World, tmp_path: Path) -> None:
    for format in ("table", "jsonl", "export"):
        pause(world, tmp_path, format)


def pause(world: World, tmp_path: Path, format: str) -> None:
    """Let a list wait on a full pipe, write, and let it go on."""
    fifo = tmp_path / f"{format}.csv"
    os.mkfifo(fifo)
    words = f"--export-file {fifo}" if format == "export" else f"-o {format} --details --columns {COLUMNS}"
    env = {**os.environ, "CLIMC_DB": str(world.database.path)}
    command = [str(BIN / "climc"), *shlex.split(f"elastic-search-list --limit 0 {words}")]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as reader, ended(reader):
        assert reader.stdout
        pipe = os.open(fifo, os.O_RDONLY) if format == "export" else os.dup(reader.stdout.fileno())
        until(lambda: waiting(pipe) > FULL)
        held = [link.readlink() for link in Path(f"/proc/{reader.pid}/fd").iterdir()]
        assert not [file for file in held if file.is_relative_to(world.database.path.parent) and file != fifo]
        log = world.database.path.with_name("cache.db-wal")
        for turn in range(30):
            with world.database.transaction():
                world.database.execute(f"UPDATE {TABLE} SET description = ?", [f"{turn} " * 500])
        for id in world.ids("aliyun")[:5]:
            world.rename("aliyun", id, f"renamed for {format}")
        assert world.sync("aliyun")["cn-beijing"].updated == 5
        assert log.stat().st_size <= 2 * WAL_BYTES, "the last transaction, and what is kept"
        assert tuple(world.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]) == (0, 0, 0), "nobody was in the way"
        assert log.stat().st_size == 0
        with open(pipe, "rb") as rest:  # noqa: PTH123 - a file descriptor
            text = rest.read().decode()
        assert reader.wait() == 0
        assert text.count("\n") >= 300
        assert f"renamed for {format}" not in text, "of the moment when it began"


COLUMNS = "id,name,external_id,status,account,cloudregion,metadata,tags,imported_at,updated_at,created_at,identity"


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """It does not outlive a test that fails."""
    try:
        yield
    finally:
        process.kill()


def until(true: Callable[[], bool]) -> None:
    """Until another process came so far."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
