"""The guide is true: its files are written and its commands run, in their order, on a copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "adding-a-resource.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(console|python)(?: (\S+))?\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
COPIED = ("src", "tests", "tools", "Makefile", "pyproject.toml")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree, with the same tools installed."""
    root = tmp_path / "tree"
    root.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root)
    (root / ".venv").symlink_to(sys.prefix)
    return root


@pytest.fixture
def environment(tree: Path, tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    caches = {"CLIMC_DB": str(tmp_path / "cache.db"), "CLIMC_KEY_FILE": str(tmp_path / "key"), "HOME": str(tmp_path)}
    path = f"{tree / '.venv' / 'bin'}:{os.environ['PATH']}"
    return kept | caches | {"PATH": path, "PYTHONPATH": str(tree / "src"), "COLUMNS": "200"}


class Reader:
    """Somebody who follows the guide to the letter.

    Args:
        tree: Their checkout.
        environment: Their shell's.
    """

    def __init__(self, tree: Path, environment: dict[str, str]) -> None:
        self.tree = tree
        self.environment = environment
        self.emulator: subprocess.Popen[str] | None = None

    def follow(self) -> list[str]:
        """Go through all blocks; returns the programs that were run."""
        programs = []
        for kind, file, text in BLOCKS:
            if kind == "python":
                (self.tree / file).write_text(text, "utf-8")
                continue
            for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
                programs.append(command.split()[0])
                if programs[-1].endswith("cli") and self.emulator is None:
                    self.serve()
                self.run(command, expected)
        return programs

    def run(self, command: str, expected: str) -> None:
        """Run a command, and find the lines that it should write, in their order; ``…`` stands for anything."""
        status = int(found[1]) if (found := re.search(r"# exit (\d)", command)) else 0
        # The copy has no dependencies of its own to set up.
        script = command.replace("make ", "make -o .venv/.ready ", 1) if command.startswith("make ") else command
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.tree, env=self.environment, capture_output=True, text=True, timeout=50
        )
        assert done.returncode == status, f"{command}\n{done.stdout}{done.stderr}"
        lines = iter((done.stdout + done.stderr).splitlines())
        for line in expected.splitlines():
            pattern = re.escape(line).replace("…", ".*")
            if line != "…":
                assert any(re.fullmatch(pattern, said) for said in lines), (
                    f"{command}\n{line}\n{done.stdout}{done.stderr}"
                )

    def serve(self) -> None:
        """The other terminal."""
        command = [sys.executable, "-m", "cloudmux_py.emulator"]
        self.emulator = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
        assert self.emulator.stdout
        for _ in range(8):
            name, _, value = self.emulator.stdout.readline().removeprefix("export ").strip().partition("=")
            self.environment[name] = value


@pytest.fixture
def reader(tree: Path, environment: dict[str, str]) -> Iterator[Reader]:
    someone = Reader(tree, environment)
    yield someone
    if someone.emulator:
        someone.emulator.terminate()
        someone.emulator.communicate()


@pytest.mark.timeout(120)
def test_following_the_guide_adds_a_type(reader: Reader) -> None:
    programs = reader.follow()
    assert {"make", "grep", ".venv/bin/python", "aliyuncli", "qcloudcli", "climc"} == set(programs)
    code = [file for kind, file, _ in BLOCKS if kind == "python"]
    assert len(code) == 5
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *code], cwd=reader.tree, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout


def test_the_table_counts_the_lines() -> None:
    counted = {file: len(text.splitlines()) for kind, file, text in BLOCKS if kind == "python"}
    lines = " ".join(re.findall(r"^\| \[\d.*\| (.*?) \|$", GUIDE, re.MULTILINE))
    said = [int(number) for number in re.findall(r"\d+", lines)]
    assert said == list(counted.values())


def test_nothing_in_the_tree_is_left_to_decide() -> None:
    undecided = [path for path in (ROOT / "src").rglob("*.py") if "DECIDE" in path.read_text("utf-8")]
    assert undecided == []
