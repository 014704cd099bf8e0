"""Which permissions an account has: each reading call is tried once, as small as it can be; none that changes."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from cloudmux_py.cloudprovider.errors import AuthFailed, CloudError, Denied, NotFound
from cloudmux_py.cloudprovider.resource import ICloudResource

from .binding import Binding, Extra
from .bindings import find_binding, provides
from .paging import Params, rows_of
from .policy import Purpose, language_of, needed
from .raw import Raw
from .region import Region

NOBODY = "cloudmux-no-such-id"
"""An id that no resource has: asked for where no real one is known."""

Result = Literal["granted", "denied", "unknown", "not tried"]
Row = type[ICloudResource]


class Answer(NamedTuple):
    """What is known of one permission.

    Attributes:
        permission: As the cloud's policies spell it.
        type: The resource type whose call was tried; empty for calls about the account.
        result: ``unknown`` where the cloud answered something that tells neither.
        note: What it answered.
    """

    permission: str
    type: str
    result: Result
    note: str


def probe(region: Region, types: Sequence[Row], purpose: Purpose, known: Callable[[Row], str]) -> list[Answer]:
    """Try every reading call that some types need; what changes something is named, and not tried.

    Args:
        region: Where to ask for what belongs to a region.
        types: The resource types.
        purpose: What the permissions are for.
        known: An id of a type that may exist, or nothing; used where the list shows none.

    Raises:
        AuthFailed: The keys themselves are refused.
    """
    found: dict[str, Answer] = {}
    for answer in (*_account(region), *(each for row in types for each in _type(region, row, known))):
        before = found.get(answer.permission)
        if answer.permission and (before is None or before.result in {"unknown", "not tried"}):
            found[answer.permission] = answer
    untried = [
        Answer(
            permission.name, "", "not tried", "it changes something" if permission.changing else "no row here needs it"
        )
        for permission in needed(region.provider, types, purpose)
        if permission.name not in found
    ]
    return sorted([*found.values(), *untried])


def _account(region: Region) -> Iterator[Answer]:
    account = region.account
    yield _try(region, account.identity, {}, account.home_region)[0]
    yield _try(region, account.all_regions.call, account.all_regions.params, account.home_region)[0]


def _type(region: Region, row: Row, known: Callable[[Row], str]) -> Iterator[Answer]:
    """Each reading call of a type; the first listed row, else one that is known, serves those that need an id."""
    binding = find_binding(row, region.provider) if provides(row, region.provider) else None
    if binding is None:
        return
    word, where = row.word(), region.id if binding.regional else region.account.home_region
    if binding.regions:
        at = region.account.home_region
        yield _try(region, binding.regions.call, binding.regions.params, at)[0]._replace(type=word)
    answer, reply = _list(region, binding, where)
    raws = _rows(binding, reply)
    if answer.result == "granted" and not raws and answer.permission in language_of(region.provider).silent:
        answer = answer._replace(result="unknown", note="an empty list, as it comes without the permission too")
    yield answer._replace(type=word)
    for each in _by_id(region, binding, where, raws, known(row)):
        yield each._replace(type=word)


def _list(region: Region, binding: Binding[Any, Any], where: str) -> tuple[Answer, Raw | None]:
    """The smallest page; some APIs take few sizes alone, and the largest always."""
    style = binding.paging
    for size in (style.least, style.max):
        answer, reply = _try(region, binding.list, {**binding.filters[0], **style.ask(1, size, "")}, where)
        if answer.result != "unknown":
            break
    return answer, reply


def _by_id(region: Region, binding: Binding[Any, Any], where: str, raws: list[Raw], id: str) -> Iterator[Answer]:
    if details := binding.details:
        name = raws[0].text(details.name) if raws else NOBODY
        answer, reply = _try(region, details.call, details.by([name]), where, binding)
        yield answer
        raws = list(reply.each(details.rows)) if reply else []
    raw = raws[0] if raws else None
    id = binding.id_of(raw) if raw else id or NOBODY
    if binding.get != binding.list:
        yield _try(region, binding.get, binding.get_by(id), where, binding)[0]
    for extra in binding.extras:
        if (params := _extra(extra, binding, id, raws)) is not None:
            yield _try(region, extra.call, params, where, binding)[0]


def _extra(extra: Extra[Any], binding: Binding[Any, Any], id: str, raws: Sequence[Raw]) -> Params | None:
    """Its parameters, for the first row that needs it, else for any id; None where only a row that needs it tells."""
    if (raw := next((each for each in raws if extra.wanted(each)), None)) is not None:
        return extra.params(binding.id_of(raw), raw)
    return extra.by(id) if extra.by else None


def _rows(binding: Binding[Any, Any], reply: Raw | None) -> list[Raw]:
    if reply is None:
        return []
    total = reply.number(binding.paging.total, None) if binding.paging.total else None
    try:
        return rows_of(reply, binding.rows, total)
    except CloudError:  # it was answered: whether it can be read is not asked here
        return []


def _try(
    region: Region, call: Any, params: Params, where: str, binding: Binding[Any, Any] | None = None
) -> tuple[Answer, Raw | None]:
    permission = language_of(region.provider).name(call)
    try:
        reply = region.account.client.call(call, params, where)
    except AuthFailed:
        raise
    except Denied as error:
        return Answer(permission, "", "denied", f"{call.action}: {error.code}"), None
    except CloudError as error:
        gone = isinstance(error, NotFound) or bool(binding and error.code in binding.gone)
        text = f"{call.action}: {error.code or ' '.join(error.message.split())}"
        return Answer(permission, "", "granted" if gone else "unknown", text), None
    return Answer(permission, "", "granted", ""), reply
