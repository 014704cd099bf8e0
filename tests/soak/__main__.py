"""``make soak``: an hour of mixed load with faults at 5 % of the calls; ends with 1 if something grew or was lost."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cloudmux_py.emulator.control import Control

from . import report
from .clouds import Changer
from .invariants import broken
from .load import ROOT, Load
from .settings import ACCOUNT_NAMES, FAULTS, keys
from .verdict import trend
from .watch import Watch

FOLDER = ROOT / ".soak"
WORTH_WRITING = 30.0
"""Minutes from which on the figures go into the document."""


class Soak:
    """One run.

    Args:
        minutes: How long.
        folder: A place for the cache.
    """

    def __init__(self, minutes: float, folder: Path) -> None:
        self.minutes = minutes
        self.folder = folder
        self.history = max(20.0, minutes * 60 / 12)
        self.every = max(2.0, min(30.0, minutes * 60 / 120))
        self.stopped = threading.Event()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CLIMC_"))}
        self.env = {name: value for name, value in kept.items() if "proxy" not in name.lower()}
        cache = folder / "cache"
        cache.mkdir()
        self.env |= {"CLIMC_DB": str(cache / "cache.db"), "CLIMC_KEY_FILE": str(folder / "key")}

    @contextmanager
    def process(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A process that lives as long as the soak."""
        command = [sys.executable, "-m", *words]
        started = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, text=True)
        try:
            yield started
        finally:
            started.terminate()
            started.communicate()

    def run(self) -> int:
        """Run it, and print what came of it; returns the exit code."""
        with ExitStack() as stack:
            clouds = stack.enter_context(self.process("tests.soak.clouds"))
            assert clouds.stdout
            url, state = clouds.stdout.readline().strip(), self.folder / "resident.json"
            control = Control(url)
            changer = Changer(control)
            resident = stack.enter_context(self.process("tests.soak.resident", url, str(state)))
            pids = {"library process": resident.pid, "emulator": clouds.pid}
            watch = Watch(pids, Path(self.env["CLIMC_DB"]), state, control)
            load = Load(self.env, watch, self.stopped)
            self.add_accounts(load, url)
            for fault in FAULTS:
                control.fault(**fault)
            self.load(load, changer)
            problems = [*load.surprises, *broken(load, changer, control)]
            return self.tell(load, problems, changer.changes)

    def add_accounts(self, load: Load, url: str) -> None:
        """Two accounts of each cloud; the second one's rows are not locked."""
        for provider, names in ACCOUNT_NAMES.items():
            for number, name in enumerate(names):
                key, secret = keys(provider, number)
                variables = {"aliyun": ("ALIYUN_ACCESS_KEY", "ALIYUN_SECRET")}
                variables["qcloud"] = ("QCLOUD_SECRET_ID", "QCLOUD_SECRET_KEY")
                env = dict(zip(variables[provider], (key, secret), strict=True))
                words = ["--endpoint", url, *(["--no-delete-lock"] if number else [])]
                done = load.climc("account", f"cloud-account-create-{provider}", name, *words, env=env)
                if done.code:
                    raise SystemExit(done.error)

    def load(self, load: Load, changer: Changer) -> None:
        """Everything at once, until the time is up."""
        acts = [
            (load.sync, 15.0, True),
            (load.look, 10.0, True),
            (load.delete, 15.0, True),
            (lambda number: load.forget(number, self.history), 60.0 if self.minutes >= 10 else 15.0, True),
            (lambda _: changer.change(), 2.0, False),
        ]
        threads = [threading.Thread(target=load.repeat, args=act, daemon=True) for act in acts]
        for thread in threads:
            thread.start()
        end = time.monotonic() + self.minutes * 60
        while time.monotonic() < end:
            load.watch.sample()
            self.save(load)
            self.stopped.wait(min(self.every, max(0.0, end - time.monotonic())))
        self.stopped.set()
        for thread in threads:
            thread.join()

    def save(self, load: Load) -> None:
        """The samples so far, for whoever wants to draw them."""
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / "samples.json").write_text(json.dumps(load.watch.samples))

    def tell(self, load: Load, problems: list[str], changes: int) -> int:
        """Print the figures, and put those of a long run into the document."""
        trends = {name: trend(name, found, self.history * 1.5) for name, found in sorted(load.watch.samples.items())}
        problems += [f"{name} grew by {found.rise:.1f}" for name, found in trends.items() if found.grew]
        text = report.whole(load, trends, problems, changes=changes, minutes=self.minutes, history=self.history)
        print(text)
        self.save(load)
        (FOLDER / "report.md").write_text(text)
        if self.minutes >= WORTH_WRITING:
            report.write(text)
        return 1 if problems else 0


def main() -> int:
    """Run for ``SOAK_MINUTES``, 60 by default."""
    os.nice(5)
    with tempfile.TemporaryDirectory() as folder:
        return Soak(float(os.environ.get("SOAK_MINUTES") or 60), Path(folder)).run()


if __name__ == "__main__":
    raise SystemExit(main())
