"""The load: programs that are run, again and again and side by side, on one cache."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .settings import TYPES
from .watch import Watch, cpu_seconds

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[2]
SPAWN = Path(__file__).with_name("spawn.py")
BUDGET = 0.25
"""Share of one core that all processes together may use on average; who has used more waits."""

TIMEOUT = 240.0
RESOURCES = ",".join(kind.replace("_", "-") for kind in TYPES)
EXPECTED: dict[str, set[int]] = {
    "sync": {0, 5},
    "full sync": {0, 5},
    "list": {0},
    "list --at": {0},
    "why": {0, 3},
    "show": {0, 3},
    "update": {0, 3},
    "add-tag": {0, 3},
    "delete": {0, 1, 3, 5, 6},
    "delete, locked": {3, 6},
    "task-list": {0},
    "task-resume": {0, 1, 5},  # 1: what a fault brought to the only open task
    "event-list": {0},
    "forget": {0},
    "db prune": {0},
    "db check": {0},
    "account": {0},
}
"""Exit codes that faults, and others' changes, may bring. A deletion that a fault hits is left to task-resume."""


@dataclass
class Tally:
    """What one kind of command did.

    Attributes:
        codes: How often it ended with each exit code.
        cpu: Seconds of processor time of all its runs.
    """

    codes: Counter[int] = field(default_factory=Counter)
    cpu: float = 0.0


class Done:
    """A program that ended."""

    def __init__(self, code: int, out: str, error: str) -> None:
        self.code = code
        self.out = out
        self.error = error


class Load:
    """Runs programs, and notes how they ended.

    Args:
        env: Their environment.
        watch: Notes their memory.
        stopped: Set when it is over.
    """

    def __init__(self, env: dict[str, str], watch: Watch, stopped: threading.Event) -> None:
        self.env = env
        self.watch = watch
        self.stopped = stopped
        self.lock = threading.Lock()
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self.surprises: list[str] = []
        self.deleted: set[str] = set()
        self.started = time.monotonic()

    # Running one program.

    def climc(self, kind: str, *words: str, env: dict[str, str] | None = None) -> Done:
        """Run ``climc``."""
        return self.run(kind, [str(BIN / "climc"), *words], env or {})

    def python(self, kind: str, *words: str) -> Done:
        """Run a module."""
        return self.run(kind, [sys.executable, "-m", *words], {})

    def run(self, kind: str, command: Sequence[str], env: dict[str, str]) -> Done:
        """Run a program to its end; what is not expected of its kind is noted."""
        with tempfile.TemporaryDirectory() as folder:
            out, error, used = (Path(folder) / name for name in ("out", "error", "used"))
            with out.open("wb") as to, error.open("wb") as complaints:
                wrapped = [sys.executable, "-I", "-S", str(SPAWN), str(used), *command]
                process = subprocess.Popen(
                    wrapped, cwd=ROOT, env=self.env | env, stdin=-3, stdout=to, stderr=complaints, process_group=0
                )
            killer = threading.Timer(TIMEOUT, os.killpg, (process.pid, signal.SIGKILL))
            killer.start()
            _, state, usage = os.wait4(process.pid, 0)
            killer.cancel()
            process.returncode = os.waitstatus_to_exitcode(state)
            told = json.loads(used.read_text()) if process.returncode == 0 else {"code": process.returncode, "peak": 0}
            done = Done(told["code"], *(file.read_text("utf-8", "replace") for file in (out, error)))
        with self.lock:
            self.watch.add(f"climc {kind}: peak memory, MB", told["peak"])
            tally = self.tallies[kind]
            tally.codes[done.code] += 1
            tally.cpu += usage.ru_utime + usage.ru_stime
            if done.code not in EXPECTED[kind] or "Traceback" in done.error:
                self.surprises.append(f"{kind}: exit {done.code}: {' '.join(done.error.split())[:600]}")
        return done

    # Pacing.

    def used(self) -> float:
        """Share of one core that all processes have used so far."""
        cpu = sum(tally.cpu for tally in list(self.tallies.values())) + time.process_time()
        cpu += sum(cpu_seconds(pid) for pid in self.watch.pids.values())
        return cpu / max(1.0, time.monotonic() - self.started)

    def rest(self, seconds: float) -> None:
        """Wait so long, and then until the processor's budget is kept."""
        self.stopped.wait(seconds)
        while not self.stopped.is_set() and self.used() > BUDGET:
            self.stopped.wait(1.0)

    def repeat(self, act: Callable[[int], None], seconds: float, paced: bool = True) -> None:
        """Do something until it is over, with a rest after each time: longer than asked where it costs too much."""
        number = 0
        while not self.stopped.is_set():
            try:
                act(number)
            except Exception as error:  # the thread must go on, and the run must fail
                self.surprises.append(f"the soak itself: {type(error).__name__}: {error}")
            number += 1
            self.rest(seconds) if paced else self.stopped.wait(seconds)

    # What is run.

    def sync(self, number: int) -> None:
        """Sync all accounts; now and then one region with each row got."""
        if number % 5 == 4:
            words = ("--full-sync", "--region", "cn-hangzhou", "--resources", "elastic-search")
            self.climc("full sync", "cloud-account-sync", "ali-1", *words, "-o", "json")
        self.climc("sync", "cloud-account-sync", "--all", "--resources", RESOURCES, "-o", "json")

    def look(self, number: int) -> None:
        """Read, rename, tag: what a user does all day."""
        word = TYPES[number % len(TYPES)].replace("_", "-")
        rows = self.rows(word)
        if not rows:
            return
        row = random.choice(rows)
        self.climc("list", f"{word}-list", "--details", "--limit", "0")
        self.climc("show", f"{word}-show", row["id"])
        self.climc("update", f"{word}-update", row["id"], "--description", f"round {number}")
        self.climc("add-tag", f"{word}-add-tag", row["id"], f"round={number}")
        self.climc("event-list", "event-list", "--limit", "50", "-o", "json")
        if number % 4 == 3:
            then = datetime.now(UTC) - timedelta(seconds=20)
            self.climc("list --at", f"{word}-list", "--at", then.strftime("%Y-%m-%dT%H:%M:%SZ"), "--limit", "0")
            self.climc("why", "why", random.choice(sorted(self.deleted) or [row["id"]]))
            self.climc("db check", "db", "check")

    def rows(self, word: str, *words: str) -> list[dict[str, Any]]:
        """Rows of the cache."""
        done = self.climc("list", f"{word}-list", "--limit", "0", "-o", "json", *words)
        found: list[dict[str, Any]] = json.loads(done.out)["data"] if done.code == 0 else []
        return found

    def delete(self, number: int) -> None:
        """Delete one or two that may be deleted, or let one go unfinished; then go on with what is open."""
        word = ("elastic-search", "eip")[number % 2]
        account = ("ali-2", "ten-2", "ali-1", "ten-1")[number // 2 % 4]
        rows = self.rows(word, "--account", account, "--status", "available")
        free = [row for row in rows if row["billing_type"] == "postpaid" and row["external_id"] not in self.deleted]
        if not free:
            return
        chosen = random.sample(free, min(len(free), 1 + number % 3 // 2))
        if account.endswith("1") and number % 3 == 1:
            self.climc("delete, locked", f"{word}-delete", "--yes", *(row["id"] for row in chosen))
            return
        for row in chosen if account.endswith("1") else []:
            self.climc("update", f"{word}-update", row["id"], "--delete", "enable")
        self.deleted |= {row["external_id"] for row in chosen}
        wait = ("60", "0", "5")[number % 3]
        self.climc("delete", f"{word}-delete", "--yes", "--wait-timeout", wait, *(row["id"] for row in chosen))
        self.climc("task-list", "task-list", "--limit", "0", "-o", "json")
        if number % 3 == 2:
            self.climc("task-resume", "task-resume", "--wait-timeout", "30")

    def forget(self, number: int, seconds: float) -> None:
        """Forget old history; and by the command, which finds nothing that is a day old."""
        self.python("forget", "tests.soak.forget", self.env["CLIMC_DB"], str(seconds))
        if number % 5 == 4:
            self.climc("db prune", "db", "prune", "--older-than", "1", "--yes")
