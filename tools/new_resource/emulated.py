"""The text of the emulator's part for one cloud: the calls as the models document them."""

from typing import Any

from .binding import STYLES, gone_code
from .columns import Cloud, NewType, is_time, snake
from .layout import comment, headline
from .model import Field
from .sample import prefix
from .words import status_words

IMPORTS = {
    "aliyun": ("array", "commas", "numbered", "numbers", "roa", "rpc", "tokened", "whole"),
    "qcloud": ("action", "windowed", "whole"),
}


def emulated(new: NewType, cloud: Cloud) -> str:
    """``emulator/<cloud>/<keyword>.py``."""
    parts = [_list(cloud), _get(cloud), _delete(cloud), _seed(new, cloud)]
    body = "\n\n\n".join("\n".join(part) for part in parts if part)
    return "\n".join([*_head(new, cloud, body), body]) + "\n"


def _head(new: NewType, cloud: Cloud, body: str) -> list[str]:
    asked = cloud.asked
    actions = ", ".join(dict.fromkeys(filter(None, (asked.list, asked.get, asked.delete))))
    first, *rest = headline(f"{asked.service} {asked.version}", actions)
    code = gone_code(cloud) or "DECIDE"
    wire = [word for word in IMPORTS[cloud.name] if f"{word}(" in body]
    shared = [word for word in ("ApiError", "Call", "body") if word in body or word == "ApiError"]
    return [
        f'"""{first}',
        *rest,
        "",
        "Source: the vendor's typed models. DECIDE: read the API reference too, and name it here.",
        '"""',
        "",
        "import random",
        "from typing import Any",
        "",
        "from .. import seed",
        "from ..state import Account, Row",
        f"from ..wire import {', '.join(shared)}",
        f"from .wire import {', '.join(wire)}",
        "",
        f'KIND = "{new.keyword}"',
        f'VERSION = "{asked.version}"',
        *comment("DECIDE: the documented code, message and HTTP status of an id that is not there."),
        f'UNKNOWN = ApiError("{code}", "It does not exist."{", 404" if cloud.name == "aliyun" else ""})',
        "",
        "",
    ]


def _handler(cloud: Cloud, action: str, doc: str, lines: list[str]) -> list[str]:
    call = next(call for call in (cloud.listed, cloud.got, cloud.deleted) if call and call.action == action)
    register = "action" if cloud.name == "qcloud" else "rpc"
    more = ""
    if call.path:
        path = call.path.replace("[", "{").replace("]", "}")
        register, more = "roa", f', "{call.method}", "{path}"'
    return [
        f'@{register}("{cloud.asked.service}", VERSION, "{action}"{more})',
        f"def {snake(action)}(call: Call) -> dict[str, Any]:",
        f'    """{doc[0].upper()}{doc[1:]}"""',
        *(f"    {line}" for line in lines),
    ]


def _list(cloud: Cloud) -> list[str]:
    facts, by = cloud.facts, cloud.facts.by_id
    lines = []
    if not cloud.got:
        asked = _ids(cloud)
        lines = [f"ids, rows = {asked}, call.visible(KIND)", "if ids:"]
        lines.append(f"    rows = [row for row in rows if {_at('row', facts.id)} in ids]")
    else:
        lines = ["rows = call.visible(KIND)"]
    page, total = _page(cloud)
    lines += page
    spoilt = f'{{"{facts.id.partition(".")[0]}": None}}'
    outer = facts.rows.rpartition(".")[0]
    if total and outer and total.startswith(f"{outer}."):
        lines += [
            f'reply = body(call, "{facts.rows}", page, {spoilt}, {{}})',
            f'reply.setdefault("{outer}", {{}})["{total.rpartition(".")[2]}"] = total',
            "return reply",
        ]
    else:
        lines.append(f'return body(call, "{facts.rows}", page, {spoilt}, more)')
    doc = {"Offset": f"Offset and Limit up to {facts.paging.max}", "Whole": "All at once"}.get(
        facts.paging.style, f"{facts.paging.first} and {facts.paging.size} up to {facts.paging.max}"
    )
    absent = "" if cloud.got else f"; an unknown id of {by.key} is simply not in the answer (guess)"
    return _handler(cloud, cloud.asked.list, f"{doc}{absent}.", lines)


def _ids(cloud: Cloud) -> str:
    by = cloud.facts.by_id
    if by.form == "one":
        return f'[id for id in [call.params.get("{by.key}")] if id]'
    if by.form == "list":
        return f'numbers(call, "{by.key}")' if cloud.name == "aliyun" else f'call.params.get("{by.key}")'
    if cloud.name == "qcloud":
        return f'[id for id in str(call.params.get("{by.key}") or "").split(",") if id]'
    return f'{"array" if by.form == "json" else "commas"}(call, "{by.key}")'


def _page(cloud: Cloud) -> tuple[list[str], str]:
    """The lines that cut a page out of the rows and make ``more``, and the path of a total that is still to be put."""
    paging = cloud.facts.paging
    if paging.style == "Whole":
        return ["page, more = rows, dict[str, Any]()"], ""
    if paging.style == "Offset":
        text = ", text=True" if paging.text else ""
        lines = [f"page, total = windowed(call, rows, 20, {paging.max}{text})"]
    elif (paging.first, paging.size) == STYLES[paging.style] and cloud.name == "aliyun":
        if paging.style == "Token":
            return [f"page, more = tokened(call, rows, 10, {paging.max})"], ""
        lines = [f"page, more = numbered(call, rows, 10, {paging.max})"]
        return (lines, "") if paging.total == "TotalCount" else ([*lines, _renamed(paging.total)], "")
    else:
        code = ', "InvalidParameterValue"' if cloud.name == "qcloud" else ""
        size = f'size = whole(call, "{paging.size}", 10, 1, {paging.max}{code})'
        first = f'start = (whole(call, "{paging.first}", 1, 1, 10**6{code}) - 1) * size'
        if paging.style == "Token":
            first = f'start = int(call.params.get("{paging.first}") or 0)'
        lines = [size, first, "page, total = call.page_of(rows, start, size)"]
        if paging.style == "Token":
            after = 'str(start + size) if start + size < len(rows) else ""'
            return [
                *lines[:2],
                "page, _ = call.page_of(rows, start, size)",
                f'more = {{"{paging.first}": {after}}}',
            ], ""
    outer = cloud.facts.rows.rpartition(".")[0]
    if outer and paging.total.startswith(f"{outer}."):
        return lines, paging.total
    return [*lines, f"more: dict[str, Any] = {_nested(paging.total, 'total')}"], ""


def _renamed(total: str) -> str:
    return f'more["{total}"] = more.pop("TotalCount")'


def _nested(path: str, value: str) -> str:
    for key in reversed(path.split(".")):
        value = f'{{"{key}": {value}}}'
    return value


def _at(row: str, path: str) -> str:
    return row + "".join(f'["{key}"]' for key in path.split("."))


def _one(cloud: Cloud, parameter: str, many: bool) -> str:
    call = cloud.deleted if cloud.deleted and not cloud.got else cloud.got
    inside = bool(call and f"[{parameter}]" in call.path)
    value = f'call.path["{parameter}"]' if inside else f'call.params.get("{parameter}")'
    if many:
        value = f'next(iter(numbers(call, "{parameter}")), "")' if cloud.name == "aliyun" else f"({value} or [''])[0]"
    return f'row = call.one(KIND, "{cloud.facts.id}", {value}, UNKNOWN)'


def _get(cloud: Cloud) -> list[str]:
    if not cloud.got:
        return []
    path, many = cloud.facts.get_row, False
    fields: tuple[Field, ...] = cloud.got.reply
    for key in path.split(".") if path != "." else ():
        found = next(field for field in fields if field.key == key)
        fields, many = found.fields, found.many
    value = "[dict(row)]" if many else "dict(row)"
    lines = [_one(cloud, cloud.facts.by_id.key, cloud.facts.by_id.form == "list")]
    lines.append("return dict(row)" if path == "." else f"return {_nested(path, value)}")
    return _handler(cloud, cloud.asked.get, "One by its id; DECIDE: it answers as the list does here.", lines)


def _delete(cloud: Cloud) -> list[str]:
    if not cloud.deleted or not cloud.facts.deletes:
        return []
    key, many = cloud.facts.deletes
    lines = [_one(cloud, key, many)]
    refusal = 'raise ApiError("OperationDenied", "It is in use.")'
    if protected := cloud.facts.usual.get("protected"):
        path = _at("row", cloud.facts.paths["protected"])
        on = path if protected.kind == "bool" else f'{path} == "on"'
        lines += [f"if {on}:", f"    {refusal}"]
    elif (name := cloud.facts.paths.get("name", cloud.facts.id)) != cloud.facts.id:
        lines += comment("DECIDE: what is refused, with the documented codes; here, what has no name.")
        lines += [f"if not {_at('row', name)}:", f"    {refusal}"]
    lines += comment("DECIDE: what it is meanwhile, and how long (patch, later).")
    lines += [f"call.table(KIND).remove({_at('row', cloud.facts.id)})", "return {}"]
    return _handler(cloud, cloud.asked.delete, "Gone at once (guess).", lines)


def _seed(new: NewType, cloud: Cloud) -> list[str]:
    facts = cloud.facts
    id = facts.usual["id"]
    assert id
    begin = prefix(cloud, id) + ("bp1" if cloud.name == "aliyun" else "")
    values: dict[str, Any] = {facts.id: "id"}
    if facts.paths.get("name", facts.id) != facts.id:
        values[facts.paths["name"]] = "seed.name(rng, number)"
    if (status := facts.usual.get("status")) and (words := status_words(cloud)):
        steady = next((word for word, ours in words.items() if ours == "AVAILABLE"), next(iter(words)))
        values[facts.paths["status"]] = steady if status.kind == "int" else f'"{steady}"'
    if (created := facts.usual.get("created")) and is_time(created):
        values[facts.paths["created"]] = _moment(cloud, created)
    if protected := facts.usual.get("protected"):
        on = "number % 30 == 29" if protected.kind == "bool" else '"on" if number % 30 == 29 else "off"'
        values[facts.paths["protected"]] = on
    lines = [f'row = seed.copy("{cloud.name}/{new.keyword}.json")', "row.update("]
    lines += [f"    {path}={value}," for path, value in values.items() if "." not in path]
    lines += [")", *_seeded_tags(cloud), "return row"]
    return [
        *comment("DECIDE: how its ids look."),
        f'@seed.seeder("{cloud.name}", KIND, "{begin}", {17 if cloud.name == "aliyun" else 8})',
        "def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:",
        '    """As documented, each with an id, a name and a time of its own."""',
        *(f"    {line}" for line in lines),
    ]


def _moment(cloud: Cloud, created: Field) -> str:
    if created.kind == "int":
        return f"int(seed.moment(rng).timestamp()){' * 1000' if cloud.name == 'aliyun' else ''}"
    return "seed.beijing(seed.moment(rng))" if cloud.name == "qcloud" else _ISO


_ISO = 'seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ")'


def _seeded_tags(cloud: Cloud) -> list[str]:
    if not cloud.facts.tags:
        return []
    path, name, value = cloud.facts.tags
    tags = f'[{{"{name}": "env", "{value}": rng.choice(seed.ENVIRONMENTS)}}] if number % 4 else []'
    return [f"{_at('row', path)} = {tags}"]
