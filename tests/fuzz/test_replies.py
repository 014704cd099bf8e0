"""Whatever a cloud answers, every type's reader gives rows that can be stored, or says that the answer is malformed."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from cloudmux_py.cloudprovider.errors import ClockSkew, CloudError, MalformedResponse, PaginationError, Refused
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.engine.client import explain_time, json_of, retry_after
from cloudmux_py.engine.http import Reply
from cloudmux_py.engine.paging import pages
from cloudmux_py.engine.raw import Raw
from cloudmux_py.testing import Case, cases

from .mutation import EXAMPLES, ODD, few, mutated

DATA = Path(__file__).parents[1] / "data"
CASES = list(cases(DATA))
CASE = st.sampled_from(CASES)
MANY = settings(few, max_examples=4 * EXAMPLES)
SQL = sqlite3.connect(":memory:", check_same_thread=False)


def check_storable(row: ICloudResource) -> None:
    """Each of its values is of a kind that a column takes, and that SQLite and UTF-8 take."""
    assert row.external_id
    for name, value in row.to_dict().items():
        assert value is None or isinstance(value, str | int | float | bool | dict | list), name
        SQL.execute("SELECT ?", [json.dumps(value, ensure_ascii=False)])
        if not isinstance(value, dict | list):
            SQL.execute("SELECT ?", [value])
    for name in row.columns:
        assert not isinstance(getattr(row, name), datetime) or getattr(row, name).tzinfo, name


OPTIONS = (DeleteOptions(), DeleteOptions(final=True, recoverable=True))


def _with_options(function: Callable[[Raw, DeleteOptions], Any], options: DeleteOptions, raw: Raw) -> Any:
    return function(raw, options)


def readers(case: Case) -> list[Callable[[Raw], Any]]:
    """Every function of a binding that reads what the cloud wrote."""
    binding = case.binding
    found: list[Any] = [binding.id_of, binding.key_of, binding.listed_key, binding.gone_word]
    found += [function for function in (binding.refuse, binding.access) if function]
    found += [extra.wanted for extra in binding.extras] + [extra.of for extra in binding.extras if extra.of]
    if binding.then:
        found.append(binding.then.when)
    for function in (binding.ends, binding.delete_call):
        if function:
            found += [partial(_with_options, function, options) for options in OPTIONS]
    return found


@MANY
@given(st.data())
def test_a_row_is_read_or_is_malformed(data: st.DataObject) -> None:
    case = data.draw(CASE)
    raw = Raw(data.draw(mutated([row.data for row in (*case.listed(), *case.detailed())])))
    try:
        check_storable(case.binding.parse(raw))
    except MalformedResponse as error:
        str(error).encode()
    for reader in readers(case):
        with suppress(MalformedResponse, Refused):
            reader(raw)


@MANY
@given(st.data())
def test_a_listing_ends_or_says_what_is_wrong(data: st.DataObject) -> None:
    """Whatever its pages are, the loop ends: in rows, or in an error that names the page."""
    case = data.draw(CASE)
    replies = data.draw(st.lists(mutated(case.replies("list")), min_size=1, max_size=3))
    sent = iter([*replies, {}])

    def fetch(params: Any) -> Raw:
        json.dumps(dict(params), default=str)
        return Raw(next(sent))

    binding = case.binding
    try:
        for fetched in pages(fetch, binding.paging, binding.rows, binding.listed_key):
            assert all(isinstance(raw, Raw) for raw in fetched.rows)
    except (MalformedResponse, PaginationError) as error:
        str(error).encode()
    assert next(sent, "all") is not None


HEADERS = st.dictionaries(
    st.sampled_from(["Retry-After", "x-acs-retry-after", "Date", "Content-Type"]), st.text(max_size=20), max_size=3
)


@few
@given(
    st.binary(max_size=200)
    | st.recursive(st.sampled_from(ODD), st.lists).map(lambda odd: str(odd).encode("utf-8", "surrogatepass")),
    HEADERS,
)
@example(b"[" * 100_000, {"Retry-After": "\u0661", "Date": "Mon"})
@example(b'{"a": ' * 50_000, {"Retry-After": "9" * 5000})
@example(b'{"a": 1, "a": 2}', {"Retry-After": "\u00b2"})
@example(b'{"n": ' + b"9" * 5000 + b"}", {})
@example(b'{"a": "\\ud800"}', {"Date": "Mon, 99 Foo 0000 99:99:99 +9999"})
@example(b"\xff\xfe{}", {"Date": "Thu, 01 Jan 1970 00:00:00 -9999999999"})
@example(b"\xef\xbb\xbf{}", {})
def test_bytes_are_an_object_or_an_error_that_names_what_came(body: bytes, headers: dict[str, str]) -> None:
    for status in (200, 429, 503):
        try:
            assert isinstance(json_of(Reply(status, headers, body)), dict)
        except CloudError as error:
            str(error).encode()
    seconds = retry_after(headers)
    assert seconds is None or seconds >= 0
    late = ClockSkew("late")
    explain_time(late, headers)
    assert late.message.startswith("late; ")
