"""climc's filters as SQL: ``name.contains('log')``, ``disk_size_gb.gt(100)``, ``status.in(available,creating)``.

Names come from an allow-list and values are bound, so that no text can become SQL.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.cloudprovider.resource import format_time

from .values import without_nul

Condition = tuple[str, list[Any]]

SHAPE = re.compile(r"\s*([A-Za-z_]\w*)\.(\w+)\s*(?:\((.*)\))?\s*", re.DOTALL)


class Operator(NamedTuple):
    """One operator.

    Attributes:
        least: Values that it takes at least.
        most: Values that it takes at most; 0 for any number.
        make: From the quoted column and its values to a condition.
        text: Whether values are compared as texts whatever the column's kind.
    """

    least: int
    most: int
    make: Callable[[str, Sequence[Any]], Condition]
    text: bool = False


def escaped(text: str) -> str:
    """A text within a LIKE pattern, escaped by a backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _like(before: str, after: str, *, negated: bool = False) -> Callable[[str, Sequence[Any]], Condition]:
    def make(column: str, values: Sequence[Any]) -> Condition:
        each = [f"{column} LIKE ? ESCAPE '\\'" for _ in values]
        bound = [before + escaped(str(value)) + after for value in values]
        joined = " OR ".join(each)
        return (f"({column} IS NULL OR NOT ({joined}))" if negated else f"({joined})"), bound

    return make


def _compare(sign: str) -> Callable[[str, Sequence[Any]], Condition]:
    return lambda column, values: (f"{column} {sign} ?", list(values))


def _among(column: str, values: Sequence[Any]) -> Condition:
    return f"{column} IN ({', '.join('?' for _ in values)})", list(values)


def _not_among(column: str, values: Sequence[Any]) -> Condition:
    sql, bound = _among(column, values)
    return f"({column} IS NULL OR NOT {sql})", bound


def _fixed(sql: str) -> Callable[[str, Sequence[Any]], Condition]:
    return lambda column, values: (sql.replace("{}", column), [])


OPERATORS: dict[str, Operator] = {
    "contains": Operator(1, 0, _like("%", "%"), text=True),
    "notcontains": Operator(1, 0, _like("%", "%", negated=True), text=True),
    "startswith": Operator(1, 0, _like("", "%"), text=True),
    "endswith": Operator(1, 0, _like("%", ""), text=True),
    "like": Operator(1, 1, _compare("LIKE"), text=True),
    "in": Operator(1, 0, _among),
    "notin": Operator(1, 0, _not_among),
    "equals": Operator(1, 1, _compare("=")),
    "notequals": Operator(1, 1, _not_among),
    "gt": Operator(1, 1, _compare(">")),
    "ge": Operator(1, 1, _compare(">=")),
    "lt": Operator(1, 1, _compare("<")),
    "le": Operator(1, 1, _compare("<=")),
    "between": Operator(2, 2, lambda column, values: (f"{column} BETWEEN ? AND ?", list(values))),
    "isnull": Operator(0, 0, _fixed("{} IS NULL")),
    "isnotnull": Operator(0, 0, _fixed("{} IS NOT NULL")),
    "isempty": Operator(0, 0, _fixed("{} = ''")),
    "isnotempty": Operator(0, 0, _fixed("({} IS NOT NULL AND {} <> '')")),
    "isnullorempty": Operator(
        0, 0, _fixed("({} IS NULL OR {} = '' OR {} = '{}' OR {} = '[]')".replace("'{}'", "'{' || '}'"))
    ),
}


def condition(text: str, kinds: Mapping[str, str]) -> Condition:
    """A filter as an SQL condition and its values.

    Args:
        text: ``field.operator(values)``; quotes round values are optional.
        kinds: The columns that there are, and their kinds.

    Raises:
        UsageError: It is no filter, or its field, operator or a value is not one that there is.
    """
    shape = SHAPE.fullmatch(text)
    if not shape:
        raise UsageError(f"filter {text!r}: write field.operator(value), such as name.contains('log')")
    field, name, inside = shape[1], shape[2].lower(), shape[3] or ""
    if field not in kinds:
        raise UsageError(f"filter {text!r}: no field {field!r}; there are: {', '.join(kinds)}")
    operator = OPERATORS.get(name)
    if operator is None:
        raise UsageError(f"filter {text!r}: no operator {name!r}; there are: {', '.join(OPERATORS)}")
    values = _values(inside)
    takes_none = operator.least == 0
    if len(values) < operator.least or (takes_none and values) or (operator.most and len(values) > operator.most):
        wanted = str(operator.least) if operator.most or takes_none else f"{operator.least} or more"
        raise UsageError(f"filter {text!r}: {name} takes {wanted} values, not {len(values)}")
    kind = "text" if operator.text else kinds[field]
    return operator.make(f'"{field}"', [convert(field, value, kind) for value in values])


def _values(inside: str) -> list[str]:
    """Values between the brackets; commas within quotes belong to the value."""
    import csv

    if not inside.strip():
        return []
    quote = "'" if inside.lstrip().startswith("'") or '"' not in inside else '"'
    line = inside.replace("\n", " ").replace("\r", " ") + "\n"
    try:
        (row,) = csv.reader([line], quotechar=quote, skipinitialspace=True)
    except (csv.Error, ValueError):
        raise UsageError(f"filter values {inside!r} cannot be read") from None
    if row[-1].endswith("\n"):  # a lone quote would else be an empty value, which every name contains
        raise UsageError(f"filter values {inside!r} cannot be read: a quote is not closed")
    return [value.strip() for value in row]


def _whole(value: str) -> int:
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError("larger than SQLite's integers")
    return number


def convert(field: str, value: str, kind: str) -> Any:
    """A value as the column keeps it; a time without a zone is UTC.

    Raises:
        UsageError: It is no value of that kind.
    """
    try:
        if kind == "int":
            return _whole(value)
        if kind == "float":
            return float(value)
        if kind == "bool":
            return {"true": 1, "1": 1, "yes": 1, "false": 0, "0": 0, "no": 0}[value.lower()]
        if kind == "time":
            time = datetime.fromisoformat(value)
            return format_time(time if time.tzinfo else time.replace(tzinfo=UTC))
    except (ValueError, KeyError, OverflowError):
        kinds = {"int": "a whole number", "float": "a number", "bool": "true or false", "time": "a time"}
        raise UsageError(f"{field}: {value!r} is not {kinds[kind]}") from None
    if len(value) > 10_000:
        raise UsageError(f"{field}: the value is too long")
    return without_nul(value)
