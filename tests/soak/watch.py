"""What is measured: memory, open files and threads of processes, and the size of the cache."""

import json
import os
import time
from collections import Counter
from pathlib import Path

from cloudmux_py.emulator.control import Control

from .settings import DELETIONS, THROTTLED

Samples = dict[str, list[tuple[float, float]]]
"""By name: seconds since the start, and the value."""


def status(pid: int, name: str) -> float:
    """A number of ``/proc/PID/status``; memory is in kB there."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return float(line.split()[1])
    raise ValueError(f"/proc/{pid}/status has no {name}")


def cpu_seconds(pid: int) -> float:
    """Processor time that a process used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_files(pid: int) -> int:
    """Files and sockets that a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - /proc has nothing but names


def size(path: Path) -> int:
    """Bytes of a file; 0 where there is none, as a write-ahead log between two writers."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


class Watch:
    """Takes samples.

    Args:
        pids: The long-lived processes, by name.
        cache: The cache.
        state: The file that the resident process writes.
        control: The way to the clouds.
    """

    def __init__(self, pids: dict[str, int], cache: Path, state: Path, control: Control) -> None:
        self.pids = pids
        self.cache = cache
        self.state = state
        self.control = control
        self.started = time.monotonic()
        self.samples: Samples = {}
        self.deletions: dict[tuple[str, float], str] = {}
        self.resident: dict[str, object] = {}

    def add(self, name: str, value: float) -> None:
        """Note one value."""
        self.samples.setdefault(name, []).append((time.monotonic() - self.started, value))

    def sample(self) -> None:
        """Note everything as it is now."""
        for name, pid in self.pids.items():
            self.add(f"{name}: memory, MB", status(pid, "VmRSS") / 1024)
            self.add(f"{name}: open files", open_files(pid))
            self.add(f"{name}: threads", status(pid, "Threads"))
        if self.state.exists():
            self.resident = json.loads(self.state.read_text())
            self.add("library process: Python objects", float(str(self.resident["objects"])))
        self.add("cache: file, MB", size(self.cache) / 2**20)
        self.add("cache: write-ahead log, MB", size(self.cache.with_name(self.cache.name + "-wal")) / 2**20)
        self.add("cache: files beside it", len(list(self.cache.parent.rglob("*"))))
        self.note_deletions()

    def note_deletions(self) -> None:
        """Keep which deletions the clouds were sent, before they forget."""
        for action in DELETIONS:
            for call in self.control.requests(action):
                if call["code"] in THROTTLED:
                    continue
                params = call["params"]
                id = params.get("InstanceId") or params.get("AllocationId") or params["AddressIds"][0]
                self.deletions[id, call["at"]] = action

    def sent(self) -> Counter[str]:
        """How often each id's deletion was sent."""
        return Counter(id for id, _ in self.deletions)
