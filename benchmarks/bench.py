"""``make bench``: each figure beside its floor, measured in turn in one run; misses are marked.

Whole processes, medians, byte-compiled. Only the ratios mean something on another machine.
"""

import argparse
import json
import os
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import floors
from cloudmux_py.emulator.control import Control

BIN = Path(sys.executable).parent
HERE = Path(__file__).parent
REGIONS = {"aliyun": [f"cn-bench-{n}" for n in range(10)], "qcloud": [f"ap-bench-{n}" for n in range(10)]}

ONE_TYPE = ("--resources", "elastic-search")

Command = Sequence[str | Path]
Environment = dict[str, str]


class Bench:
    """Runs and prints figures.

    Args:
        runs: Counted runs of each command.
        folder: A place for caches.
    """

    def __init__(self, runs: int, folder: Path) -> None:
        self.runs = runs
        self.folder = folder
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self.env |= {"CLIMC_KEY_FILE": str(folder / "key")}
        self.missed = 0

    def line(self, name: str, floor: str, value: float, goal: float, unit: str = "x") -> None:
        """Print one figure."""
        good = value <= goal
        self.missed += not good
        print(f"{name:<52} {floor:<34} {value:>7.2f} {unit:<4} goal {goal:g} {'' if good else 'MISSED'}", flush=True)

    def time(self, command: Command, env: Environment) -> float:
        """Seconds of one whole process."""
        started = time.perf_counter()
        done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        took = time.perf_counter() - started
        if done.returncode:
            raise SystemExit(f"{command}: {done.returncode}: {done.stderr}")
        return took

    def ratio(self, command: Command, floor: Command, env: Environment, runs: int = 0) -> float:
        """Ratio of medians of alternating, shuffled runs."""
        times: dict[int, list[float]] = {0: [], 1: []}
        both = [command, floor]
        for each in both:
            self.time(each, env)
        for _ in range(runs or self.runs):
            for index in random.sample([0, 1], 2):
                times[index].append(self.time(both[index], env))
        return statistics.median(times[0]) / statistics.median(times[1])

    def script(self, name: str, text: str) -> list[str]:
        """A floor as a byte-compiled module, as the programs are."""
        (self.folder / f"{name}.py").write_text(text)
        subprocess.run([sys.executable, "-m", "compileall", "-q", str(self.folder)], env=self.env, check=True)
        return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(self.folder)!r}); import {name}"]

    @contextmanager
    def emulator(self, **options: Any) -> Iterator[Environment]:
        """The emulator in a process of its own, and the environment that leads there."""
        command = [sys.executable, str(HERE / "emulated.py"), json.dumps(options)]
        process = subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(8)]
        try:
            yield self.env | dict(line.split("=", 1) for line in lines)
        finally:
            process.terminate()
            process.communicate()


def accounts(env: Environment) -> None:
    """One account per cloud."""
    for provider in ("aliyun", "qcloud"):
        subprocess.run([BIN / "climc", f"cloud-account-create-{provider}", provider], env=env, check=True, stdout=-3)


def fresh(bench: Bench, env: Environment, name: str) -> Environment:
    """A new cache."""
    folder = bench.folder / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return env | {"CLIMC_DB": str(folder / "cache.db")}


def start_up(bench: Bench) -> None:
    """Commands that stay on this machine."""
    floor = bench.script("one_command", floors.TYPER)
    rows = {"aliyun": {"cn-a": 5000}, "qcloud": {"ap-a": 5000}}
    with bench.emulator(regions={"aliyun": ["cn-a"], "qcloud": ["ap-a"]}, rows=rows) as clouds:
        env = fresh(bench, clouds, "list")
        accounts(env)
        bench.time([BIN / "climc", "cloud-account-sync", "--all", *ONE_TYPE], env)
    for name, command, extra, goal in (
        ("climc elastic-search-list, 20 of 10,000", ["elastic-search-list"], {}, 1.3),
        ("climc --help", ["--help"], {}, 1.15),
        (
            "completion of a command",
            [],
            {"_CLIMC_COMPLETE": "complete_bash", "COMP_WORDS": "climc elastic-s", "COMP_CWORD": "1"},
            1.15,
        ),
    ):
        value = bench.ratio([BIN / "climc", *command], floor, env | extra)
        bench.line(name, "one-command Typer program", value, goal)


def one_page(bench: Bench) -> None:
    """One page straight from each cloud."""
    with bench.emulator(instances=20) as env:
        for provider, text in (("aliyun", floors.ALIYUN), ("qcloud", floors.QCLOUD)):
            command: Command = [BIN / f"{provider}cli", "elastic-search-list", "--page", "1", "--size", "20"]
            value = bench.ratio(command, bench.script(f"shortest_{provider}", text), env)
            bench.line(f"{provider}cli elastic-search-list, one page", "the SDK's shortest script", value, 1.25)


def first_sync(bench: Bench) -> None:
    """2 clouds x 10 regions x 1,000 rows at 50 ms a call; and what a second sync writes."""
    floor = [*bench.script("fetch", floors.FETCH), json.dumps(REGIONS)]
    with bench.emulator(regions=REGIONS, instances=1000, latency_ms=50) as clouds:
        times: dict[str, list[float]] = {"sync": [], "floor": []}
        for number in range(max(3, bench.runs // 3)):
            env = fresh(bench, clouds, f"sync{number}")
            accounts(env)
            times["sync"].append(bench.time([BIN / "climc", "cloud-account-sync", "--all", *ONE_TYPE], env))
            times["floor"].append(bench.time(floor, env))
        value = statistics.median(times["sync"]) / statistics.median(times["floor"])
        bench.line("first sync, 2 clouds x 10 regions x 1,000 rows", "fetch the pages, discard them", value, 1.4)
        before = contents(env)
        bench.time([BIN / "climc", "cloud-account-sync", "--all", *ONE_TYPE], env)
        written = sum(a != b for a, b in zip(before, contents(env), strict=True))
        bench.line("second sync: rows, tags and events written", "", written, 0, "rows")


def contents(env: Environment) -> list[tuple[Any, ...]]:
    """Resource, tag and event rows of a cache."""
    with sqlite3.connect(env["CLIMC_DB"]) as cache:
        tables = ("elastic_searchs_tbl", "metadata_tbl", "opslog_tbl")
        return [row for table in tables for row in cache.execute(f"SELECT * FROM {table} ORDER BY 1")]


def memory(bench: Bench) -> None:
    """Peak memory of a sync of 100,000 rows against one of 10,000."""
    for name, regions in (("one scope", 1), ("scopes of 1,000", 100)):
        peaks: dict[tuple[int, str], float] = {}
        for rows in (10_000, 100_000):
            count = max(1, regions * rows // 100_000)
            ids = [f"cn-m{n}" for n in range(count)]
            split = {"aliyun": dict.fromkeys(ids, rows // count), "qcloud": {"ap-m": 0}}
            with bench.emulator(regions={"aliyun": ids, "qcloud": ["ap-m"]}, rows=split) as clouds:
                env = fresh(bench, clouds, f"memory{rows}")
                accounts(env)
                for which in ("first", "second"):
                    peaks[rows, which] = peak([BIN / "climc", "cloud-account-sync", "aliyun", *ONE_TYPE], env)
        for which in ("first", "second"):
            value = peaks[100_000, which] / peaks[10_000, which]
            shown = f"10,000 rows: {peaks[10_000, which]:.0f} MB"
            bench.line(f"memory, 100,000 rows in {name}, {which} sync", shown, value, 1.5)


LIMIT = 10.0


def limits(bench: Bench) -> None:
    """2 clouds x 2 regions x 5,000 VPCs under a limit that nobody told, beside the least that the calls take."""
    regions = {name: ids[:2] for name, ids in REGIONS.items()}
    options = {"instances": 5000, "kinds": ["vpc"], "qps": LIMIT, "latency_ms": 20}
    with bench.emulator(regions=regions, **options) as clouds:
        control = Control(clouds["ALIYUN_ENDPOINT"])
        for name in ("limits-warm-up", "limits"):  # the emulator makes its rows when they are first asked for
            env = fresh(bench, clouds, name)
            accounts(env)
            control.call("DELETE", "requests")
            took = bench.time([BIN / "climc", "cloud-account-sync", "--all", "--resources", "vpc"], env)
        calls = [call for call in control.requests() if call["action"] == "DescribeVpcs"]
        passed = Counter((call["provider"], call["region"]) for call in calls if not call["code"])
        ideal = max(passed.values()) / LIMIT
        floor = f"calls / limit: {ideal:.1f} s"
        bench.line(f"sync under {LIMIT:.0f} calls a second, 4 x 5,000 rows", floor, took / ideal, 1.2)
        refused = len(calls) - passed.total()
        bench.line("the same: calls refused", f"{len(calls)} calls", 100 * refused / len(calls), 2, "%")


def peak(command: Command, env: Environment) -> float:
    """Peak memory of a process, MB."""
    code = "import resource, subprocess, sys; r = subprocess.run(sys.argv[1:], stdout=-3).returncode;"
    code += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(r)"
    done = subprocess.run([sys.executable, "-c", code, *command], env=env, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


FIGURES: dict[str, Callable[[Bench], None]] = {
    "start-up": start_up,
    "one-page": one_page,
    "sync": first_sync,
    "memory": memory,
    "limits": limits,
}


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="counted runs of each short command")
    parser.add_argument("--only", choices=FIGURES, action="append", help="only this group of figures")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.runs, Path(folder))
        for name in options.only or FIGURES:
            FIGURES[name](bench)
    print(f"{bench.missed} goals missed" if bench.missed else "all goals met")


if __name__ == "__main__":
    main()
