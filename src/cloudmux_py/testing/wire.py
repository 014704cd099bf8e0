"""Checks over HTTP: the emulator serves the type, and all that a sync relies on holds."""

from typing import TYPE_CHECKING

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import CloudError, NotFound, Refused
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.cloudprovider.status import ISOLATED
from cloudmux_py.engine.region import Region

from .cases import Case

if TYPE_CHECKING:
    from cloudmux_py.emulator import Emulator


LOOKED_AT = 40
"""Emulated rows that are held against refusals: each costs a call or more, and the clouds limit their rate."""


def region_of(case: Case, emulator: "Emulator") -> Region:
    """A region of the emulated cloud's first account; the home region for types that belong to none."""
    account = emulator.world.of(case.provider)[0]
    cloud = connect(case.provider, access_key=account.access_key, secret=account.secret, endpoint=emulator.url)
    id = emulator.world.regions[case.provider][0] if case.binding.regional else cloud.home_region
    region = cloud.region(id)
    assert isinstance(region, Region)
    return region


def check_listing(case: Case, emulator: "Emulator") -> None:
    """All rows come, past a page, each once; and a listing that cannot be proved fails."""
    region = region_of(case, emulator)
    binding = case.binding
    rows = list(region.iter(case.row))
    ids = [binding.identity(row.external_id) for row in rows]
    held = emulator.rows(case.provider, region.id, case.row.keyword)
    assert len(ids) == len(set(ids)), "a row came twice"
    missing = [id for id in set(held) - set(ids) if not _says_gone(region, case.row, id)]
    assert not missing, f"the listing lacks {missing}"
    if 0 < binding.paging.max < len(held):
        assert sum(request.action == binding.list.action for request in emulator.requests) > 1, "one page only"
    emulator.fault("missing-key", action=binding.list.action)
    try:
        list(region.iter(case.row))
    except CloudError:
        return
    finally:
        emulator.world.faults.clear()
    raise AssertionError("a reply without its rows passed for an empty one")


def _says_gone(region: Region, row: type[ICloudResource], id: str) -> bool:
    try:
        region.get(row, id)
    except NotFound as error:
        return bool(error.code)
    return False


def check_absence(case: Case, emulator: "Emulator") -> None:
    """An id that is not there is proved absent, beside one that lives; a code that only looks alike proves nothing."""
    region, binding = region_of(case, emulator), case.binding
    witness, other = (row.external_id for row in list(region.iter(case.row))[:2])
    gone = other[:-1] + ("0" if other[-1] != "0" else "1")
    proofs = region.ask(case.row, [gone, other], witness)
    assert proofs[gone].state == "gone", proofs[gone]
    assert proofs[gone].strength in {"strong", "weak"}, proofs[gone]
    assert proofs[other].state == "alive", proofs[other]
    assert region.get(case.row, other).external_id == other
    for code in sorted(binding.gone):
        emulator.fault("error", action=binding.get.action, code=code, status=404, times=1)
        assert _error(region, case.row, other, NotFound).code == code
    for code in ("InvalidRegionId.NotFound", "ResourceNotFound.CAMInfoNotFound", "InvalidAccessKeyId.NotFound"):
        emulator.fault("error", action=binding.get.action, code=code, status=404)
        assert not isinstance(_error(region, case.row, other, CloudError), NotFound), f"{code} passed for an absence"
        emulator.world.faults.clear()


def _error(region: Region, row: type[ICloudResource], id: str, kind: type[CloudError]) -> CloudError:
    try:
        region.get(row, id)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} is due")


def check_deletion(case: Case, emulator: "Emulator") -> None:
    """A row that may be deleted is, by one call a step; it is gone at the end, or in the recycle bin."""
    region, binding = region_of(case, emulator), case.binding
    if not binding.deletes:
        return
    row = _deleted(region, case, emulator)
    steps = 1
    for _ in range(4):
        emulator.clock.advance(60)
        try:
            found, due = region.watch(case.row, row.external_id)
        except NotFound:
            break
        if found.status == ISOLATED:
            check_isolated(region, case, row.external_id)
            break
        if due:
            region.follow(case.row, row.external_id)
            steps += 1
    else:
        raise AssertionError(f"it is there for good, as {found.status}")
    sent = [r for r in emulator.requests if not r.action.startswith(("Describe", "List", "Get"))]
    assert len(sent) >= steps, "nothing was sent"
    assert len({(r.action, str(r.params)) for r in sent}) == len(sent), "a deletion was sent twice"


def _deleted(region: Region, case: Case, emulator: "Emulator") -> ICloudResource:
    """A row whose deletion the emulated cloud accepted."""
    refusals: list[str] = []
    for row in list(region.iter(case.row)):
        if region.refusal(case.row, row.external_id)[1]:
            continue
        emulator.requests.clear()
        try:
            region.delete(case.row, row.external_id)
        except CloudError as error:
            refusals.append(str(error))
            continue
        return row
    raise AssertionError(f"no emulated row can be deleted: {refusals[:3]}")


def check_isolated(region: Region, case: Case, id: str) -> None:
    """What is in the recycle bin is never deleted again by the way."""
    assert region.refusal(case.row, id)[1], "what is in the recycle bin may not be deleted once more"


def check_refusals(case: Case, emulator: "Emulator") -> None:
    """Some emulated row is refused on our side where the binding can tell, and the cloud's own refusal has its code."""
    region, binding = region_of(case, emulator), case.binding
    if not binding.deletes:
        return
    rows = list(region.iter(case.row))[:LOOKED_AT]
    refused = [row for row in rows if region.refusal(case.row, row.external_id)[1]]
    assert refused or not binding.refuse, "no emulated row is refused: seed one that is protected"
    tried = dict.fromkeys(row.external_id for row in (*refused[:3], *rows[:12]))
    errors = [_refusal(region, case.row, id) for id in tried]
    assert not [error for error in errors if isinstance(error, NotFound)], errors
    assert [error for error in errors if error and error.code], "the emulated cloud knows no documented refusal"


def _refusal(region: Region, row: type[ICloudResource], id: str) -> CloudError | None:
    try:
        region.delete(row, id)
    except CloudError as error:
        return error
    except Refused:
        return None
    return None
