"""The typed reader: what is taken, what is refused, and how the complaint names its path."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmux_py.cloudprovider.errors import MalformedResponse
from cloudmux_py.engine.raw import BEIJING, Raw

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(value=JSON, reader=st.sampled_from(["text", "number", "flag", "time", "millis", "texts"]))
def test_whatever_stands_there_is_read_or_named(value: Any, reader: str) -> None:
    with contextlib.suppress(MalformedResponse):
        read = getattr(Raw({"a": {"b": value}}), reader)("a.b")
        assert read is None or isinstance(read, str | int | bool | datetime | list)


def test_a_list_of_texts_is_one_or_names_what_is_none() -> None:
    raw = Raw({"ips": ["10.0.0.1", "半\ud800"], "odd": ["10.0.0.1", 7], "text": "10.0.0.1"}, "Row[0]")
    assert raw.texts("ips") == ["10.0.0.1", "半\ufffd"]
    with pytest.raises(MalformedResponse, match=r"Row\[0\]\.odd\[1\] should be a text, but is 7"):
        raw.texts("odd")
    with pytest.raises(MalformedResponse, match=r"Row\[0\]\.text should be a list"):
        raw.texts("text")


@pytest.mark.parametrize("data", [{}, {"k": None}])
def test_absent_and_null_are_one_thing(data: dict[str, Any]) -> None:
    raw = Raw(data)
    assert (raw.text("k", None), raw.number("k", None), raw.flag("k", None), raw.time("k")) == (None,) * 4
    assert raw.at("k").text("x", "") == ""
    assert raw.texts("k") == []
    with pytest.raises(MalformedResponse, match="k should be a text, but is nothing"):
        raw.text("k")


def test_what_json_does_not_have_is_named_by_its_type() -> None:
    with pytest.raises(MalformedResponse, match=r"k should be a text, but is \"object\"$"):
        Raw({"k": object()}).text("k")


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "9" * 5000, "1" * 20, 1e300, "--1", "\u0661" * 30])
def test_numbers_that_no_database_holds_are_malformed(value: Any) -> None:
    with pytest.raises(MalformedResponse, match="n should be a whole number"):
        Raw({"n": value}).number("n")


def test_what_is_read_and_what_a_complaint_shows_can_be_stored() -> None:
    assert Raw({"n": "half \ud800 名"}).text("n") == "half \ufffd 名"
    with pytest.raises(MalformedResponse, match="should be an object") as caught:
        Raw({"n": "\ud800名"}).at("n")
    assert "名" in str(caught.value).encode().decode()


def test_numbers_and_texts_mix_as_the_clouds_mix_them() -> None:
    raw = Raw({"port": "9200", "uin": 100001234567, "share": 2.0, "half": 2.5, "flag": "true", "one": 1})
    assert raw.number("port") == 9200
    assert raw.text("uin") == "100001234567"
    assert raw.number("share") == 2
    assert raw.flag("flag") is raw.flag("one") is True
    with pytest.raises(MalformedResponse, match=r"half should be a whole number, but is 2\.5"):
        raw.number("half")


@pytest.mark.parametrize(
    "text", ["2021-07-16T08:24:45Z", "2021-07-16T08:24:45.253Z", "2021-07-16T08:24Z", "2021-07-16T16:24:45+08:00"]
)
def test_times_in_every_spelling_are_utc(text: str) -> None:
    time = Raw({"t": text}).time("t")
    assert time is not None
    assert time.replace(second=0, microsecond=0) == datetime(2021, 7, 16, 8, 24, tzinfo=UTC)


def test_a_text_without_a_zone_is_in_the_cloud_s() -> None:
    assert Raw({"t": "2021-07-16 16:24:45"}).time("t", BEIJING) == datetime(2021, 7, 16, 8, 24, 45, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "0000-00-00 00:00:00", None])
def test_the_clouds_words_for_no_time_are_none(text: str | None) -> None:
    assert Raw({"t": text}).time("t") is None


def test_the_path_leads_through_lists() -> None:
    (row,) = Raw({"Result": [{"nodeSpec": {"disk": "much"}}]}).each("Result")
    with pytest.raises(MalformedResponse, match=r"Result\[0\]\.nodeSpec\.disk should be a whole number"):
        row.at("nodeSpec").number("disk")


def test_items_of_groups_come_in_order_and_a_group_without_them_is_named() -> None:
    groups = {"Groups": [{"Items": [{"Id": "a"}, {"Id": "b"}]}, {"Items": []}, {"Items": [{"Id": "c"}]}]}
    assert [item.text("Id") for item in Raw(groups).each("Groups[].Items")] == ["a", "b", "c"]
    assert [item.path for item in Raw(groups).each("Groups[].Items")][-1] == "Groups[2].Items[0]"
    assert list(Raw({"Groups": []}).each("Groups[].Items")) == []
    with pytest.raises(MalformedResponse, match="Groups should be a list"):
        list(Raw({}).each("Groups[].Items"))
    with pytest.raises(MalformedResponse, match=r"Groups\[1\]\.Items should be a list, but is nothing"):
        list(Raw({"Groups": [{"Items": []}, {}]}).each("Groups[].Items"))
