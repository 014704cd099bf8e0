"""What is guessed of a type from its calls: paging, rows, id, and what the usual fields are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .model import Call, Field, Mistake, walk

TOTALS = ("TotalCount", "TotalRecordCount", "Total", "TotalCnt", "X-Total-Count", "totalCount", "total")
TAGS = (("TagKey", "TagValue"), ("Key", "Value"), ("tagKey", "tagValue"))
PAGES = (("PageNumber", "PageSize"), ("page", "size"), ("PageNum", "PageSize"), ("Page", "PageSize"))
PAYING = re.compile(r"charge|pay|paid|billing", re.IGNORECASE)
PAID = re.compile(r"pre.?pa[iy]|post.?pa[iy]|pay.?on.?demand|subscription|包年|预付|后付|按量", re.IGNORECASE)
LEAVING = re.compile(r"deprecat|offline|phased out|no longer", re.IGNORECASE)


@dataclass(frozen=True)
class Paging:
    """How a list call pages.

    Attributes:
        style: ``PageNumber``, ``Offset``, ``Token`` or ``Whole``.
        max: The largest page.
        total: Path of the total; empty for tokens and whole replies.
        first: Parameter of the page, offset or token.
        size: Parameter of the page's size.
        text: Whether offset and limit are texts.
        sure: Whether the documented text says the maximum.
    """

    style: str
    max: int = 0
    total: str = ""
    first: str = ""
    size: str = ""
    text: bool = False
    sure: bool = True


@dataclass(frozen=True)
class ById:
    """How the get call asks for ids.

    Attributes:
        key: The parameter.
        form: ``one``, ``commas``, ``json`` or ``list``.
        most: How many ids it takes at once; 1 for one.
        sure: Whether the documented text says so.
    """

    key: str
    form: str
    most: int = 1
    sure: bool = True


@dataclass(frozen=True)
class Facts:
    """What is guessed of a type on one cloud; paths are those of a row's fields, empty where there is none.

    Attributes:
        rows: Path of the rows in a list's reply.
        fields: What a row has.
        paging: How the list pages.
        by_id: How one is asked for.
        get_row: Path of the object in the reply of a get of its own; empty where the list call gets.
        deletes: Parameter of the delete call, and whether it takes a list; None where nothing deletes.
        tags: Path, name and value of the tags.
        usual: The path of each usual field: id, name, status, created, project, charge, expired, renew, protected, and
            the references vpc, network and zone.
    """

    rows: str
    fields: tuple[Field, ...]
    paging: Paging
    by_id: ById
    get_row: str
    deletes: tuple[str, bool] | None
    tags: tuple[str, str, str] | None
    usual: dict[str, Field | None] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Key of the id."""
        return self.paths["id"]


def facts(keyword: str, listed: Call, got: Call | None, deleted: Call | None) -> Facts:
    """Guess them.

    Raises:
        Mistake: The list call answers no list of objects, or its rows have no id.
    """
    rows, fields = _rows(keyword, listed)
    usual = _usual(keyword, rows, fields, _asked_for(deleted) + _asked_for(got))
    if "id" not in usual:
        raise Mistake(f"{listed.action}: no field of a row in {rows} looks like an id")
    id = usual["id"][0]
    usual = {name: hit for name, hit in usual.items() if name not in REFERENCES or hit[0] != id}
    return Facts(
        rows=rows,
        fields=fields,
        paging=_paging(listed),
        by_id=_by_id(id, got or listed),
        get_row=_get_row(id, got) if got else "",
        deletes=_deletes(id, deleted) if deleted else None,
        tags=_tags(fields),
        usual={name: found for name, (_, found) in usual.items()},
        paths={name: path for name, (path, _) in usual.items()},
    )


def _asked_for(call: Call | None) -> list[str]:
    """What a call that takes one of the type takes: surely its id."""
    keys = [found.key.removesuffix("s") for found in call.request] if call else []
    return [key for key in keys if key.endswith("Id") and key not in NO_IDS]


def _rows(keyword: str, listed: Call) -> tuple[str, tuple[Field, ...]]:
    """The list of objects that is nearest the top; of several there, the one with most fields."""
    lists = [(path, found) for path, found in walk(listed.reply) if found.many and found.kind == "object"]
    if not lists:
        raise Mistake(f"{listed.action} answers no list of objects; is it the action that lists {keyword}?")
    top = min(path.count(".") for path, _ in lists)
    path, found = max((one for one in lists if one[0].count(".") == top), key=lambda one: len(one[1].fields))
    return path, found.fields


def _usual(keyword: str, rows: str, fields: tuple[Field, ...], ids: Sequence[str]) -> dict[str, tuple[str, Field]]:
    """The path and the field of the id, the name and so on: of the names that each usually has, the first that fits."""
    row = re.sub(r"(Set|List|s)$", "", rows.rpartition(".")[2])
    stem = keyword.replace("_", "")
    known = {path: found for path, found in walk(fields) if found.kind != "object" and not found.many}
    usual = {}
    for name, wanted in {**NAMES, "id": (*ids, *NAMES["id"])}.items():
        hits = []
        for choice in (word.format(row=row, stem=stem).lower() for word in wanted):
            same = (path for path in known if path.rpartition(".")[2].lower() == choice)
            hits += [(path, known[path]) for path in same if "." not in path or name in NESTED]
        if name == "charge":
            others = [(path, found) for path, found in known.items() if "." not in path and PAYING.search(path)]
            hits = [hit for hit in (*hits, *others) if says_billing(hit[1])] or hits
        elif name == "zone":
            hits.sort(key=lambda hit: hit[1].kind != "str")  # zones are known by their names, not their numbers
        if hits:
            usual[name] = hits[0]
    return usual


def says_billing(found: Field) -> bool:
    """Whether the documented values are for what is paid beforehand or afterwards."""
    return any(PAID.search(f"{word} {meaning}") for word, meaning in found.meanings().items())


NAMES = {
    "id": ("{row}Id", "{stem}Id", "InstanceId", "DBInstanceId", "{row}InstanceId", "ResourceId", "Id", "{row}Name"),
    "name": (
        "{row}Name",
        "{stem}Name",
        "InstanceName",
        "DBInstanceDescription",
        "Name",
        "FsName",
        "Description",
        "Alias",
    ),
    "status": (
        *("Status", "{row}Status", "{stem}Status", "State", "{row}State", "{stem}State"),
        *("InstanceStatus", "InstanceState", "LifeCycleState"),
    ),
    "created": ("CreationTime", "CreateTime", "CreatedTime", "{row}CreateTime", "CreatedAt", "GmtCreate", "AddTime"),
    "project": ("ResourceGroupId", "ProjectId"),
    "charge": (
        "InstanceChargeType",
        "{row}ChargeType",
        "ChargeType",
        "PayType",
        "PayMode",
        "PaymentType",
        "BillingType",
        "PaidType",
    ),
    "expired": ("ExpiredTime", "ExpireTime", "EndTime", "Deadline", "DeadlineTime", "PeriodEndTime", "ExpireAt"),
    "renew": ("AutoRenew", "AutoRenewal", "RenewFlag", "AutoRenewFlag", "RenewalFlag"),
    "protected": ("DeletionProtection", "DeletionProtectionEnabled", "DeleteProtection", "EnableDestroyProtection"),
    "vpc": ("VpcId", "UniqVpcId", "VpcUid", "VPCId"),
    "network": ("VSwitchId", "VswitchId", "SubnetId", "UniqSubnetId", "SubnetUid"),
    "zone": ("ZoneId", "Zone", "IzNo", "AvailabilityZone"),
}
NESTED = {"project", "renew", "vpc", "network", "zone"}
"""What clouds often keep in an object within the row."""

REFERENCES = ("vpc", "network", "zone", "project")
NO_IDS = {"RegionId", "OwnerId", "ResourceOwnerId", "ResourceGroupId"}


def _paging(listed: Call) -> Paging:
    totals = {path for path, found in walk(listed.reply) if not found.many and path.rpartition(".")[2] in TOTALS}
    total = min(totals, key=lambda path: (path.count("."), path), default="")
    token, results = listed.parameter("NextToken"), listed.parameter("MaxResults")
    offset, limit = listed.parameter("Offset"), listed.parameter("Limit")
    if offset and limit and total:
        most, sure = _most(limit)
        return Paging("Offset", most, total, offset.key, limit.key, limit.kind == "str", sure)
    for first, size in PAGES:
        page, of = listed.parameter(first), listed.parameter(size)
        if page and of and total and not (token and LEAVING.search(page.doc + of.doc)):
            most, sure = _most(of)
            return Paging("PageNumber", most, total, page.key, of.key, sure=sure)
    if token and results:
        most, sure = _most(results)
        return Paging("Token", most, "", token.key, results.key, sure=sure)
    return Paging("Whole", sure=not (page or offset or token))


def _most(size: Field) -> tuple[int, bool]:
    """The largest page that the documented text names."""
    text = size.line().replace("**", "").replace("`", "")
    for pattern in (
        r"[Mm]ax\w*(?: value| page size| number)?(?: of entries| is|:|,|\s)*\s*(\d+)",
        r"最大\S{0,4}?[为是:]?\s*(\d+)",
        r"(?:上限\S{0,3}|不超过|最多\D{0,6})(\d+)",
        r"(?:\d+)\s*(?:to|~|-|–|,)\s*(\d+)",
    ):
        found = re.findall(pattern, text)
        if found and int(found[0]) > 1:
            return int(found[0]), True
    return 20, False


def _by_id(id: str, call: Call) -> ById:
    """A parameter for many ids before one for a single id."""
    if inside := re.search(r"\[(\w+)\]", call.path):
        return ById(inside[1], "one")
    key = id.rpartition(".")[2]
    many = call.parameter(f"{key}s", f"{key}List", f"{key}Set")
    one = call.parameter(key)
    if many is None and one is None:
        named = [found for found in call.request if re.search(r"(Id|Ids|ID)$", found.key)]
        one = next((found for found in named if found.key not in NO_IDS), None)
    if many is None and one and (one.many or re.search(r"comma|up to \d+", one.doc)):
        many = one
    if many is None:
        if one is None:
            raise Mistake(f"{call.action} takes no id; name an action that gets one: service:version:List:Get")
        return ById(one.key, "one")
    form = "list" if many.many else "json" if "JSON" in many.doc else "commas"
    limit = re.search(r"(?:up to|[Mm]aximum of|at most|上限为|最多\D{0,8}|不超过)\s*(\d+)", many.line())
    return ById(many.key, form, int(limit[1]) if limit else 20, bool(limit))


def _get_row(id: str, got: Call) -> str:
    """Where the object is in a get's reply: what has the id, be it an object, a list, or the reply itself."""
    key = id.rpartition(".")[2].lower()
    if any(found.key.lower() == key for found in got.reply):
        return "."
    holding = [
        path
        for path, found in walk(got.reply)
        if found.kind == "object" and any(inner.key.lower() == key for inner in found.fields)
    ]
    if not holding:
        raise Mistake(f"{got.action} answers no object with {id}")
    return min(holding, key=lambda path: path.count("."))


def _deletes(id: str, deleted: Call) -> tuple[str, bool]:
    by_id = _by_id(id, deleted)
    return by_id.key, by_id.form == "list"


def _tags(fields: tuple[Field, ...]) -> tuple[str, str, str] | None:
    for path, found in walk(fields):
        keys = {inner.key for inner in found.fields}
        if found.many and "tag" in path.lower():
            for name, value in TAGS:
                if {name, value} <= keys:
                    return path, name, value
    return None
