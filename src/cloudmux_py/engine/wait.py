"""Waiting for what a cloud does in its own time."""

from typing import TYPE_CHECKING, Any

from cloudmux_py.cloudprovider.errors import CloudError, NotFound, WaitTimeout
from cloudmux_py.cloudprovider.status import ISOLATED

from .retry import Clock

if TYPE_CHECKING:
    from .deleting import Deleting

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 10.0


def wait_gone(
    region: "Deleting",
    row: type[Any],
    id: str,
    timeout: float,
    clock: Clock,
    *,
    final: bool = False,
    second: bool = False,
) -> str:
    """Poll, ever more slowly, until the cloud says that an id is gone, or isolated in its recycle bin.

    A final deletion begins in the recycle bin, so that only gone is its end.

    The second call of a deletion that takes two is sent when it is due, unless it was (`second`).

    Only for ids that the same credentials saw before their deletion was accepted: after that, an empty answer
    is proof enough.

    Returns:
        ``gone`` or ``isolated``.

    Raises:
        WaitTimeout: It is still there, or could not be asked for, when the time was up.
    """
    deadline = clock.now() + timeout
    pause, last, followed = FIRST_PAUSE, "not asked", second
    while True:
        try:
            found, due = region.watch(row, id)
            last = found.status
            if due and not followed:
                followed = True
                region.follow(row, id)
        except NotFound:
            return "gone"
        except CloudError as error:
            if not error.retryable:
                raise
            last = str(error)
        if last == ISOLATED and not final:
            return ISOLATED
        if clock.now() + pause > deadline:
            raise WaitTimeout(f"{region.provider} {region.id} {id}: not gone after {timeout:.0f} s; last seen: {last}")
        clock.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def wait_stopped(
    region: "Deleting", row: type[Any], id: str, stopped: frozenset[str], timeout: float, clock: Clock
) -> None:
    """Poll until a row has one of the statuses given.

    Raises:
        NotFound: It is gone.
        WaitTimeout: It had none of them when the time was up.
    """
    deadline = clock.now() + timeout
    pause = FIRST_PAUSE
    while (status := region.get(row, id).status) not in stopped:
        if clock.now() + pause > deadline:
            raise WaitTimeout(f"{region.provider} {region.id} {id}: not stopped after {timeout:.0f} s; it is {status}")
        clock.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
