"""How ``<type>-list`` gets its rows: one page, a window, all of them, or all regions at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import (
    AuthFailed,
    CloudmuxError,
    Denied,
    ServiceNotOpen,
    UnknownRegion,
    UsageError,
)
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.console.exit_codes import CREDENTIALS, FAILED, PARTLY
from cloudmux_py.console.output import Listing, as_json, check_columns, show_list, stream, write
from cloudmux_py.console.settings import Settings
from cloudmux_py.console.spool import Spool
from cloudmux_py.console.terminal import note
from cloudmux_py.engine.region import Region

from .session import account, region

PARALLEL_REGIONS = 16

Row = type[ICloudResource]


class Wanted(NamedTuple):
    """What ``<type>-list`` was asked for; see its options."""

    limit: int
    offset: int
    page: int
    size: int
    ids: tuple[str, ...]
    all_regions: bool
    raw: bool


def list_rows(settings: Settings, row: Row, wanted: Wanted) -> None:
    """List, and print."""
    names = [*(["region"] if wanted.all_regions else []), *row.columns]
    _check(wanted)
    if not wanted.raw:
        check_columns(settings, names)
    if wanted.raw:
        write(as_json(reply) for reply in region(settings)[0].raw(row))
    elif wanted.all_regions:
        _all_regions(settings, row, wanted, names)
    elif settings.output == "jsonl" and not settings.query and not any(wanted[:5]):
        stream(settings, (item.to_dict() for item in region(settings)[0].iter(row)), names)
    else:
        _one_region(settings, row, wanted, names)


def _check(wanted: Wanted) -> None:
    """Refuse ways of listing that would silently undo each other."""
    ways = {
        "--limit and --offset": wanted.limit or wanted.offset,
        "--page and --size": wanted.page or wanted.size,
        "--ids": wanted.ids,
        "--all-regions": wanted.all_regions,
        "--raw": wanted.raw,
    }
    given = [name for name, value in ways.items() if value]
    if len(given) > 1 and given != ["--limit and --offset", "--all-regions"]:
        raise UsageError(f"{', '.join(given)}: not together")


def shown(row: Row) -> list[str]:
    """The columns of a table that nobody asked for."""
    return [name for name, column in row.columns.items() if column.listed]


def _one_region(settings: Settings, row: Row, wanted: Wanted, names: list[str]) -> None:
    spool, total, left_out = Spool(), None, False
    where, _ = region(settings)
    if wanted.ids:
        for id in wanted.ids:
            spool.append(where.get(row, id).to_dict())
    elif wanted.page or wanted.size:
        items, total = where.page(row, size=wanted.size or None, page=wanted.page or 1)
        _keep(spool, items)
        left_out = total is not None and len(spool) < total
    elif wanted.limit:
        items, total, _ = where.window(row, offset=wanted.offset, limit=wanted.limit)
        _keep(spool, items)
        left_out = total is None or len(spool) < total
    else:
        where.gather(row, lambda item: spool.append(item.to_dict()), spool.clear)
        total = len(spool)
    rows: Any = spool if wanted.limit or not wanted.offset else _after(spool, wanted.offset)
    show_list(
        settings,
        Listing(rows, names, shown(row), "external_id", total=total, limit=wanted.limit, offset=wanted.offset),
    )
    if left_out:
        note(f"{len(spool)} of {'more' if total is None else total} shown; --limit 0 for all")


def _keep(spool: Spool, items: list[Any]) -> None:
    for item in items:
        spool.append(item.to_dict())


def _after(spool: Spool, offset: int) -> list[dict[str, Any]]:
    return [item for number, item in enumerate(spool) if number >= offset]


class _Outcome(NamedTuple):
    region: str
    rows: Spool
    error: CloudmuxError | None


def _list_region(where: Region, row: Row) -> _Outcome:
    spool = Spool()
    try:
        where.gather(row, lambda item: spool.append({"region": where.id, **item.to_dict()}), spool.clear)
    except (UnknownRegion, ServiceNotOpen):
        spool.clear()
    except CloudmuxError as error:
        spool.clear()
        return _Outcome(where.id, spool, error)
    return _Outcome(where.id, spool, None)


def _all_regions(settings: Settings, row: Row, wanted: Wanted, names: list[str]) -> None:
    cloud = account(settings)
    regions = [cloud.region(info.id) for info in cloud.regions(row) if info.available]
    pool = ThreadPoolExecutor(PARALLEL_REGIONS)  # not as a context: leaving it on Ctrl-C would wait for calls
    outcomes = [*pool.map(lambda where: _list_region(where, row), regions)]
    pool.shutdown()
    rows = [item for number, item in enumerate(_chained(outcomes)) if number >= wanted.offset]
    total = sum(len(outcome.rows) for outcome in outcomes)
    cut = rows[: wanted.limit] if wanted.limit else rows
    failed = [outcome for outcome in outcomes if outcome.error]
    if len(failed) < len(outcomes) or not outcomes:
        table = ["region", *shown(row)]
        show_list(
            settings,
            Listing(cut, names, table, "external_id", total=total, limit=wanted.limit, offset=wanted.offset),
        )
    if len(cut) < len(rows):
        note(f"{len(cut)} of {total} shown; --limit 0 for all")
    for outcome in failed:
        note(f"error: {outcome.error}")
    if failed:
        raise SystemExit(exit_code([outcome.error for outcome in outcomes]))


def _chained(outcomes: list[_Outcome]) -> Iterator[dict[str, Any]]:
    for outcome in outcomes:
        yield from outcome.rows


def exit_code(errors: list[CloudmuxError | None]) -> int:
    """The exit code of work in several places: partly done, or why nothing was."""
    if any(error is None for error in errors):
        return PARTLY
    return CREDENTIALS if all(isinstance(error, AuthFailed | Denied) for error in errors) else FAILED
