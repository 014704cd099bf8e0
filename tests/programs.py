"""Runs the installed programs, each in a process of its own that is forked from one which has imported them already.

A process that imports everything anew takes a quarter of a second of processor time, and there are a thousand. Tests of
pipes, terminals and signals start the real thing.
"""

import multiprocessing
import multiprocessing.process
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

Done = subprocess.CompletedProcess[str]

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.preloaded"])
STARTING = threading.Lock()


def nothing() -> None:
    """What most programs have arranged in their process."""


def run(
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    stdin: str = "",
    timeout: float = 50,
    arrange: Callable[[], object] = nothing,
) -> Done:
    """Run ``cloudcli``, ``aliyuncli``, ``qcloudcli`` or ``climc`` to its end.

    Args:
        words: The program and its arguments.
        env: Its environment.
        stdin: What it reads.
        timeout: Seconds until it is killed.
        arrange: Called in its process first.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in").write_bytes(stdin.encode())
        process = CONTEXT.Process(target=_child, args=(list(words), dict(env), folder, arrange))
        with STARTING:
            process.start()
            # Any start looks after all known children, and would take the exit code that another thread waits for.
            multiprocessing.process._children.discard(process)  # type: ignore[attr-defined]
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(words), timeout)
        out, error = ((Path(folder) / name).read_bytes().decode() for name in ("out", "err"))
        return subprocess.CompletedProcess(list(words), process.exitcode, out, error)


def _child(words: list[str], env: dict[str, str], folder: str, arrange: Callable[[], object]) -> NoReturn:
    os.environ.clear()
    os.environ.update(env)
    for number, name in enumerate(("in", "out", "err")):
        flags = os.O_WRONLY | os.O_CREAT if number else os.O_RDONLY
        os.dup2(os.open(Path(folder) / name, flags, 0o600), number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115 - until the end
        for number, mode, errors in ((0, "r", "strict"), (1, "w", "strict"), (2, "w", "backslashreplace"))
    )
    program = Path(words[0]).name
    sys.argv = [program, *words[1:]]
    arrange()
    _main(program)()
    raise SystemExit(0)


def _main(program: str) -> Any:
    import climc_py.shell
    import cloudmux_py.shell

    if program == "climc":
        return climc_py.shell.main
    return getattr(cloudmux_py.shell, "main" if program == "cloudcli" else program)
