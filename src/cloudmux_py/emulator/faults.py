"""Faults on demand: which calls they hit, how often, and what they do."""

import random
import threading
from dataclasses import asdict, dataclass, field, fields
from typing import Any

KINDS = {
    "throttle": "answers with the cloud's rate-limit code (retry_after: milliseconds)",
    "error": "answers with `code` and HTTP `status`",
    "status": "answers HTTP `status` with a gateway's HTML page (retry_after: milliseconds)",
    "reset-before": "resets the connection before anything happens",
    "reset-after": "does what was asked, then resets the connection",
    "reset-headers": "does what was asked, sends the headers and half of the body, then resets the connection",
    "slow": "waits `seconds` first",
    "stall-headers": "does what was asked, then sends nothing for `seconds`",
    "stall-body": "sends the headers and half of the body, then nothing for `seconds`",
    "drip": "sends the body byte by byte, `seconds` apart",
    "drip-headers": "does what was asked, sends the status line and the headers byte by byte, `seconds` apart",
    "truncate": "cuts the body short of its Content-Length",
    "empty-body": "answers with no body",
    "huge-body": "adds 80 MB of blanks to the body",
    "not-json": "answers 200 with text",
    "content-type": "names the body text/html",
    "charset": "adds a charset to the content type",
    "other-shape": "answers 200 with JSON of another shape",
    "missing-key": "leaves the result key of a list out",
    "no-result": "answers 200 with the request id alone",
    "close": "closes the connection after the answer",
    "empty-page": "leaves the rows out and keeps the total",
    "short-page": "leaves one row of the page out and keeps the total",
    "repeat-page": "answers with the first page whatever page is asked for",
    "growing-total": "counts one row more with each page",
    "large-total": "counts one row more than there are",
    "duplicate-id": "sends the first row of the page twice",
    "lists-say-zero": "lists no rows and a total of 0, while rows still answer by id",
    "hide-rows": "hides rows from lists and by id alike, as a narrowed permission does",
    "bad-row": "makes the first row of the page unreadable",
    "string-total": "sends the total as a text",
}


@dataclass
class Fault:
    """One fault; empty selectors hit every call.

    Attributes:
        kind: One of `KINDS`.
        provider: ``aliyun`` or ``qcloud``.
        region: Region id.
        action: API action.
        account: Cloud account id.
        page: Only this page of a list, counted from 1; 0 for any.
        after: How many of the selected calls it lets through first.
        times: How many calls it hits; 0 for all.
        percent: What share of the calls it hits, at random but reproducibly; 0 for all.
        seconds: For ``slow``, ``stall-headers``, ``stall-body``, ``drip`` and ``drip-headers``.
        code: For ``error``.
        status: For ``error`` and ``status``.
        retry_after: For ``throttle`` and ``status``, milliseconds.
        keep: For ``hide-rows``: how many rows stay visible.
    """

    kind: str
    provider: str = ""
    region: str = ""
    action: str = ""
    account: str = ""
    page: int = 0
    after: int = 0
    times: int = 0
    percent: float = 0.0
    seconds: float = 0.0
    code: str = ""
    status: int = 0
    retry_after: int = 0
    keep: int = 0
    seen: int = field(default=0, compare=False)
    hits: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}; there are: {', '.join(KINDS)}")

    def matches(self, provider: str, region: str, action: str, account: str) -> bool:
        """Whether a call is selected."""
        selectors = ((self.provider, provider), (self.region, region), (self.action, action), (self.account, account))
        return all(not wanted or wanted == found for wanted, found in selectors)


class Faults:
    """The faults that are switched on; safe for threads."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.random = random.Random(1)  # noqa: S311 - reproducible, not secret
        self.lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Switch one on."""
        with self.lock:
            self.faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all off."""
        with self.lock:
            self.faults.clear()

    def take(self, kind: str, provider: str, region: str, action: str, account: str, page: int = 0) -> Fault | None:
        """The fault of a kind that hits this call, which counts as one hit."""
        with self.lock:
            for fault in self.faults:
                if fault.kind != kind or not fault.matches(provider, region, action, account):
                    continue
                if fault.page and fault.page != page:
                    continue
                fault.seen += 1
                if fault.seen <= fault.after or (fault.times and fault.hits >= fault.times):
                    continue
                if fault.percent and self.random.uniform(0, 100) >= fault.percent:
                    continue
                fault.hits += 1
                return fault
        return None

    def to_list(self) -> list[dict[str, Any]]:
        """All faults as JSON."""
        with self.lock:
            return [asdict(fault) for fault in self.faults]


def make(kind: str, **options: Any) -> Fault:
    """A fault from words and texts, each converted to its field's type."""
    types = {item.name: item.type for item in fields(Fault)}
    unknown = options.keys() - types.keys()
    if unknown:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
    return Fault(kind, **{name: types[name](value) for name, value in options.items()})  # type: ignore[operator]


def parse(text: str) -> Fault:
    """A fault as on a command line: ``throttle:provider=aliyun,region=cn-beijing,times=3``."""
    kind, _, rest = text.partition(":")
    pairs = [part.partition("=") for part in rest.split(",") if part]
    return make(kind, **{name: value for name, _, value in pairs})
