"""Holds what happened in a cell against what was promised."""

import re
from collections.abc import Callable, Collection, Iterator

from cloudmux_py.emulator.state import Request

from . import matrix
from .cells import MAIN, Cell, binding_of
from .clouds import CHANGED, HERE
from .matrix import Expected, expected
from .running import Seen

WAITING = re.compile(r"warning: .*; waiting \d+ s")
"""What is said before a call is repeated after a while."""

ENDED = frozenset({"done", "isolated"})


def judge(seen: Seen) -> list[str]:
    """What was not as promised; nothing if all was."""
    outcome = wanted(seen.cell)
    faults = [*_told(seen, outcome), *PROMISES[outcome.promise](seen), *_always(seen)]
    return [f"{seen.cell}: {fault}\n  stderr: {seen.done.stderr.strip()[:600]}" for fault in faults]


def wanted(cell: Cell) -> Expected:
    """What must come of a cell."""
    binding = binding_of(cell.provider, cell.keyword)
    assert binding
    alone = not binding.regional or cell.fault.extent == matrix.ON
    shows = (cell.provider, cell.keyword) not in matrix.SILENT
    return expected(cell.command, cell.role, cell.fault, alone=alone, shows=shows)


def _told(seen: Seen, outcome: Expected) -> Iterator[str]:
    """The exit code and the line on stderr."""
    exit = seen.without if outcome.exit is None else outcome.exit
    done, fault = seen.done, seen.cell.fault
    if outcome.exit is None and outcome.promise == matrix.OPEN_TASK and done.returncode in {0, 5}:
        exit = done.returncode  # some clouds are quick, and it is proved gone
    if done.returncode != exit:
        yield f"exit {done.returncode} instead of {exit}"
    lines = [line for line in done.stderr.splitlines() if not WAITING.fullmatch(line)]
    if len(lines) != (1 if exit else 0):
        yield f"{len(lines)} lines on stderr"
    ends = {matrix.ONE_SEND, matrix.UNKNOWN_TASK, matrix.OPEN_TASK, matrix.SECOND_SENT, matrix.AS_WITHOUT}
    if exit and outcome.promise not in ends and not re.search(fault.says, done.stderr):
        yield f"stderr does not say {fault.says!r}"


def _always(seen: Seen) -> Iterator[str]:
    """What holds for every cell."""
    done = seen.done
    if "Traceback" in done.stdout + done.stderr or "internal fault" in done.stderr:
        yield "a traceback or a fault of ours"
    for secret in ("aliyun-emulator-secret", "qcloud-emulator-secret"):
        if secret in done.stdout + done.stderr or secret.encode() in seen.cache:
            yield "a secret was written"
    if any(request.path == "/elsewhere" for request in seen.requests):
        yield "a redirection was followed"
    executed = [request for request in _sent(seen) if request.status == 200 and not request.code]
    if len(executed) > 1:
        yield f"the deletion was executed {len(executed)} times"
    lost = {id for id, row in seen.before.items() if not row["deleted"]} - {*seen.after}
    if lost:
        yield f"rows are not in the cache any more: {lost}"


def _sent(seen: Seen) -> list[Request]:
    requests = seen.resumed[1] if seen.resumed else seen.requests
    return [request for request in requests if request.action in seen.deletes]


# The promises.


def _as_without(seen: Seen) -> Iterator[str]:
    if seen.cell.command == "climc sync":
        yield from _followed(seen, HERE[seen.cell.provider])
    if seen.cell.command.startswith(("climc delete", "climc task")):
        yield from _tasks(seen, {"done", "isolated", "accepted"})
        yield from _ends_well(seen)


def _nothing(seen: Seen) -> Iterator[str]:
    if seen.done.stdout:
        yield "something is printed"


def _unseen(seen: Seen) -> Iterator[str]:
    if _sent(seen):
        yield "a deletion was sent"
    if seen.tasks:
        yield "a task was begun"
    yield from _same(seen)


def _not_done(seen: Seen) -> Iterator[str]:
    if any(request.status == 200 and not request.code for request in _sent(seen)):
        yield "a deletion was executed"


def _one_send(seen: Seen) -> Iterator[str]:
    if len(_sent(seen)) != 1:
        yield f"the deletion was sent {len(_sent(seen))} times"


def _same(seen: Seen) -> Iterator[str]:
    yield from _unchanged(seen, *HERE[seen.cell.provider])


def _others(seen: Seen) -> Iterator[str]:
    yield from _unchanged(seen, HERE[seen.cell.provider][0])
    yield from _followed(seen, _elsewhere(seen))


def _hold(seen: Seen) -> Iterator[str]:
    here = HERE[seen.cell.provider][0]
    id = seen.gone[here]
    if seen.after[id]["deleted"]:
        yield f"{id} was removed"
    if not seen.after[id]["missing_since"]:
        yield f"{id} is not marked as missing"
    yield from _renamed(seen, here)
    yield from _followed(seen, _elsewhere(seen))


def _elsewhere(seen: Seen) -> tuple[str, ...]:
    """The regions that the command was asked for beside the one with the fault."""
    return () if "--region" in seen.done.args else HERE[seen.cell.provider][1:]


def _kept(seen: Seen) -> Iterator[str]:
    removed = [id for id, row in seen.after.items() if row["deleted"] and not seen.before[id]["deleted"]]
    if removed:
        yield f"removed: {removed}"


def _flagged(seen: Seen) -> Iterator[str]:
    row = seen.after[seen.id]
    if row["deleted"] or row["status"] != "unknown":
        yield f"the row is {row['status']}, deleted {row['deleted']}"


def _buried(seen: Seen) -> Iterator[str]:
    if not seen.after[seen.id]["deleted"]:
        yield "the row is there still"
    yield from _tasks(seen, {"done"})


def _given_up(seen: Seen) -> Iterator[str]:
    if _sent(seen):
        yield "a deletion was sent"
    if seen.cell.command.startswith("climc"):
        yield from _tasks(seen, {"failed"})
        if seen.after[seen.id]["status"] != seen.before[seen.id]["status"]:
            yield f"the row is {seen.after[seen.id]['status']}"


def _failed_task(seen: Seen) -> Iterator[str]:
    if seen.cell.role == matrix.DELETE:
        yield from _not_done(seen)
    yield from _tasks(seen, {"failed"})
    row = seen.after[seen.id]
    if row["deleted"] or row["status"] != "delete_failed":
        yield f"the row is {row['status']}, deleted {row['deleted']}"


def _unknown_task(seen: Seen) -> Iterator[str]:
    yield from _one_send(seen)
    yield from _tasks(seen, {"unknown"})
    row, before = seen.after[seen.id], seen.before[seen.id]
    if row["deleted"] or row["status"] != before["status"]:
        yield f"the row is {row['status']}, deleted {row['deleted']}"


def _open_task(seen: Seen) -> Iterator[str]:
    if seen.cell.command == "climc delete":
        yield from _one_send(seen)
    yield from _tasks(seen, {"accepted", "sent"} if seen.done.returncode else ENDED)
    if seen.after[seen.id]["deleted"] and seen.done.returncode:
        yield "the row was removed"
    yield from _ends_well(seen)


def _second_sent(seen: Seen) -> Iterator[str]:
    yield from _tasks(seen, {"accepted"})
    binding = binding_of(seen.cell.provider, seen.cell.keyword)
    assert binding
    assert binding.then
    assert seen.resumed
    again = [request for request in seen.resumed[1] if request.action == binding.then.call.action]
    if len(again) != 1:
        yield f"the second call was sent {len(again)} times"
    yield from _ends_well(seen, ENDED if seen.cell.fault.executed else frozenset({"unknown"}))


PROMISES: dict[str, Callable[[Seen], Iterator[str]]] = {
    matrix.AS_WITHOUT: _as_without,
    matrix.NOTHING: _nothing,
    matrix.UNSEEN: _unseen,
    matrix.NOT_DONE: _not_done,
    matrix.ONE_SEND: _one_send,
    matrix.SAME: _same,
    matrix.OTHERS: _others,
    matrix.HOLD: _hold,
    matrix.KEPT: _kept,
    matrix.FLAGGED: _flagged,
    matrix.BURIED: _buried,
    matrix.GIVEN_UP: _given_up,
    matrix.FAILED_TASK: _failed_task,
    matrix.UNKNOWN_TASK: _unknown_task,
    matrix.OPEN_TASK: _open_task,
    matrix.SECOND_SENT: _second_sent,
}


def _tasks(seen: Seen, stages: Collection[str]) -> Iterator[str]:
    """No task is in another stage; a row that was gone before anything was sent needs none."""
    wrong = [task["stage"] for task in seen.tasks if task["stage"] not in stages]
    if wrong:
        yield f"the task is {wrong}, not {stages}"


def _ends_well(seen: Seen, ends: frozenset[str] = ENDED) -> Iterator[str]:
    """What was left open came to its end once the fault was gone."""
    if seen.resumed and (wrong := [task["stage"] for task in seen.resumed[0] if task["stage"] not in ends]):
        yield f"after a resume the task is {wrong}"


def _region(seen: Seen, row: str) -> str:
    return str(seen.before[row]["cloudregion_id"]).rpartition("/")[2]


def _unchanged(seen: Seen, *regions: str) -> Iterator[str]:
    changed = [id for id in seen.before if _region(seen, id) in regions and seen.after[id] != seen.before[id]]
    if changed:
        yield f"rows were changed: {changed}"


def _followed(seen: Seen, regions: tuple[str, ...]) -> Iterator[str]:
    for region in regions:
        if region in seen.gone and not seen.after[seen.gone[region]]["deleted"]:
            yield f"{seen.gone[region]} is gone in the cloud and stands in the cache"
        yield from _renamed(seen, region)


def _renamed(seen: Seen, region: str) -> Iterator[str]:
    """Of the main type, one row of each region has a new name."""
    if seen.cell.keyword != MAIN or seen.cell.provider not in CHANGED:
        return
    name = next(iter(CHANGED[seen.cell.provider].values()))
    named = {_region(seen, id) for id, row in seen.after.items() if row["cloud_name"] == name}
    if region not in named:
        yield f"the new name in {region} is not in the cache"
