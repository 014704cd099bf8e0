"""Recorded-style replies: every documented field, with a value of its type that is like the cloud's own."""

import re
from typing import Any

from .columns import Cloud, is_time, snake
from .facts import TAGS
from .model import Field
from .words import charge_words, is_prepaid, status_words

ZONES = {"aliyun": "cn-hangzhou-i", "qcloud": "ap-guangzhou-6"}
SYSTEM_TAG = {"aliyun": "acs:rm:rgId", "qcloud": "tencentcloud:autoscaling"}
NAMES = ("订单-生产", "")
TEXTS = {
    r"cidr": "10.0.0.0/16",
    r"ipv6": "2402:4e00:1000:1::5",
    r"ip(addr(ess)?)?$|vip$": "10.0.0.5",
    r"description|desc$|remark": "",
    r"domain|host|endpoint|url": "example.internal",
    r"size|count|num(ber)?$|port$": "40",
    r"progress|percent": "100%",
}
NUMBERS = {r"port$": 3306, r"percent|progress": 100, r"size|capacity|disk": 40, r"owner|uin|appid": 1234567890123456}


def reply(cloud: Cloud) -> dict[str, Any]:
    """A reply of the list call with two rows: one with all, one with little in it."""
    facts = cloud.facts
    rows = [_row(cloud, number) for number in (0, 1)]
    found = {field.key: _value(cloud, field, 0, ()) for field in cloud.listed.reply if field.key != "RequestId"}
    _put(found, facts.rows, rows)
    if facts.paging.total:
        _put(found, facts.paging.total, len(rows))
    if "NextToken" in found:
        found["NextToken"] = ""
    if "PageSize" in found:
        found["PageSize"] = facts.paging.max
    return _enveloped(cloud, found)


def detail(cloud: Cloud) -> dict[str, Any]:
    """A reply of the call that gets one."""
    assert cloud.got
    found = {field.key: _value(cloud, field, 0, ()) for field in cloud.got.reply if field.key != "RequestId"}
    return _enveloped(cloud, found)


def row(cloud: Cloud) -> dict[str, Any]:
    """A row with every documented field."""
    return _row(cloud, 0)


def _row(cloud: Cloud, number: int) -> dict[str, Any]:
    found = {field.key: _value(cloud, field, number, ()) for field in cloud.facts.fields}
    if number and cloud.facts.tags:
        _put(found, cloud.facts.tags[0], [])
    return found


def _put(holder: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for key in outer:
        holder = holder.setdefault(key, {})
    holder[last] = value


def _enveloped(cloud: Cloud, found: dict[str, Any]) -> dict[str, Any]:
    id = "40438F54-D2E5-5CF1-AB11-33B4F04B3B2C"
    if cloud.name == "qcloud":
        return {"Response": {**found, "RequestId": id.lower()}}
    return {**found, "RequestId": id}


def _value(cloud: Cloud, field: Field, number: int, path: tuple[str, ...]) -> Any:
    path = (*path, field.key)
    if field.kind == "object":
        if field.many and (pair := _tag_keys(field)):
            name, value = pair
            return [{name: "env", value: "prod"}, {name: SYSTEM_TAG[cloud.name], value: "x"}]
        inside = {inner.key: _value(cloud, inner, number, path) for inner in field.fields}
        return [inside] if field.many else inside
    value = _scalar(cloud, field, number, ".".join(path))
    return [value] if field.many else value


def _tag_keys(field: Field) -> tuple[str, str] | None:
    keys = {inner.key for inner in field.fields}
    if "tag" not in field.key.lower():
        return None
    return next((pair for pair in TAGS if set(pair) == keys & set(sum(TAGS, ()))), None)


def _scalar(cloud: Cloud, field: Field, number: int, path: str) -> Any:
    usual = {found: name for name, found in cloud.facts.paths.items()}.get(path, "")
    if usual == "status":
        return _as(field, next(iter(status_words(cloud)), "Available"))
    if usual == "charge":
        words = sorted(charge_words(field), key=lambda word: not is_prepaid(field, word))
        return _as(field, words[0] if number == 0 else words[-1])
    if usual == "name" and path != cloud.facts.id:
        return NAMES[number]
    if field.kind == "bool":
        return number == int(usual == "protected")
    return _plain(cloud, field, number)


def _plain(cloud: Cloud, field: Field, number: int) -> Any:
    if is_time(field):
        return _time(cloud, field)
    if field.kind in {"int", "float"}:
        return _first(NUMBERS, field.key, 1)
    return _text(cloud, field, number)


def _as(field: Field, word: str) -> Any:
    """A documented word as its field has it."""
    if field.kind != "int":
        return word
    return int(word) if word.lstrip("-").isdecimal() else 1


def _time(cloud: Cloud, field: Field) -> Any:
    if field.kind == "int":
        return 1812240000000 if cloud.name == "aliyun" else 1812240000
    return "2027-06-05T04:00:00Z" if cloud.name == "aliyun" else "2027-06-05 12:00:00"


def _text(cloud: Cloud, field: Field, number: int) -> str:
    key = field.key.lower()
    if key in {"regionid", "region"}:
        return ZONES[cloud.name].rpartition("-")[0]
    if "zone" in key:
        return ZONES[cloud.name]
    if key.endswith(("id", "ids")):
        return f"{prefix(cloud, field)}example{number + 1:04d}"
    if words := field.words():
        return words[0]
    return str(_first(TEXTS, field.key, "example"))


def _first(choices: dict[str, Any], key: str, default: Any) -> Any:
    found = (value for pattern, value in choices.items() if re.search(pattern, key, re.IGNORECASE))
    return next(found, default)


def prefix(cloud: Cloud, field: Field) -> str:
    """What ids of the kind begin with: as in the documented example, or by the initials of the name."""
    told = re.search(r"(?:形如|例如|如|such as|example)\W{0,4}\b([a-z]{1,8}-)\w", field.doc)
    if told:
        return told[1]
    known = {"vpcid": "vpc-", "vswitchid": "vsw-", "subnetid": "subnet-", "resourcegroupid": "rg-", "diskid": "d-"}
    if field.key.lower() in known:
        return known[field.key.lower()]
    words = snake(field.key).removesuffix("_id").split("_")
    return f"{''.join(word[0] for word in words if word) if len(words) > 1 else words[0][:4]}-"
