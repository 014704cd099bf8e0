"""What runs beside the main thread: listing a scope and asking for ids, as functions of plain strings.

A `Job` names its account by a reference and holds no key, so it can cross to another process or machine; there the
reference is resolved by `connection`. Pages come back packed, so that a hundred thousand rows in flight stay small.
"""

import pickle
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import (
    CloudError,
    CloudmuxError,
    Drift,
    NotFound,
    NotImplementedByProvider,
    ServiceNotOpen,
    TimedOut,
    UnknownRegion,
)
from cloudmux_py.cloudprovider.resource import ICloudResource, format_time
from cloudmux_py.engine.account import Account as Cloud
from cloudmux_py.engine.proof import Proof
from cloudmux_py.engine.reading import LISTING_DEADLINE, LISTING_TRIES
from cloudmux_py.engine.region import Region
from cloudmux_py.resources import resource_type

from ..models.connection import connect
from ..store.shape import Stored, shape_of


class Job(NamedTuple):
    """One scope to list, as strings and numbers alone.

    Attributes:
        account: Reference of the account, which `models.connection.connect` resolves: the cache's path and its id.
        region: The cloud's region id.
        keyword: Resource type.
        full: Also get each row, for the columns that lists lack.
    """

    account: str
    region: str
    keyword: str
    full: bool = False


@dataclass
class Listing:
    """What listing a scope brought.

    Attributes:
        job: What was asked for.
        pages: The rows as the cache stores them, packed page by page (`unpack`).
        count: How many rows could be read.
        error: Why the listing is not complete, or None.
        unsupported: The service does not exist there, or the account has not opened it.
        began: When the first page was asked for.
        requests: Request ids of the pages, which removal events keep as part of their proof.
        seconds: How long it took.
    """

    job: Job
    pages: list[bytes] = field(default_factory=list)
    count: int = 0
    error: CloudmuxError | None = None
    unsupported: bool = False
    began: str = ""
    requests: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every page came, every row could be read, and the listing's proof holds."""
        return self.error is None


def pack(rows: list[Stored]) -> bytes:
    """Rows as bytes; a page of 100 takes some 5 KB."""
    return zlib.compress(pickle.dumps(rows, 5), 1)


def unpack(page: bytes) -> list[Stored]:
    """The rows of a packed page. Only pages packed by this process's own workers are read."""
    rows: list[Stored] = pickle.loads(zlib.decompress(page))  # noqa: S301 - never from outside
    return rows


_clouds: dict[str, Cloud[Any]] = {}
_lock = threading.Lock()


def connection(reference: str) -> Cloud[Any]:
    """The account behind a reference, connected once for all threads of this process."""
    with _lock:
        if reference not in _clouds:
            _clouds[reference] = connect(reference)
        return _clouds[reference]


def list_scope(job: Job) -> Listing:
    """List one scope; never raises for what the cloud does, and keeps what could be read."""
    listing = Listing(job, began=format_time(datetime.now(UTC)))
    started = monotonic()
    row = resource_type(job.keyword)
    try:
        region = connection(job.account).region(job.region)
        for tries in range(1, LISTING_TRIES + 1):
            listing.pages, listing.requests, listing.count, listing.error = [], [], 0, None
            try:
                _list_once(region, row, listing, started + LISTING_DEADLINE)
                break
            except Drift as error:
                listing.error = error
                if tries == LISTING_TRIES:
                    break
    except (UnknownRegion, ServiceNotOpen, NotImplementedByProvider) as error:
        listing.error, listing.unsupported = error, True
    except CloudmuxError as error:
        listing.error = error
    listing.seconds = monotonic() - started
    return listing


def _list_once(region: Region, row: type[ICloudResource], listing: Listing, deadline: float) -> None:
    first_unreadable: CloudmuxError | None = None
    shape = shape_of(row.keyword, region.provider, full=listing.job.full)
    for page in region.scan(row):
        rows = [_full(region, row, item) for item in page.rows] if listing.job.full else page.rows
        listing.pages.append(pack([shape.stored(item) for item in rows]))
        listing.count += len(rows)
        listing.requests.append(page.request_id)
        if page.unreadable:
            first_unreadable = first_unreadable or page.unreadable[0]
        if monotonic() > deadline:
            raise TimedOut(f"the listing took longer than {LISTING_DEADLINE:.0f} s", region=region.id)
    if first_unreadable:
        raise first_unreadable


def _full(region: Region, row: type[ICloudResource], listed: ICloudResource) -> ICloudResource:
    try:
        return region.get(row, listed.external_id)
    except NotFound:
        return listed  # deleted since: the next listing will tell


def ask(job: Job, ids: Sequence[str], witness: str) -> dict[str, Proof]:
    """Ask for ids of a scope, with the id of a row known to live beside them."""
    try:
        region = connection(job.account).region(job.region)
        return region.ask(resource_type(job.keyword), ids, witness)
    except CloudError as error:
        return dict.fromkeys(ids, Proof("unknown", error=error))
