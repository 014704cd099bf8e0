"""The installed programs beside other distributions, which stand in a folder of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

BIN = Path(sys.executable).parent
CLOUD = ("ALIYUN", "QCLOUD")


class Programs:
    """Runs the programs as users do, with one more folder of installed distributions.

    Args:
        site: The folder.
        home: Where the cache and its key lie.
    """

    def __init__(self, site: Path, home: Path) -> None:
        self.site = site
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(CLOUD)}
        self.env |= {"PYTHONPATH": str(site), "CLIMC_DB": str(home / "c.db"), "CLIMC_KEY_FILE": str(home / "k")}

    def plant(self, distribution: str, entry_points: str, **files: str) -> None:
        """Put an installed distribution there: a package named as it is, of files given by their stems."""
        package = distribution.replace("-", "_")
        (self.site / package).mkdir(parents=True)
        for stem, text in {"__init__": "", **files}.items():
            (self.site / package / f"{stem}.py").write_text(text)
        info = self.site / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(entry_points)

    def call(self, line: str, **env: str) -> subprocess.CompletedProcess[str]:
        program, *words = line.split()
        return subprocess.run([BIN / program, *words], env=self.env | env, capture_output=True, text=True)

    def __call__(self, line: str, expect: int = 0) -> Any:
        """What a command wrote, read where it is JSON; its exit code is as expected."""
        done = self.call(line)
        assert done.returncode == expect, done.stderr
        return json.loads(done.stdout) if "-o json" in line else done.stdout


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path / "site", tmp_path)


@pytest.fixture
def serve() -> Iterator[Callable[[Programs], None]]:
    """Starts an emulator beside the same distributions, and tells the programs where it is."""
    running: list[subprocess.Popen[str]] = []

    def start(programs: Programs) -> None:
        command = [sys.executable, "-m", "cloudmux_py.emulator", "--instances", "120"]
        emulator = subprocess.Popen(command, env=programs.env, stdout=subprocess.PIPE, stderr=-1, text=True)
        running.append(emulator)
        assert emulator.stdout
        for _ in range(8):
            name, _, value = emulator.stdout.readline().removeprefix("export ").strip().partition("=")
            programs.env[name] = value

    yield start
    for emulator in running:
        emulator.terminate()
        emulator.communicate()


@pytest.fixture
def run(programs: Programs, serve: Callable[[Programs], None], request: pytest.FixtureRequest) -> Programs:
    """The programs beside the module's distribution (``FILES``), and an emulator that serves it."""
    for name, text in request.module.FILES.items():
        (programs.site / name).parent.mkdir(parents=True, exist_ok=True)
        (programs.site / name).write_text(text.lstrip("\n"))
    serve(programs)
    return programs
