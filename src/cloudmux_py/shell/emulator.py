"""``cloudcli emulator``: both clouds on this machine, and changes to what they hold."""

from pathlib import Path
from typing import Any

import typer

from cloudmux_py.cloudprovider.errors import CloudmuxError, UsageError
from cloudmux_py.console.exit_codes import FAILED, PARTLY
from cloudmux_py.console.output import Listing, show_list
from cloudmux_py.console.settings import Settings, settings
from cloudmux_py.console.terminal import note

ACTIONS = """serve | check FILE… | fault KIND[:region=…,times=…] | clear | advance SECONDS |
set PROVIDER REGION ID KEY=VALUE… | remove PROVIDER REGION ID | regions PROVIDER REGION…"""


def emulator(
    ctx: typer.Context,
    action: str = typer.Argument(metavar="ACTION", help=ACTIONS),
    words: list[str] = typer.Argument(None, metavar="[WORDS]…", help="What the action needs."),
    port: int = typer.Option(8765, min=0, max=65535, help="Port; 0 for a free one."),
    instances: int = typer.Option(12, min=0, help="Rows of each type in each region."),
    default_region: str = typer.Option("cn-hangzhou", help="Aliyun region of clients that send none."),
    latency_ms: float = typer.Option(0.0, min=0, help="Milliseconds added to each call."),
    qps: float = typer.Option(0.0, min=0, help="Calls a second of an action beyond which the clouds throttle."),
    seed: int = typer.Option(1, help="Makes ids, names and times reproducible."),
    fault: list[str] = typer.Option([], metavar="FAULT", help="Switch a fault on, such as throttle:times=3."),
    replay: str = typer.Option("", metavar="FILE", help="Serve this recording instead (see --record)."),
) -> None:
    """Serve both clouds locally, or change what a running emulator holds (at --endpoint, or --port)."""
    if action == "serve":
        from cloudmux_py.emulator import Replay, serve

        try:
            recorded = Replay(Path(replay)) if replay else None
            note(
                f"Serving {replay or 'both clouds'} on port {port}; Ctrl-C ends. Paste these lines into another shell:"
            )
            serve(
                replay=recorded,
                faults=fault,
                port=port,
                instances=instances,
                default_region=default_region,
                latency_ms=latency_ms,
                qps=qps,
                seed=seed,
            )
        except (ValueError, OSError) as error:
            raise UsageError(f"the emulator cannot serve: {error}") from None
        return
    if action == "check":
        _check(settings(ctx), words or [])
        return
    url = ctx.find_root().obj.get("endpoint") or f"http://127.0.0.1:{port}"
    _control(url, action, words or [])


def _check(settings: Settings, files: list[str]) -> None:
    """Name what differs: exit code 1 if anything does, 5 if nothing does and not all, or nothing, could be compared."""
    from cloudmux_py.evidence import check

    if not files:
        raise UsageError("emulator check: name the recordings")
    checked = check([Path(file) for file in files])
    rows = [difference._asdict() for difference in checked.differences]
    names = ["provider", "action", "where", "difference", "times"]
    show_list(settings, Listing(rows, names, names, "where", total=len(rows), keys=frozenset(names)))
    note(f"{checked.compared} calls compared, {len(rows)} differences")
    for file in checked.cut:
        note(f"{file}: its last line was cut short, and is left out")
    for (provider, name, reason), times in checked.skipped.items():
        note(f"not compared: {provider} {name} ({times} times): {reason}")
    if rows or checked.skipped or not checked.compared:
        raise SystemExit(FAILED if rows else PARTLY)


def _control(url: str, action: str, words: list[str]) -> None:
    from urllib.error import HTTPError

    from cloudmux_py.emulator.control import Control

    try:
        _change(Control(url), action, words)
    except ValueError as error:
        raise UsageError(f"emulator {action}: {error}") from None
    except HTTPError as error:
        reason = error.read(300).decode("utf-8", "replace")
        raise UsageError(f"emulator {action}: refused: {' '.join(reason.split())}") from None
    except OSError as error:
        raise CloudmuxError(f"no emulator answers at {url}: {error}") from None


def _change(control: Any, action: str, words: list[str]) -> None:
    if action == "fault" and words:
        from dataclasses import asdict

        from cloudmux_py.emulator.faults import parse

        for word in words:
            options = {name: value for name, value in asdict(parse(word)).items() if name != "hits"}
            control.fault(**options)
    elif action == "clear":
        control.clear_faults()
    elif action == "advance" and len(words) == 1:
        control.advance(float(words[0]))
    elif action == "set" and len(words) > 3:
        control.patch(words[0], words[1], words[2], dict(_pair(word) for word in words[3:]))
    elif action == "remove" and len(words) == 3:
        control.remove(*words)
    elif action == "regions" and len(words) > 1:
        control.regions(words[0], words[1:])
    else:
        raise UsageError(f"emulator {action}: {' '.join(ACTIONS.split())}")


def _pair(word: str) -> tuple[str, Any]:
    """``KEY=VALUE``; the value is JSON where it can be."""
    import json

    key, _, value = word.partition("=")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value
