"""How ``<type>-delete`` deletes: all ids are got and all refusals checked before the first call that deletes."""

from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import CloudError, CloudmuxError, Refused, WaitTimeout
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.console.commands import read_ids
from cloudmux_py.console.exit_codes import PARTLY
from cloudmux_py.console.output import Listing, check_columns, show_list
from cloudmux_py.console.settings import Settings
from cloudmux_py.console.terminal import confirm, note
from cloudmux_py.console.text import mention
from cloudmux_py.engine.region import Region

from .session import region

NAMES = ["external_id", "name", "result", "note"]


class Unfinished(WaitTimeout):
    """The cloud accepted a deletion, and nobody saw its end."""


class Plan(NamedTuple):
    """What to delete, and how.

    Attributes:
        ids: As given; ``-`` stands for stdin.
        options: How.
        yes: Do not ask.
        dry_run: Check, and do nothing.
        wait: Seconds to wait for each until it is gone; 0 not to.
    """

    ids: tuple[str, ...]
    options: DeleteOptions
    yes: bool
    dry_run: bool
    wait: float


def delete_rows(settings: Settings, row: type[ICloudResource], plan: Plan) -> None:
    """Delete, and print what became of each."""
    check_columns(settings, NAMES)
    ids = read_ids(plan.ids)
    where, confirmed = region(settings, ids, dry_run=plan.dry_run)
    found = [where.refusal(row, id, plan.options) for id in ids]
    reasons = [f"{item.external_id}: {reason}" for item, reason in found if reason]
    if reasons:
        raise Refused(f"{where.provider} {where.id}: nothing was deleted: {'; '.join(reasons)}")
    items = [item for item, _ in found]
    if plan.dry_run:
        _show(settings, [_result(item, "would be deleted", "") for item in items])
        return
    names = ", ".join(f"{mention(item.external_id)} ({mention(item.name)})" for item in items)
    if not confirm(
        f"Delete {len(items)} in {where.provider} {where.id}: {names}?", settings, yes=plan.yes or confirmed
    ):
        raise Refused("nothing was deleted")
    results, errors = [], []
    for item in items:
        try:
            results.append(_delete_one(where, row, item, plan))
        except CloudmuxError as error:
            errors.append(error)
            results.append(_result(item, "accepted" if isinstance(error, Unfinished) else "failed", str(error)))
            note(f"error: {error}")
    _show(settings, results)
    if errors:
        raise SystemExit(errors[0].exit_code if len(errors) == len(items) == 1 else PARTLY)


def _delete_one(where: Region, row: type[ICloudResource], item: ICloudResource, plan: Plan) -> dict[str, Any]:
    if plan.options.stop_first:
        where.stop(row, item.external_id)
    prepared = where.prepare_delete(row, item.external_id, plan.options)
    deletion = where.delete(row, item.external_id, plan.options, prepared)
    if deletion.ends != "gone":
        return _result(item, deletion.ends, deletion.note)
    if not plan.wait:
        return _result(item, "accepted", deletion.note)
    try:
        final, second = plan.options.final, prepared.second
        ended = where.wait_gone(row, item.external_id, plan.wait, final=final, second=second)
    except (CloudError, WaitTimeout) as error:
        raise Unfinished(f"accepted, and its end was not seen: {error}") from error
    return _result(item, ended, "")


def _result(item: ICloudResource, result: str, text: str) -> dict[str, Any]:
    return dict(zip(NAMES, (item.external_id, item.name, result, text), strict=True))


def _show(settings: Settings, rows: list[dict[str, Any]]) -> None:
    show_list(settings, Listing(rows, NAMES, NAMES, "external_id", total=len(rows)))
