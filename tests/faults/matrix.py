"""The matrix as data: the faults, and what each command promises when one of its calls meets them.

The expectations are those of the design: one exit code for each class of failure, no row removed without proof, a
deletion sent at most once. Nothing here was read off the programs.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cloudmux_py.console.exit_codes import CREDENTIALS, FAILED, NOT_FOUND, OK, PARTLY, USAGE

# What a fault comes to.
FINE = "the answer can be read all the same"
UNSENT = "the request never left"
LOST = "sent, and no answer that can be read"
BROKEN = "the cloud failed inside"
THROTTLED = "the cloud's rate limit"
AUTH = "the cloud does not accept the keys"
DENIED = "the keys may not do this"
GONE = "the cloud's code that names this resource as gone"
REFUSED = "the cloud refuses, or does not accept the request"
NO_REGION = "the cloud does not know the region"
NOT_OPEN = "the account has not opened the service"

# Where a fault is made.
CALL = "this call, each time"
ON = "this call and all that follow"
RUN = "every call"


class Fault(NamedTuple):
    """One way for a call to go wrong.

    Attributes:
        name: As the table shows it.
        effect: What it comes to, one of the words above.
        kind: Of `cloudmux_py.emulator.faults`; or ``resolver`` or ``keys``, which `running` makes.
        options: Of the kind.
        says: What the line on stderr must hold, a pattern.
        executed: Whether the cloud does what was asked.
        extent: Which calls it hits.
        recovers: It happens once, and reading calls are repeated.
        cloud: The only cloud that has it; empty for both.
    """

    name: str
    effect: str
    kind: str
    options: Mapping[str, Any] = {}
    says: str = "."
    executed: bool = False
    extent: str = CALL
    recovers: bool = False
    cloud: str = ""


DUE = "(JSON|XML or JSON of the cloud) is due"


def page(status: int, effect: str, name: str = "", **options: int) -> Fault:
    """A gateway's page instead of the cloud's answer."""
    says = f"HTTP {status} with text/html where {DUE}"
    return Fault(name or f"HTTP {status}", effect, "status", {"status": status, **options}, says)


TRANSPORT = (
    Fault("DNS failure", UNSENT, "resolver", {"how": "unknown"}, "does not resolve", extent=ON),
    Fault("connection refused", UNSENT, "resolver", {"how": "refused"}, "refused the connection", extent=ON),
    Fault("stall at connect", UNSENT, "resolver", {"how": "stalled"}, "did not accept a connection", extent=ON),
    Fault("reset before the call is read", LOST, "reset-before", says="broke"),
    Fault("reset before headers", LOST, "reset-after", says="broke", executed=True),
    Fault("reset after headers", LOST, "reset-headers", says="broke", executed=True),
    Fault("stall at headers", LOST, "stall-headers", {"seconds": 20}, "no answer within", executed=True),
    Fault("stall at body", LOST, "stall-body", {"seconds": 20}, "no answer within", executed=True),
    Fault("headers byte by byte", LOST, "drip-headers", {"seconds": 0.05}, "no answer within", executed=True),
    Fault("body byte by byte", LOST, "drip", {"seconds": 0.05}, "no answer within", executed=True),
    Fault("truncated body", LOST, "truncate", says="broke", executed=True),
    Fault("huge body", LOST, "huge-body", says="larger than 64 MB|no answer within", executed=True),
)

ANSWERS = (
    Fault("wrong content type", FINE, "content-type", executed=True),
    Fault("empty body", LOST, "empty-body", says=f"where {DUE}|should be", executed=True),
    Fault("not JSON", LOST, "not-json", says=f"where {DUE}|should be", executed=True),
    Fault("JSON of another shape", LOST, "other-shape", executed=True),
    Fault("200 without the result key", LOST, "no-result", executed=True),
    page(301, LOST),
    page(400, LOST),
    page(401, LOST),
    page(403, LOST),
    page(404, LOST),
    page(409, LOST),
    page(429, THROTTLED, "HTTP 429 without Retry-After"),
    page(429, THROTTLED, "HTTP 429 with Retry-After", retry_after=1000),
    page(500, BROKEN),
    page(502, BROKEN),
    page(503, BROKEN),
)

INSIDE = {"aliyun": ("ServiceUnavailable", 503), "qcloud": ("InternalError", 200), "aws": ("InternalError", 500)}
DENIALS = {
    "aliyun": ("SubAccountNoPermission", 403),
    "qcloud": ("UnauthorizedOperation", 200),
    "aws": ("UnauthorizedOperation", 403),
}
EXPIRED = {
    "aliyun": ("InvalidSecurityToken.Expired", 400),
    "qcloud": ("AuthFailure.TokenFailure", 200),
    "aws": ("ExpiredToken", 403),
}


def code(name: str, codes: Mapping[str, tuple[str, int]], effect: str, **options: Any) -> tuple[Fault, ...]:
    """An answer with each cloud's own code."""
    return tuple(
        Fault(name, effect, "error", {"code": word, "status": status}, word.replace(".", r"\."), cloud=cloud, **options)
        for cloud, (word, status) in codes.items()
    )


CODED = (
    Fault("the cloud's rate limit", THROTTLED, "throttle", says="Throttling|RequestLimitExceeded"),
    Fault("the cloud's rate limit with its header", THROTTLED, "throttle", {"retry_after": 3000}, cloud="aliyun"),
    *code("the cloud's code of a fault inside", INSIDE, BROKEN),
    *code("permission denied", DENIALS, DENIED),
    *code("an STS token that expires mid-run", EXPIRED, AUTH, extent=ON),
)

ONCE = (
    Fault("reset, once", LOST, "reset-before", {"times": 1}, recovers=True),
    Fault("truncated body, once", LOST, "truncate", {"times": 1}, executed=True, recovers=True),
    Fault("HTTP 503, once", BROKEN, "status", {"status": 503, "times": 1}, recovers=True),
    Fault("rate limit, once", FINE, "throttle", {"times": 1, "retry_after": 100}, executed=True),
)

ACCOUNT = (
    Fault("clock an hour behind", AUTH, "keys", {"how": "behind"}, "clock is \\d+ s behind", extent=RUN),
    Fault("clock an hour ahead", AUTH, "keys", {"how": "ahead"}, "clock is \\d+ s ahead", extent=RUN),
    Fault("wrong secret", AUTH, "keys", {"how": "secret"}, "Signature|AuthFailure", extent=RUN),
    Fault(
        "unknown key",
        AUTH,
        "keys",
        {"how": "key"},
        "NotFound|AuthFailure|InvalidClientTokenId|UnrecognizedClient",
        extent=RUN,
    ),
    Fault("expired token", AUTH, "keys", {"how": "token"}, "Token|AuthFailure|UnrecognizedClient", extent=RUN),
)

FAULTS = (*TRANSPORT, *ANSWERS, *CODED, *ONCE, *ACCOUNT)

# The commands, and the calls that each makes, by what they are for.
IDENTITY, REGIONS, LIST, DETAILS, ASK = "identity", "regions", "list", "details of a list", "ask by id"
GET, FULL, EXTRA, MORE = "get", "full get", "extra", "second extra"
STOP, DELETE, THEN, POLL = "stop", "delete", "second delete", "poll"

HERE = "cloudcli --provider {provider} --region {region} --timeout {seconds} {word}-"
COMMANDS = {
    "cloudcli list": HERE + "list",
    "cloudcli list --all-regions": "cloudcli --provider {provider} --timeout {seconds} {word}-list --all-regions",
    "cloudcli show": HERE + "show {id}",
    "cloudcli delete": HERE + "delete {id} --yes",
    "cloudcli delete --wait": HERE + "delete {id} --yes --wait --wait-timeout 1",
    "cloudcli delete --stop-first": HERE + "delete {id} --yes --stop-first",
    "climc sync": "climc cloud-account-sync {provider} --resources {word}",
    "climc sync --full-sync": "climc cloud-account-sync {provider} --resources {word} --full-sync",
    "climc syncstatus": "climc {word}-syncstatus {id}",
    "climc delete": "climc {word}-delete {id} --yes --wait-timeout 0",
    "climc delete --stop-first": "climc {word}-delete {id} --yes --wait-timeout 0 --stop-first",
    "climc task-resume": "climc task-resume --wait-timeout 0",
}
SYNCS = {"climc sync", "climc sync --full-sync"}


class Expected(NamedTuple):
    """What must come of a cell.

    Attributes:
        exit: The exit code; None where it is the command's own without the fault.
        promise: What must hold of the cloud and the cache, one of the phrases below.
    """

    exit: int | None
    promise: str


AS_WITHOUT = "as without the fault"
NOTHING = "nothing is printed but the error"
UNSEEN = "nothing is sent that changes anything; the rows are as they were"
NOT_DONE = "nothing was deleted"
ONE_SEND = "sent once, never again"
SAME = "the rows are as they were"
OTHERS = "the region's rows are as they were; the other region is followed"
HOLD = "the missing row is held; all else is followed"
KEPT = "no row is removed; the other region is followed"
FLAGGED = "the row stays, its status is unknown"
BURIED = "the row is removed, with the cloud's code as its proof"
GIVEN_UP = "the task failed; the row is as it was; nothing was deleted"
FAILED_TASK = "the task failed with the cloud's reason; the row stays; nothing was deleted"
UNKNOWN_TASK = "the task ends as unknown; the row stays; sent once, never again"
OPEN_TASK = "the task is open, and a resume brings it to its end; sent once, never again"
SECOND_SENT = "the task is open, and a resume ends it: as done, or as unknown where the second call got lost; sent once"
"""The promises; `judging` holds each against what happened."""

EXITS = {
    UNSENT: FAILED,
    LOST: FAILED,
    BROKEN: FAILED,
    THROTTLED: FAILED,
    AUTH: CREDENTIALS,
    DENIED: CREDENTIALS,
    GONE: NOT_FOUND,
    REFUSED: FAILED,
    NO_REGION: USAGE,
    NOT_OPEN: FAILED,
}
"""The exit code of a command that makes one thing, and of an effect that ends it."""

EFFECTS = (FINE, *EXITS)
AS_EVER = Expected(None, AS_WITHOUT)


def _all(promise: str, exits: Mapping[str, int] = EXITS, **_: Any) -> dict[str, Expected]:
    return {FINE: AS_EVER} | {effect: Expected(exit, promise) for effect, exit in exits.items()}


def _each(exit: int, promise: str) -> dict[str, Expected]:
    return _all(promise, dict.fromkeys(EXITS, exit))


def _nothing_synced(promise: str) -> dict[str, Expected]:
    """A sync of which nothing succeeded: 4 if all were auth or denied, else 1."""
    return _all(promise, {effect: CREDENTIALS if effect in {AUTH, DENIED} else FAILED for effect in EXITS})


_sent = {
    UNSENT: Expected(FAILED, NOT_DONE),
    LOST: Expected(FAILED, ONE_SEND),
    BROKEN: Expected(FAILED, ONE_SEND),
}
_task = {
    effect: Expected(EXITS[effect], FAILED_TASK)
    for effect in (UNSENT, THROTTLED, AUTH, DENIED, REFUSED, NO_REGION, NOT_OPEN)
}
_looked = {LOST: Expected(PARTLY, UNKNOWN_TASK), BROKEN: Expected(PARTLY, UNKNOWN_TASK), GONE: Expected(OK, BURIED)}
_open = _each(PARTLY, OPEN_TASK) | {GONE: Expected(OK, BURIED)}

OUTCOMES: dict[tuple[str, str], dict[str, Expected]] = {
    ("cloudcli list", LIST): _all(NOTHING),
    ("cloudcli list", DETAILS): _all(NOTHING),
    ("cloudcli list --all-regions", REGIONS): _all(NOTHING),
    ("cloudcli show", GET): _all(NOTHING),
    ("cloudcli show", EXTRA): _all(NOTHING),
    ("cloudcli show", MORE): _all(NOTHING),
    ("cloudcli delete", GET): _all(UNSEEN),
    ("cloudcli delete", EXTRA): _all(UNSEEN),
    ("cloudcli delete", MORE): _all(UNSEEN),
    ("cloudcli delete", DELETE): _all(NOT_DONE) | _sent,
    ("cloudcli delete --wait", POLL): _each(PARTLY, ONE_SEND) | {GONE: Expected(OK, ONE_SEND)},
    ("cloudcli delete --stop-first", STOP): _all(NOT_DONE),
    ("climc sync", IDENTITY): _nothing_synced(SAME),
    ("climc sync", REGIONS): _nothing_synced(SAME),
    ("climc sync", LIST): _each(PARTLY, OTHERS),
    ("climc sync", DETAILS): _each(PARTLY, OTHERS),
    ("climc sync", ASK): _each(PARTLY, HOLD) | {GONE: AS_EVER},
    ("climc sync --full-sync", FULL): _each(PARTLY, KEPT) | {GONE: AS_EVER},
    ("climc sync --full-sync", EXTRA): _each(PARTLY, KEPT) | {GONE: AS_EVER},
    ("climc sync --full-sync", MORE): _each(PARTLY, KEPT) | {GONE: AS_EVER},
    ("climc syncstatus", IDENTITY): _all(SAME),
    ("climc syncstatus", GET): _all(SAME) | {GONE: Expected(NOT_FOUND, FLAGGED)},
    ("climc syncstatus", EXTRA): _all(SAME) | {GONE: Expected(NOT_FOUND, FLAGGED)},
    ("climc syncstatus", MORE): _all(SAME) | {GONE: Expected(NOT_FOUND, FLAGGED)},
    ("climc delete", IDENTITY): _all(UNSEEN),
    ("climc delete", GET): _all(UNSEEN) | {GONE: Expected(OK, BURIED)},
    ("climc delete", EXTRA): _all(UNSEEN) | {GONE: Expected(OK, BURIED)},
    ("climc delete", MORE): _all(UNSEEN) | {GONE: Expected(OK, BURIED)},
    ("climc delete", DELETE): _task | _looked | {FINE: AS_EVER},
    ("climc delete", POLL): _open,
    ("climc delete --stop-first", STOP): _all(GIVEN_UP),
    ("climc task-resume", POLL): _open,
    ("climc task-resume", THEN): _task
    | {FINE: AS_EVER, GONE: Expected(OK, BURIED)}
    | dict.fromkeys((LOST, BROKEN), Expected(PARTLY, SECOND_SENT)),
}

SILENT = {("aliyun", "server")}
"""Types that stay as they were until they are gone: a deletion whose answer got lost does not show."""

CHANGES = {DELETE, THEN, STOP}
"""Calls that change something: repeated only on proof that they were not executed."""


def expected(command: str, role: str, fault: Fault, *, alone: bool, shows: bool) -> Expected:
    """What must come of a command of which one call meets a fault.

    Args:
        command: Key of `COMMANDS`.
        role: What the call is for.
        fault: The fault.
        alone: Whether the fault hits all that a sync is asked to list.
        shows: Whether what is being deleted says so.
    """
    if fault.recovers and role not in CHANGES:
        return AS_EVER
    if fault.kind == "no-result" and role in CHANGES:
        return AS_EVER  # the request id is all that such an answer must hold
    if alone and command in SYNCS and role in {LIST, DETAILS, FULL, EXTRA, MORE} and fault.effect in EXITS:
        if fault.effect in {NO_REGION, NOT_OPEN}:
            return Expected(PARTLY, KEPT if command == "climc sync --full-sync" else SAME)
        return AS_EVER if fault.effect == GONE else _nothing_synced(KEPT)[fault.effect]
    if shows and fault.executed and fault.effect == LOST and (command, role) == ("climc delete", DELETE):
        return Expected(None, OPEN_TASK)  # it is seen to be under way
    return OUTCOMES[command, role][fault.effect]
