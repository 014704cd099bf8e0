"""The clouds' words for states and billing, and which of ours each likely is."""

import re

from .columns import Cloud
from .model import Field

PREPAID = re.compile(r"pre.?pa[iy]|subscription|包年|预付", re.IGNORECASE)
RENEWS = re.compile(r"auto|自动续费", re.IGNORECASE)
RENEWS_NOT = re.compile(r"manual|disable|not(?!ify)|without|未|不|关闭|手动|取消", re.IGNORECASE)
STATUSES = {
    "AVAILABLE": "available active activated normal running accomplished inuse in_use enabled created 运行中 正常 可用",
    "CREATING": "creating pending progressing initializing init building allocating deploying 创建中 生产中 待创建",
    "DELETING": "deleting terminating releasing destroying 删除中 销毁中 释放中",
    "DELETE_FAILED": "deletefailed deletefailure delete_failed 删除失败",
    "ISOLATED": "isolated recycled torecycle shutdown 已隔离 待回收 隔离中",
    "UNAVAILABLE": "unavailable inactive failed pendfailure stopped locked 不可用 创建失败",
}


def status_words(cloud: Cloud) -> dict[str, str]:
    """The documented statuses, each with the name of our word, or its own text in quotes."""
    field = cloud.facts.usual.get("status")
    if field is None:
        return {}
    documented = field.meanings()
    if not documented and (asked := cloud.listed.parameter(field.key)):
        documented = asked.meanings()
    return {word: _our_word(word, meaning) for word, meaning in documented.items()}


def _our_word(word: str, meaning: str) -> str:
    for ours, theirs in STATUSES.items():
        known = theirs.split()
        if word.lower() in known or any(part in meaning for part in known if not part.isascii()):
            return ours
    return f'"{word.lower()}"'


def charge_words(field: Field) -> list[str]:
    """The documented words of billing, or the usual ones."""
    usual = ["0", "1"] if field.kind == "int" else ["PrePaid", "PostPaid"]
    return [word for word in field.words() if word.isdecimal() == (field.kind == "int")] or usual


def renewal_word(field: Field) -> str:
    """The documented word for what renews itself; empty where the model names none, or several."""
    meanings = field.meanings()
    if field.kind != "int":
        meanings = dict.fromkeys(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", field.doc), "") | meanings
    said = {word: meaning if word.isdecimal() else word for word, meaning in meanings.items()}
    found = [word for word, text in said.items() if RENEWS.search(text) and not RENEWS_NOT.search(text)]
    return found[0] if len(found) == 1 else ""


def is_prepaid(field: Field, word: str) -> bool:
    """Whether a word of billing is for what is paid beforehand."""
    said = f"{word} {field.meanings().get(word, '')}"
    return bool(PREPAID.search(said)) or (word == "0" and not any(map(PREPAID.search, field.meanings().values())))
