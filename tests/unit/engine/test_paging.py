"""The one paging loop, against a cloud that hides nothing and clouds that cheat."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmux_py.cloudprovider.errors import CloudmuxError, Drift, MalformedResponse, PaginationError
from cloudmux_py.engine.paging import Offset, PageNumber, Params, Style, Token, Whole, pages
from cloudmux_py.engine.raw import Raw

STYLES: dict[str, Style] = {
    "whole": Whole(),
    "number": PageNumber(7, "Total"),
    "offset": Offset(7, "Total"),
    "text offset": Offset(7, "Total", cast=str),
    "token": Token(7),
}


def cloud(ids: list[str], style: Style) -> Callable[[Params], Raw]:
    """A cloud that pages as its style says."""

    def fetch(params: Params) -> Raw:
        reply: dict[str, Any] = {"RequestId": "r", "Total": len(ids)}
        if isinstance(style, PageNumber):
            start, size = (params["PageNumber"] - 1) * params["PageSize"], params["PageSize"]
        elif isinstance(style, Offset):
            start, size = int(params["Offset"]), int(params["Limit"])
        elif isinstance(style, Token):
            start, size = int(params.get("NextToken", 0)), params["MaxResults"]
            reply = {"NextToken": str(start + size) if start + size < len(ids) else ""}
        else:
            start, size = 0, len(ids)
        return Raw(reply | {"Rows": [{"Id": id} for id in ids[start : start + size]]})

    return fetch


def run(fetch: Callable[[Params], Raw], style: Style) -> list[str]:
    fetched = pages(fetch, style, "Rows", lambda row: row.text("Id"))
    return [row.text("Id") for page in fetched for row in page.rows]


@given(offset=st.integers(0, 60), limit=st.integers(1, 60))
def test_one_call_asks_for_no_more_than_a_page_and_for_multiples_where_the_api_wants_them(
    offset: int, limit: int
) -> None:
    assert Offset(7, "Total").takes(offset, limit) == (limit <= 7)
    assert Offset(7, "Total", multiples=True).takes(offset, limit) == (limit <= 7 and offset % limit == 0)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
@given(count=st.integers(0, 60))
def test_every_row_comes_once_and_in_order(style: Style, count: int) -> None:
    ids = [f"i-{number}" for number in range(count)]
    assert run(cloud(ids, style), style) == ids


@given(
    before=st.lists(st.integers(0, 40), unique=True, max_size=40),
    removed=st.integers(0, 40),
    added=st.integers(41, 80),
    at=st.integers(1, 6),
    change=st.sampled_from(["remove", "add", "replace"]),
)
def test_a_change_between_pages_never_loses_a_living_row_silently(
    before: list[int], removed: int, added: int, at: int, change: str
) -> None:
    """Only a delete with a create between two pages may go unnoticed: then asking by id must follow."""
    ids = [f"i-{number}" for number in before]
    style = PageNumber(7, "Total")
    calls: Iterator[int] = iter(range(1, 100))

    def fetch(params: Params) -> Raw:
        if next(calls) == at:
            if change in {"remove", "replace"} and f"i-{removed}" in ids:
                ids.remove(f"i-{removed}")
            if change in {"add", "replace"}:
                ids.append(f"i-{added}")
        return cloud(ids, style)(params)

    try:
        got = set(run(fetch, style))
    except PaginationError:
        return
    replaced = change == "replace" and removed in before
    lost = {id for id in ids if id in {f"i-{number}" for number in before}} - got
    assert not lost or replaced


def cheat(page: int, edit: Callable[[dict[str, Any]], None], count: int = 20) -> list[str]:
    style = PageNumber(7, "Total")
    honest = cloud([f"i-{number}" for number in range(count)], style)

    def fetch(params: Params) -> Raw:
        reply = honest(params).data
        if params["PageNumber"] == page:
            edit(reply)
        return Raw(reply)

    return run(fetch, style)


@pytest.mark.parametrize(
    ("page", "edit", "error", "says"),
    [
        (2, lambda r: r.update(Rows=[]), PaginationError, "page 2 is empty, but only 7 of 20"),
        (3, lambda r: r.update(Rows=r["Rows"][:-1]), PaginationError, "page 4 is empty, but only 19 of 20"),
        (2, lambda r: r.update(Total=21), Drift, "page 2: the total changed from 20 to 21"),
        (2, lambda r: r.update(Rows=[{"Id": f"i-{n}"} for n in range(7)]), Drift, "page 2: i-0 came twice"),
        (1, lambda r: r["Rows"].append(r["Rows"][0]), Drift, "page 1: i-0 came twice"),
        (1, lambda r: r.pop("Rows"), MalformedResponse, "Rows should be a list, but is nothing"),
        (1, lambda r: r.update(Rows=None), MalformedResponse, "Rows should be a list"),
        (1, lambda r: r.pop("Total"), MalformedResponse, "Total should be a whole number"),
        (1, lambda r: r.update(Total="many"), MalformedResponse, 'Total should be a whole number, but is "many"'),
        (1, lambda r: r.update(Total=-1), MalformedResponse, "a number of rows"),
        (3, lambda r: r["Rows"].append({"Id": "i-x"}), PaginationError, "21 rows came, but the total is 20"),
    ],
)
def test_a_listing_that_cannot_be_proved_is_an_error_that_names_the_page(
    page: int, edit: Callable[[dict[str, Any]], None], error: type[CloudmuxError], says: str
) -> None:
    with pytest.raises(error, match=says):
        cheat(page, edit)


def test_a_null_list_is_empty_only_beside_a_total_of_zero() -> None:
    style = PageNumber(7, "Total")
    assert run(lambda _: Raw({"Total": 0, "Rows": None}), style) == []
    with pytest.raises(MalformedResponse):
        run(lambda _: Raw({"Total": 0}), style)


def test_a_token_seen_before_is_an_error_even_if_not_the_last() -> None:
    tokens = iter(["a", "b", "a", "b"])
    numbers = iter(range(100))
    with pytest.raises(PaginationError, match="page 3 names a page that was fetched already"):
        run(lambda _: Raw({"Rows": [{"Id": f"i-{next(numbers)}"}], "NextToken": next(tokens)}), Token(7))


def test_an_unreadable_row_counts_as_a_row() -> None:
    style = PageNumber(7, "Total")
    reply = Raw({"Total": 2, "Rows": [{"Id": "i-0"}, {"Id": None}]})
    (page,) = pages(lambda _: reply, style, "Rows", lambda row: row.text("Id"))
    assert len(page.rows) == 2


@pytest.mark.parametrize(
    ("style", "reason"), [(PageNumber(7), "total"), (Offset(7), "total"), (Token(7, "T"), "no total")]
)
def test_a_style_that_could_prove_nothing_is_refused(style: Style, reason: str) -> None:
    assert reason in style.check()
