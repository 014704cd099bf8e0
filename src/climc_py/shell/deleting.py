"""``climc <type>-delete``: checks all, asks, plans all, and sees each task to its end."""

import sqlite3
from collections.abc import Sequence

from cloudmux_py.cloudprovider.errors import CloudmuxError, Refused
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.console.exit_codes import PARTLY
from cloudmux_py.console.output import Listing, check_columns, show_list
from cloudmux_py.console.settings import Settings
from cloudmux_py.console.terminal import confirm, note
from cloudmux_py.console.text import mention

from ..store.database import Database
from ..tasks.delete import Clouds, Deletion, Outcome, Target, bury_gone, cancel, plan, validate
from .session import chosen_rows, writing

NAMES = ["id", "name", "external_id", "task", "stage", "note"]


def delete_rows(
    settings: Settings,
    row: type[ICloudResource],
    ids: Sequence[str],
    options: DeleteOptions,
    *,
    yes: bool,
    dry_run: bool,
    timeout: float,
) -> None:
    """Delete, and print how each task ended."""
    check_columns(settings, NAMES)
    with writing(settings) as database:
        clouds = Clouds(database)
        found, confirmed = chosen_rows(settings, database, row, ids, dry_run=dry_run)
        targets = _validate_all(database, clouds, row, found, options)
        names = ", ".join(
            f"{mention(target.found['name'])} ({mention(target.found['external_id'])})" for target in targets
        )
        if dry_run:
            _show(settings, [_planned(target) for target in targets])
            return
        if not confirm(f"Delete {len(targets)} in their cloud: {names}?", settings, yes=yes or confirmed):
            raise Refused("nothing was deleted")
        outcomes = [bury_gone(database, row, target) for target in targets if target.seen is None]
        outcomes += _run_all(database, row, targets, options, timeout)
    tell(outcomes)
    _show(settings, outcomes)
    end(outcomes)


def end(outcomes: Sequence[Outcome]) -> None:
    """Exit with the error's own code where there is but one outcome, else with 5, unless all came to their end."""
    bad = [outcome for outcome in outcomes if not outcome.done]
    if bad:
        alone = bad[0].error if len(outcomes) == 1 else None
        raise SystemExit(alone.exit_code if alone else PARTLY)


def tell(outcomes: Sequence[Outcome]) -> None:
    """Say on stderr, in a line each, what did not come to its end."""
    for outcome in outcomes:
        if outcome.error:
            note(f"error: {outcome.error}")
        elif not outcome.done:
            note(f"{outcome.stage}: {outcome.name} ({outcome.external_id}): {outcome.note}")


def _validate_all(
    database: Database, clouds: Clouds, row: type[ICloudResource], found: list[sqlite3.Row], options: DeleteOptions
) -> list[Target]:
    """Look at all of them before anything is written: one refusal stops all."""
    targets, refusals = [], []
    for item in found:
        try:
            targets.append(validate(database, clouds, row, item, options))
        except Refused as refusal:
            refusals.append(str(refusal))
    if refusals:
        raise Refused(f"nothing was deleted: {'; '.join(refusals)}")
    return targets


def _run_all(
    database: Database, row: type[ICloudResource], targets: Sequence[Target], options: DeleteOptions, timeout: float
) -> list[Outcome]:
    planned = plan(database, row, targets, options)
    outcomes: list[Outcome] = []
    try:
        for target, task in planned:
            outcomes.append(Deletion(database, task, target.region, timeout).run())
    except (KeyboardInterrupt, CloudmuxError):
        for _, task in planned:
            if task.stage == "planned":
                cancel(database, task)
        note("tasks that were sent go on in the cloud; climc task-resume sees to them")
        raise
    return outcomes


def _planned(target: Target) -> Outcome:
    found = target.found
    stage = "would be deleted" if target.seen else "gone already"
    return Outcome(found["id"], found["name"], found["external_id"], "", stage)


def _show(settings: Settings, outcomes: Sequence[Outcome]) -> None:
    rows = [outcome.to_dict() for outcome in outcomes]
    show_list(settings, Listing(rows, NAMES, NAMES, "id", total=len(rows)))
