"""Another distribution beside the installed programs, and an emulator that serves it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Run]:
    """The installed programs beside the module's distribution (``FILES``), and an emulator that serves it."""
    site = tmp_path / "site"
    for name, text in request.module.FILES.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text.lstrip("\n"))
    env = {
        **os.environ,
        "PYTHONPATH": str(site),
        "CLIMC_DB": str(tmp_path / "c.db"),
        "CLIMC_KEY_FILE": str(tmp_path / "k"),
    }
    emulator = subprocess.Popen(
        [sys.executable, "-m", "cloudmux_py.emulator", "--instances", "120"], env=env, stdout=subprocess.PIPE, text=True
    )
    assert emulator.stdout
    for _ in range(8):
        name, _, value = emulator.stdout.readline().removeprefix("export ").strip().partition("=")
        env[name] = value

    def run_program(line: str, expect: int = 0) -> Any:
        program, *words = line.split()
        done = subprocess.run([Path(sys.executable).parent / program, *words], env=env, capture_output=True, text=True)
        assert done.returncode == expect, done.stderr
        return json.loads(done.stdout) if "-o json" in line else done.stdout

    yield run_program
    emulator.terminate()
    emulator.communicate()
