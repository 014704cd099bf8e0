"""Which columns a new type gets: the contract's, the usual references, and the rest as proposals."""

import re
from dataclasses import dataclass
from keyword import iskeyword

from cloudmux_py.cloudprovider.resource import RESERVED, IBillingResource, IVirtualResource

from .facts import Facts
from .model import Asked, Call, Field, walk

CLOUDS = {"aliyun": "Alibaba Cloud", "qcloud": "Tencent Cloud"}
HELPS = {
    "vpc_id": ("VPC it is in", "vpc"),
    "network_id": ("Subnet (VSwitch) it is in", "network"),
    "zone_id": ("Zone it is in", "zone"),
}
ANNOTATIONS = {"str": "str", "int": "int", "float": "float", "bool": "bool"}
READERS = {"int": 'r.number("{path}", None)', "bool": 'r.flag("{path}", None)', "float": 'r.any("{path}")'}
TAKEN = {*RESERVED, *IVirtualResource.columns, *IBillingResource.columns, *HELPS}
"""What no other column may be named."""

TIMES = re.compile(r"(Time|Date|At|Timestamp)$", re.IGNORECASE)
SPANS = re.compile(r"Remain|Timeout|Duration|Retention")


@dataclass(frozen=True)
class Cloud:
    """A new type on one cloud: what was asked for, what the models say, and what is guessed."""

    name: str
    asked: Asked
    listed: Call
    got: Call | None
    deleted: Call | None
    facts: Facts


@dataclass(frozen=True)
class NewType:
    """A new type.

    Attributes:
        keyword: Its keyword.
        clouds: The clouds that have it.
    """

    keyword: str
    clouds: tuple[Cloud, ...]

    @property
    def class_name(self) -> str:
        """``natgateway`` is ``NatGateway`` where a list action says DescribeNatGateways."""
        stem = self.keyword.replace("_", "")
        for cloud in self.clouds:
            found = re.search(stem, cloud.asked.list, re.IGNORECASE)
            if found and found[0][0].isupper():
                return found[0]
        return "".join(part.capitalize() for part in self.keyword.split("_"))

    @property
    def words(self) -> str:
        """The type for people: ``NAT gateways``."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.class_name).replace("_", " ").lower() + "s"

    @property
    def bills(self) -> bool:
        """Whether some cloud says how it is paid for."""
        return any("charge" in cloud.facts.paths for cloud in self.clouds)

    @property
    def belongs(self) -> bool:
        """Whether some cloud has tags or projects for it."""
        return any(cloud.facts.tags or "project" in cloud.facts.paths for cloud in self.clouds)

    def references(self) -> list[str]:
        """The columns that refer to rows of other types."""
        return [name for name in HELPS if any(name.removesuffix("_id") in cloud.facts.paths for cloud in self.clouds)]

    def lacks(self, cloud: Cloud) -> list[str]:
        """The columns that a cloud cannot fill."""
        known, lacking = cloud.facts.paths, []
        if "created" not in known:
            lacking.append("created_at")
        if self.belongs:
            lacking += ["project_id"] * ("project" not in known)
            lacking += ["tags", "sys_tags"] * (cloud.facts.tags is None)
        if self.bills:
            lacking += [
                column
                for column, name in (("billing_type", "charge"), ("expired_at", "expired"), ("auto_renew", "renew"))
                if name not in known or "charge" not in known
            ]
        return lacking + [name for name in self.references() if name.removesuffix("_id") not in known]


def proposals(cloud: Cloud) -> dict[str, tuple[str, Field]]:
    """Every scalar field of a row that no column holds yet: the column's name, with the field's path and itself."""
    unused = set() if "charge" in cloud.facts.paths else {"expired", "renew"}
    held = {path for name, path in cloud.facts.paths.items() if name not in {*unused, "protected"}}
    found: dict[str, tuple[str, Field]] = {}
    for path, field in walk(cloud.facts.fields):
        if path in held or field.many or field.kind in {"object", "any"}:
            continue
        names = snake(path.rpartition(".")[2]), snake(path.replace(".", "_")), f"cloud_{snake(path.replace('.', '_'))}"
        free = (name for name in names if name not in found and name not in TAKEN and not iskeyword(name))
        found[next(free)] = path, field
    return found


def snake(name: str) -> str:
    """``VSwitchId`` is ``vswitch_id``, ``KMSKeyId`` is ``kms_key_id``."""
    name = name.replace("VSwitch", "Vswitch").replace("IPv", "Ipv").replace("-", "_")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def annotation(field: Field) -> str:
    """What a column that holds the field is annotated with."""
    return "datetime" if is_time(field) else ANNOTATIONS[field.kind]


def reader(cloud: str, path: str, field: Field) -> str:
    """The expression that reads the field from a row."""
    if is_time(field):
        if field.kind == "int":
            return f'r.millis("{path}")'
        return f'r.time("{path}", BEIJING)' if cloud == "qcloud" else f'r.time("{path}")'
    return READERS.get(field.kind, 'r.text("{path}", None) or None').format(path=path)


def is_time(field: Field) -> bool:
    """Whether the name says that it is a moment."""
    return field.kind in {"str", "int"} and bool(TIMES.search(field.key)) and not SPANS.search(field.key)
