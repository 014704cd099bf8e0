"""The frame of both programs: one line for each failure, and the documented exit code."""

import gc
import os
import sys
from typing import Any, NoReturn

from cloudmux_py import resources
from cloudmux_py.cloudprovider.errors import CloudmuxError

from . import debug
from .exit_codes import FAILED, INTERRUPTED
from .text import visible


def run(command: Any, name: str) -> NoReturn:
    """Run a program to its end.

    Args:
        command: The Typer group.
        name: The program's name, as its help shows it.
    """
    gc.disable()  # importing makes no garbage, and the collector costs 4 ms; commands switch it on
    _open_closed_streams()
    resources.warn = _silent if f"_{name.upper()}_COMPLETE" in os.environ else _warn
    try:
        command.main(prog_name=name)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # Typer turns Ctrl-C into this
            _leave()
        _flush()
        raise SystemExit(end.code) from None
    except KeyboardInterrupt:
        _leave()
    except BrokenPipeError as error:
        _close_stdout()
        raise SystemExit(_amid(error)) from None
    except CloudmuxError as error:
        _fail(f"error: {error}", error.exit_code)
    except OSError as error:  # a full disk, a file that cannot be opened
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"error: {where}{error.strerror or error}", FAILED)
    except Exception as error:  # the last resort: a fault of ours, told in one line
        text = " ".join(str(error).split())[:300]
        _fail(f"error: internal fault: {type(error).__name__}: {text}; run again with --debug and report it", FAILED)
    raise SystemExit(0)


def _amid(error: BaseException | None) -> int:
    """The exit code of what was being told when its reader left; 0 where it was the output itself."""
    while error:
        if (code := getattr(error, "exit_code", None)) is not None:
            return int(code)
        error = error.__context__
    return 0


def _warn(text: str) -> None:
    _say(f"warning: {text}")


def _silent(_: str) -> None:
    """A shell that completes a word shows what is written as if it were typed."""


def _open_closed_streams() -> None:
    """A shell may start us with stdout or stderr closed (``>&-``); what is written there then goes nowhere."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - as long as we run
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _leave() -> NoReturn:
    """End at once: threads whose calls are under way would be waited for. The kernel frees the locks."""
    _traceback()
    _say("interrupted")
    _flush()
    os._exit(INTERRUPTED)


def _traceback() -> None:
    """With ``--debug``; what clouds said in it is as harmless as elsewhere."""
    if debug.enabled:
        import traceback

        sys.stderr.writelines(f"{visible(line)}\n" for line in traceback.format_exc().splitlines())


def _say(line: str) -> None:
    from .terminal import note

    note(line)


def _fail(line: str, code: int) -> NoReturn:
    _traceback()
    _say(line)
    _flush()
    raise SystemExit(code)


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError:  # said already, or nobody reads
        _close_stdout()


def _close_stdout() -> None:
    """The reader has gone: let nothing complain of it any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
