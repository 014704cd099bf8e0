"""The text of a new type's binding on one cloud."""

import re
from dataclasses import replace
from pathlib import Path

from .columns import Cloud, NewType, proposals, reader, snake
from .facts import REFERENCES, Paging, says_billing
from .layout import WIDTH, aside, comment, headline, width
from .model import Field, walk
from .words import charge_words, is_prepaid, renewal_word, status_words

IMPORTS = {
    "AVAILABLE": "cloudprovider.status",
    "CREATING": "cloudprovider.status",
    "DELETING": "cloudprovider.status",
    "DELETE_FAILED": "cloudprovider.status",
    "ISOLATED": "cloudprovider.status",
    "UNAVAILABLE": "cloudprovider.status",
    "POSTPAID": "cloudprovider.billing",
    "PREPAID": "cloudprovider.billing",
    "BEIJING": "engine.raw",
    "Raw": "engine.raw",
}
STYLES = {"PageNumber": ("PageNumber", "PageSize"), "Token": ("NextToken", "MaxResults")}


def binding(new: NewType, cloud: Cloud, folder: Path) -> str:
    """``<cloud>/<keyword>.py``.

    Args:
        new: The type.
        cloud: The cloud.
        folder: Where the cloud's other bindings are.
    """
    body = "\n".join([*_words(cloud), *_parse(new, cloud), *_refuse(cloud), *_binding(new, cloud, folder)])
    return "\n".join([*_head(new, cloud, folder, body), body]) + "\n"


def _head(new: NewType, cloud: Cloud, folder: Path, body: str) -> list[str]:
    asked = cloud.asked
    call = "Api" if cloud.name == "qcloud" else "Roa" if cloud.listed.path else "Rpc"
    actions = ", ".join(dict.fromkeys(filter(None, (asked.list, asked.get, asked.delete))))
    name = {"aliyun": "Alibaba Cloud", "qcloud": "Tencent Cloud"}[cloud.name]
    modules: dict[str, list[str]] = {}
    for word, module in IMPORTS.items():
        if re.search(rf"\b{word}\b", body):
            modules.setdefault(module, []).append(word)
    modules["engine.paging"] = [cloud.facts.paging.style]
    modules[f"resources.{new.keyword}"] = [new.class_name]
    return [
        *_docstring(f"{name} {new.words}, {asked.service} {asked.version}", actions),
        "",
        *(["import json"] if "json." in body else []),
        "from functools import partial",
        "",
        *(f"from cloudmux_py.{module} import {', '.join(words)}" for module, words in sorted(modules.items())),
        "",
        f"from .client import {', '.join(sorted({call, 'Binding'}))}",
        *(["from .regions import regions_of"] if "regions_of(" in body else []),
        *([f"from .{_neighbour(cloud, folder)} import REGIONS"] if "regions=REGIONS" in body else []),
        *(["from .tags import split_tags"] if "split_tags(" in body else []),
        "",
        f'api = partial({call}, "{asked.service}", "{asked.version}")',
        "",
    ]


def _docstring(subject: str, actions: str) -> list[str]:
    first, *rest = headline(subject, actions)
    return [f'"""{first}', *rest, '"""'] if rest else [f'"""{first}"""']


def _neighbour(cloud: Cloud, folder: Path) -> str:
    """The binding of the same product that has its region list already."""
    product = f'"{cloud.asked.service}", "{cloud.asked.version}")'
    for file in sorted(folder.glob("*.py")):
        text = file.read_text("utf-8")
        if product in text and "\nREGIONS = " in text:
            return file.stem
    return ""


def _words(cloud: Cloud) -> list[str]:
    lines = []
    if field := cloud.facts.usual.get("status"):
        said = "DECIDE: which of our words (cloudprovider/status.py, else Cloudpods') each of the cloud's is."
        words = status_words(cloud)
        quoted = (f"{word if field.kind == 'int' else repr(word)}: {ours}" for word, ours in words.items())
        kind = "int" if field.kind == "int" else "str"
        lines += [*comment(said), f"STATUS: dict[{kind}, str] = {{{', '.join(quoted)}}}"]
    if field := cloud.facts.usual.get("charge"):
        said = "DECIDE: the documented words of billing; one that is not here is kept, and must refuse deletion."
        if not says_billing(field):
            said += f" Whether {cloud.facts.paths['charge']} is the field at all: its model has no such word."
        pairs = (f'"{word}": {"PREPAID" if is_prepaid(field, word) else "POSTPAID"}' for word in charge_words(field))
        lines += [*comment(said), f"BILLING = {{{', '.join(pairs)}}}"]
    return [*lines, "", ""]


def _parse(new: NewType, cloud: Cloud) -> list[str]:
    known, usual = cloud.facts.paths, cloud.facts.usual
    before, fields = [], [f'external_id=r.text("{cloud.facts.id}"),', f"name={_name(cloud)},"]
    status = usual.get("status")
    if status is None:
        fields.append("status=AVAILABLE,")
    elif status.kind == "int":
        before.append(f'status = r.number("{known["status"]}")')
        fields.append("status=STATUS.get(status, str(status)),")
    else:
        fields.append(f'status=STATUS.get(r.text("{known["status"]}"), r.text("{known["status"]}")),')
    fields.append(f"created_at={_read(cloud, 'created')},")
    if new.belongs:
        fields.append(f"project_id={_read(cloud, 'project')},")
        if cloud.facts.tags:
            path, name, value = cloud.facts.tags
            before.append(f'tags, sys_tags = split_tags(r.tags("{path}", "{name}", "{value}"))')
        fields += ["tags=tags,", "sys_tags=sys_tags,"] if cloud.facts.tags else ["tags={},", "sys_tags={},"]
    if new.bills:
        billing, lines = _billing(cloud)
        before += billing
        fields += lines
    for name in new.references():
        line = f"{name}={_read(cloud, name.removesuffix('_id'))},"
        numbered = name == "zone_id" and (zone := usual.get("zone")) and zone.kind == "int"
        fields.append(aside(line, "DECIDE: this is a number; the name of the zone is wanted") if numbered else line)
    return [
        f"def parse(r: Raw) -> {new.class_name}:",
        f'    """A row of {cloud.asked.list}."""',
        *(f"    {line}" for line in before),
        f"    return {new.class_name}(",
        *(f"        {line}" for line in fields),
        *_proposed(cloud),
        "    )",
        "",
        "",
    ]


def _name(cloud: Cloud) -> str:
    id = f'r.text("{cloud.facts.id}")'
    path = cloud.facts.paths.get("name", cloud.facts.id)
    return id if path == cloud.facts.id else f'r.text("{path}", "") or {id}'


def _read(cloud: Cloud, name: str) -> str:
    field = cloud.facts.usual.get(name)
    if field is None:
        return "None"
    if name in REFERENCES:  # an id is a text, even where the cloud counts
        field = replace(field, kind="str")
    return reader(cloud.name, cloud.facts.paths[name], field)


def _billing(cloud: Cloud) -> tuple[list[str], list[str]]:
    if "charge" not in cloud.facts.paths:
        return [], ["billing_type=None,", "expired_at=None,", "auto_renew=None,"]
    before = [f'charge = r.text("{cloud.facts.paths["charge"]}", "")', "billing = BILLING.get(charge, charge or None)"]
    expired = _read(cloud, "expired")
    fields = ["billing_type=billing,"]
    fields.append(f"expired_at={expired} if billing == PREPAID else None," if expired != "None" else "expired_at=None,")
    renew = cloud.facts.usual.get("renew")
    if renew is None:
        return before, [*fields, "auto_renew=None,"]
    path = cloud.facts.paths["renew"]
    word = renewal_word(renew)
    told = {"bool": f'r.flag("{path}", None)', "int": f'r.number("{path}", None) == {word or 1}'}
    text = f'r.text("{path}", "") == "{word or "DECIDE"}"'
    line = f"auto_renew={told.get(renew.kind, text)} if billing == PREPAID else None,"
    sure = word or renew.kind == "bool"
    return before, [*fields, line if sure else aside(line, "DECIDE: the value that stands for yes")]


def _proposed(cloud: Cloud) -> list[str]:
    lines = []
    for name, (path, field) in proposals(cloud).items():
        code = f"        # {name}={reader(cloud.name, path, field)},"
        if width(code) > WIDTH:
            first, _, rest = code.partition("(")
            lines += [f"{first}(", f"        #     {rest}"]
        else:
            lines.append(aside(code, field.line()))
    return [*comment("DECIDE: keep the lines of the columns that are kept, and strike the rest.", 8), *lines]


def _refuse(cloud: Cloud) -> list[str]:
    if cloud.deleted is None or "protected" not in cloud.facts.paths:
        return []
    field = cloud.facts.usual["protected"]
    path = cloud.facts.paths["protected"]
    on = f'r.flag("{path}", None)' if field and field.kind == "bool" else f'r.text("{path}", "") == "on"'
    return [
        "def refuse(r: Raw) -> str:",
        '    """Protection is in the row: no need to let the cloud refuse."""',
        *comment("DECIDE: what else must never be offered: shared, managed by the cloud, with children, prepaid.", 4),
        f'    return "deletion protection is on; switch it off in the console first" if {on} else ""',
        "",
        "",
    ]


def _api(cloud: Cloud, action: str) -> str:
    call = next(call for call in (cloud.listed, cloud.got, cloud.deleted) if call and call.action == action)
    return f'api("{action}", "{call.method}", "{call.path}")' if call.path else f'api("{action}")'


def _binding(new: NewType, cloud: Cloud, folder: Path) -> list[str]:
    facts, asked = cloud.facts, cloud.asked
    lines = ["parse=parse,", f"list={_api(cloud, asked.list)},", f'rows="{facts.rows}",', f'id="{facts.id}",']
    if not facts.paging.sure:
        lines += _said("DECIDE: the largest page, which the model does not say.")
    lines += [f"paging={_paging(facts.paging)},", f"get={_api(cloud, asked.get or asked.list)},", *_by_id(cloud)]
    lines += [f'row="{facts.get_row}",', *_detail(cloud)] if facts.get_row else []
    lines += _delete(cloud)
    lines += _said(f"DECIDE: the exact codes that name the id as gone, never a look-alike.{_candidates(cloud)}")
    code = gone_code(cloud)
    lines.append(f'gone=frozenset({{"{code}"}}),' if code else "gone=frozenset(),")
    if lacking := new.lacks(cloud):
        lines.append(f"lacks=frozenset({{{', '.join(f'{name!r}' for name in lacking)}}}),")
    lines += _regions(cloud, folder)
    return [f"BINDING = Binding[{new.class_name}](", *(f"    {line}" for line in lines), ")"]


def _paging(paging: Paging) -> str:
    if paging.style == "Whole":
        return "Whole()"
    if paging.style == "Offset":
        return f'Offset({paging.max}, "{paging.total}"{", cast=str" if paging.text else ""})'
    total = f', "{paging.total}"' if paging.total else ""
    first, size = STYLES[paging.style]
    word = "next" if paging.style == "Token" else "page"
    named = f', {word}="{paging.first}"' * (paging.first != first) + f', size="{paging.size}"' * (paging.size != size)
    return f"{paging.style}({paging.max}{total}{named})"


def _by_id(cloud: Cloud) -> list[str]:
    """How one id, and many, are asked for; a look-up by ids pages as well, so the largest page goes with it."""
    by, paging = cloud.facts.by_id, cloud.facts.paging
    size = ""
    if not cloud.got and paging.style != "Whole":
        largest = f'"{paging.max}"' if paging.text else str(paging.max)
        size = f', "{paging.size}": {largest}'
    flat = cloud.name == "aliyun" and by.form == "list"
    one = {"one": "id", "commas": "id", "json": "json.dumps([id])", "list": "[id]"}[by.form]
    many = {"one": "", "commas": '",".join(ids)', "json": "json.dumps(list(ids))", "list": "list(ids)"}[by.form]
    if flat:
        count = f'f"{by.key}.{{number}}"'
        lines = [f'get_by=lambda id: {{"{by.key}.1": id{size}}},']
        asked = f"{{{count}: id for number, id in enumerate(ids, 1)}}" + (f" | {{{size[2:]}}}" if size else "")
        return [*lines, *_batch(by.most, by.sure), f"ask_by=lambda ids: {asked},"]
    lines = [f'get_by=lambda id: {{"{by.key}": {one}{size}}},']
    if many and not cloud.got:
        return [*lines, *_batch(by.most, by.sure), f'ask_by=lambda ids: {{"{by.key}": {many}{size}}},']
    if by.form == "one" and not cloud.got:
        said = (
            f"DECIDE: {cloud.asked.list} takes one id, and what it answers to one that is not there is not in the"
            " model: an empty list proves nothing. Name an action that gets one and answers by a code."
        )
        return [*lines, *_said(said)]
    return lines


def _said(text: str) -> list[str]:
    """A comment among the arguments of the binding, before they are indented."""
    return [line[4:] for line in comment(text, 4)]


def _batch(most: int, sure: bool) -> list[str]:
    said = "DECIDE: how many ids it takes at once; and what it answers where one of them is not there."
    return [*_said(said), f"batch={most}," + ("" if sure else "  # DECIDE: the model does not say")]


def _detail(cloud: Cloud) -> list[str]:
    """What `parse` reads and the get call does not answer would be cleared by every show."""
    assert cloud.got
    inside = "" if cloud.facts.get_row == "." else f"{cloud.facts.get_row}."
    known = {path for path, _ in _paths(cloud.got.reply)}
    read = [*cloud.facts.paths.values(), *([cloud.facts.tags[0]] if cloud.facts.tags else [])]
    missing = sorted({path for path in read if f"{inside}{path}" not in known})
    if not missing:
        return []
    said = f"DECIDE: {cloud.got.action} answers these under other names, or not at all: {', '.join(missing)}."
    return _said(said)


def _paths(fields: tuple[Field, ...], path: str = "") -> list[tuple[str, Field]]:
    """As `walk`, but into lists of objects as well."""
    found = []
    for full, field in walk(fields, path):
        found.append((full, field))
        if field.many and field.kind == "object":
            found += _paths(field.fields, full)
    return found


def _delete(cloud: Cloud) -> list[str]:
    if cloud.deleted is None or cloud.facts.deletes is None:
        said = "DECIDE: the call that deletes (delete, delete_by), or that there is none; what the cloud refuses."
        return _said(said)
    key, many = cloud.facts.deletes
    value = "[id]" if many else "id"
    if many and cloud.name == "aliyun":
        key, value = f"{key}.1", "id"
    rest = [field.key for field in cloud.deleted.request if field.key not in {key, *NO_CHOICE}]
    said = "DECIDE: whether it deletes at once, isolates first (ends, delete_call, final) or takes two calls (then)."
    said += f" It also takes {', '.join(rest)}." if rest else ""
    lines = [*_said(said), f"delete={_api(cloud, cloud.asked.delete)},"]
    lines.append(f'delete_by=lambda id, options: {{"{key}": {value}}},')
    return [*lines, "refuse=refuse,"] if "protected" in cloud.facts.paths else lines


ABSENT = re.compile(r"not.?found|not?.?exist|^Invalid\w*Id$", re.IGNORECASE)
NO_CHOICE = {"OwnerAccount", "OwnerId", "RegionId", "ResourceOwnerAccount", "ResourceOwnerId"}


def gone_code(cloud: Cloud) -> str:
    """The likeliest code of an id that is not there; empty where the product's own list has no such code."""
    key = cloud.facts.id.rpartition(".")[2]
    likely = f"Invalid{key[0].upper()}{key[1:]}.NotFound"
    if cloud.listed.codes and likely not in cloud.listed.codes:
        return next((code for code in cloud.listed.codes if code.lower() == likely.lower()), "")
    return likely


def _candidates(cloud: Cloud) -> str:
    word = snake(cloud.facts.id.rpartition(".")[2]).removesuffix("_id").replace("_", "")
    known = [code for code in cloud.listed.codes if ABSENT.search(code)]
    known.sort(key=lambda code: word not in code.lower())
    return f" The product has {', '.join(known)}." if known else ""


def _regions(cloud: Cloud, folder: Path) -> list[str]:
    if cloud.name == "qcloud":
        return [f'regions=regions_of("{cloud.asked.service}"),']
    if _neighbour(cloud, folder):
        return ["regions=REGIONS,"]
    if cloud.asked.service == "ecs":
        return []
    return _said("DECIDE: the product's own DescribeRegions, if it has one (regions); the general list serves else.")
