"""``make mutants``: makes each break in a copy of the tree, and runs the tests that must turn red.

A mutant dies by a failing test, not by one that cannot even start. ``make mutants ONLY=words`` runs those whose name
has these words.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple
from xml.etree import ElementTree

from .listed import ROOT, Mutant, mutants

PARALLEL = 2
TIMEOUT = 300.0
OPTIONS = ["-q", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=line", "-o", "timeout=45"]
NO_PROMISE = ("ImportError", "ModuleNotFoundError", "SyntaxError", "NameError", "AttributeError")
"""A test that fails so met a break of the language, not of a promise."""

LINK = """import sys; sys.path[:0] = [{source!r}]; sys.path.append({packages!r})
"""


class Result(NamedTuple):
    """How a mutant fared; `wrong` is empty where it died."""

    mutant: Mutant
    wrong: str
    seconds: float


class Tree:
    """A copy of the tree with an environment of its own, whose programs run the copy.

    Args:
        folder: Where to put it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.writes = 0
        self.said = ""
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
        )
        for name in listed.stdout.decode().splitlines():
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
        self.bin = folder / ".venv" / "bin"
        self._link()

    def _link(self) -> None:
        """Packages come from the environment of the tree that was copied, our own code from the copy."""
        here = Path(sys.executable).parent
        packages = next(path for path in sys.path if path.endswith("site-packages"))
        (inside,) = (self.folder / ".venv").glob("lib/python*/site-packages")
        (inside / "copy.pth").write_text(LINK.format(source=str(self.folder / "src"), packages=packages))
        for name in ("climc", "cloudcli", "aliyuncli", "qcloudcli"):
            text = (here / name).read_text("utf-8").replace(str(here), str(self.bin))
            (self.bin / name).write_text(text, "utf-8")
            (self.bin / name).chmod(0o755)

    def test(self, names: tuple[str, ...], *options: str) -> str:
        """Run tests; returns what is wrong with how they ended, where they should fail."""
        report = self.folder / "report.xml"
        report.unlink(missing_ok=True)
        command: list[str | Path] = [
            self.bin / "python",
            "-m",
            "pytest",
            *OPTIONS,
            f"--junitxml={report}",
            *options,
            *names,
        ]
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        try:
            done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            return f"no end within {TIMEOUT:.0f} s"
        self.said = done.stdout[-3000:]
        return outcome(done.returncode, report)

    @contextmanager
    def broken(self, mutant: Mutant) -> Iterator[None]:
        """The tree with a break, which is mended afterwards."""
        before = (self.folder / mutant.file).read_text("utf-8")
        self._write(mutant.file, mutant.broken(self.folder))
        try:
            yield
        finally:
            self._write(mutant.file, before)

    def _write(self, name: str, text: str) -> None:
        """With a time of its own: Python takes compiled code for fresh that has the second and the size."""
        self.writes += 1
        (self.folder / name).write_text(text, "utf-8")
        moment = int(time.time()) + 10 * self.writes
        os.utime(self.folder / name, (moment, moment))


def outcome(code: int, report: Path) -> str:
    """What is wrong with how tests ended that should have turned red; nothing where one failed as it should."""
    if code == 0:
        return "SURVIVED"
    if code != 1:
        return f"pytest ended with {code}"
    found = ElementTree.parse(report).iter()
    bad = [(item.tag, item.get("message", "")) for item in found if item.tag in {"failure", "error"}]
    if not any(tag == "failure" and not message.startswith(NO_PROMISE) for tag, message in bad):
        return f"red, but not by a broken promise: {bad[0][1][:100] if bad else ''}"
    return ""


def run(mutant: Mutant, trees: "SimpleQueue[Tree]") -> Result:
    """One mutant, in a tree that nobody else uses. Each of its tests must turn red."""
    tree, started = trees.get(), time.monotonic()
    try:
        with tree.broken(mutant):
            wrong = [
                f"{test.partition('::')[2]}: {text}" for test in mutant.tests if (text := tree.test((test,), "-x"))
            ]
    except ValueError as error:
        wrong = [f"DOES NOT APPLY: {error}"]
    finally:
        trees.put(tree)
    return Result(mutant, "; ".join(wrong), time.monotonic() - started)


def sound(tree: Tree, names: tuple[str, ...]) -> str:
    """How the tests end without any break. What failed for want of time gets a second try, alone."""
    found = tree.test(names, "-n2")
    if found or tree.said.count("FAILED ") == 0:
        return found
    cases = ElementTree.parse(tree.folder / "report.xml").iter("testcase")
    failed = [case for case in cases if case.find("failure") is not None]
    return tree.test(tuple(f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}" for case in failed))


def main() -> int:
    """Run them, and print a table; 1 if one survived, or could not be made."""
    chosen = [mutant for mutant in mutants() if " ".join(sys.argv[1:]).lower() in mutant.name.lower()]
    with tempfile.TemporaryDirectory() as folder:
        trees: SimpleQueue[Tree] = SimpleQueue()
        for number in range(PARALLEL):
            trees.put(Tree(Path(folder) / f"{number}"))
        names = tuple(sorted({test for mutant in chosen for test in mutant.tests}))
        tree = trees.get()
        if (text := sound(tree, names)) != "SURVIVED":
            print(f"{tree.said}\nwithout any break the tests should be green: {text}")
            return 1
        trees.put(tree)
        with ThreadPoolExecutor(PARALLEL) as pool:
            results = []
            for result in pool.map(lambda mutant: run(mutant, trees), chosen):
                results.append(result)
                mark = f"ALIVE  {result.wrong}" if result.wrong else "dead"
                print(f"{result.seconds:5.1f} s  {result.mutant.name:<66} {mark}", flush=True)
    alive = [result for result in results if result.wrong]
    print(f"{len(results) - len(alive)} of {len(results)} mutants died")
    return 1 if alive else 0


if __name__ == "__main__":
    raise SystemExit(main())
