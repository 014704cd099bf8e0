"""Hostile text in every format: nothing that a terminal obeys, columns that stand straight, JSON and YAML exact."""

import csv
import io
import json
import re
import sys
import unicodedata
from contextlib import redirect_stdout
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from cloudmux_py.console.output import Listing, show_list, show_object
from cloudmux_py.console.settings import FORMATS, Settings
from cloudmux_py.console.text import ASCII_CONTROLS, FORMULA, HIDDEN, columns, mention, spreadsheet, turns, visible

HOSTILE = [
    "\x1b[2J\x1b[31mred",  # CSI
    "\x1b]52;c;aGk=\x07",  # OSC 52: writes the clipboard
    "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\",  # OSC 8: a link that shows another text
    "\x9b31m\x9d0;title\x9c",  # C1
    "\u202egpj.exe",
    "\u2066a\u2069\u200f",
    "ad\u200bmin\ufeff\u2060\u00ad",
    "a\nb\r\nc\rd\u2028e\u2029f\x85g\x0b\x0c",
    "tab\there",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\n=1",
    " =1",
    "\uff1d1",
    "名" * 3000 + "x" * 1000,  # 10 kB
    "👩\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3 👍🏽 🇩🇪",
    "e\u0301 ก\u0e33 \u1112\u1161\u11ab \u3164\uffa0",
    "[/bold][red]x",
    "\x00nul\x7f",
    "\ue000\U000e0041\U000f0000",
    "'\"\\`$(id)",
    "---\nkey: !!python/object:os.system",
]
CHARACTERS = st.characters() | st.sampled_from("\x1b\x9b\x07\n\r\t\x00\u202e\u200d\ufe0f\u2028\x85=+-@'\"\\,;[]名")
TEXTS = st.text(CHARACTERS, max_size=20) | st.sampled_from(HOSTILE)


def hidden(text: str, allowed: str = "") -> list[str]:
    categories = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}
    return [char for char in text if unicodedata.category(char) in categories and char not in allowed]


def shown(output: str, rows: list[dict[str, Any]]) -> str:
    names = list(rows[0])
    out = io.StringIO()
    with redirect_stdout(out):
        show_list(Settings(output=output), Listing(rows, names, names, names[0], total=len(rows)))
    return out.getvalue()


def test_the_short_way_out_is_only_for_what_shows() -> None:
    odd = re.compile(f"[{ASCII_CONTROLS}{HIDDEN}]")
    for char in map(chr, range(sys.maxunicode + 1)):
        if (visible(char) != char) != bool(odd.match(char)):
            raise AssertionError(f"U+{ord(char):04X}")


def test_every_character_that_shows_nothing_is_known() -> None:
    every = "".join(map(chr, [*range(0x20000), *range(0xE0000, 0xE1000), 0xF0000, 0x10FFFF]))
    assert not hidden(visible(every))
    odd = [char for char in every if not char.isprintable() and char == visible(char)]
    assert {unicodedata.category(char) for char in odd} <= {"Cn", "Zs"}, "what has no meaning yet, and spaces"
    assert visible("名前 déjà-vu 🙂") == "名前 déjà-vu 🙂"


@settings(max_examples=30, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(FORMATS), TEXTS)
@example(["\u202ex"], "yaml", "\u202ex")
@example(["\u2028"], "yaml", "\x85")
@example(["\U000e0041"], "json", "\U000e0041")
@example(["x"], "tsv", "a\tb")
def test_no_format_gives_a_terminal_anything_to_obey(texts: list[str], output: str, name: str) -> None:
    """Neither from a value, nor from the name of a column, which a query may take from a tag."""
    out = shown(output, [{"id": text, name + "x": {text: text}} for text in texts])
    assert not hidden(out, "\n\t" if output in {"csv", "tsv"} else "\n")


@settings(max_examples=30, deadline=None)
@given(TEXTS, TEXTS)
@example("\ud800", "\udfff\ud83d")
def test_json_and_yaml_are_exact(text: str, other: str) -> None:
    rows = [{"id": text, "tags": {other: text}}]
    assert json.loads(shown("json", rows))["data"] == rows
    assert [json.loads(line) for line in shown("jsonl", rows).splitlines()] == rows
    if not any(unicodedata.category(char) == "Cs" for char in text + other):  # no YAML has halves of characters
        assert yaml.safe_load(shown("yaml", rows))["data"] == rows
        assert yaml.load(shown("yaml", rows), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["data"] == rows


@settings(max_examples=30, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_columns_stand_straight_whatever_is_in_them(texts: list[str]) -> None:
    lines = shown("table", [{"name": text, "end": "|"} for text in texts]).split("\n")
    assert lines[-1] == ""
    assert len(lines) == len(texts) + 4, "a row takes one line"
    places = {cell_len(line[: line.rindex("|")]) for line in lines[2:-2]}
    assert len(places) == 1
    assert places == {columns(lines[1].split()[0]) + 2}


class Terminal(io.StringIO):
    """What a table takes for a terminal."""

    def isatty(self) -> bool:
        return True


TURNING = st.text(st.sampled_from("שלוםمرحبا٣5a \u2069\u202e名-"), max_size=30)


@settings(max_examples=30, deadline=None)
@given(st.lists(TURNING, min_size=1, max_size=3), st.integers(24, 80))
@example(["שלום" * 10], 40)
@example(["a\u2069שלום"], 40)
@example(["שלום " * 20], 30)
def test_letters_from_right_to_left_are_isolated_on_a_terminal(texts: list[str], width: int) -> None:
    rows = [{"id": text, "name": text, "end": "|"} for text in texts]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(Terminal()) as out:
        patch.setenv("COLUMNS", str(width))
        patch.setenv("NO_COLOR", "1")
        patch.setenv("TERM", "dumb")
        show_list(Settings(output="table"), Listing(rows, ["id", "name", "end"], ["id", "name", "end"], "id"))
    lines = re.sub("\x1b\\[[0-9;]*m", "", out.getvalue()).splitlines()
    places = {cell_len(line[: line.rindex("|")]) for line in lines if "|" in line}
    assert len(places) <= 1, "isolates take no columns"
    for line in lines:
        assert not turns(re.sub("\u2068[^\u2068\u2069]*\u2069", "", line)), "each line of each cell stands by itself"
        assert line.count("\u2068") == line.count("\u2069")
    assert any(map(turns, texts)) or "\u2068" not in out.getvalue(), "other cells are as they were"
    for output in ("table", "csv", "tsv", "json", "kv"):
        assert "\u2068" not in shown(output, rows), "but on a terminal nothing is added"


@settings(max_examples=30, deadline=None)
@given(TEXTS)
def test_a_csv_cell_is_no_formula_and_comes_back_as_one_cell(text: str) -> None:
    out = shown("csv", [{"id": text, "name": "n"}])
    rows = list(csv.reader(io.StringIO(out, newline="")))
    assert [row[1] for row in rows] == ["name", "n"], "a value makes neither a row nor a column"
    assert not rows[1][0].lstrip().startswith(FORMULA)
    if text.isalnum():
        assert rows[1][0] == text


@settings(max_examples=30, deadline=None)
@given(TEXTS)
def test_a_tsv_row_is_one_line_of_its_columns(text: str) -> None:
    head, line, rest = shown("tsv", [{"id": text, "name": "n"}]).split("\n")
    assert (head, rest) == ("id\tname", "")
    assert line.split("\t")[1:] == ["n"]
    assert not text or not line.startswith(FORMULA)


def test_a_number_is_no_formula() -> None:
    assert [spreadsheet(value) for value in (-1, None, True, {"a": "=1"})] == ["-1", "", "true", '{"a":"=1"}']


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("db-1.prod", "db-1.prod"),
        ("名前", "名前"),
        ("a)? [y/N] n", '"a)? [y/N] n"'),
        ('"? [y/N] "', "\"'? [y/N] '\""),
        ("a\n\x1b[2K", '"a\\x0a\\x1b[2K"'),
        ("", '""'),
        ("x" * 10_000, '"' + "x" * 59 + '…"'),
    ],
)
def test_a_name_cannot_end_a_question(name: str, told: str) -> None:
    assert mention(name) == told


def test_one_object_is_as_harmless() -> None:
    for output in FORMATS:
        for text in HOSTILE:
            out = io.StringIO()
            with redirect_stdout(out):
                show_object(Settings(output=output), {"id": text, text: text})
            assert not hidden(out.getvalue(), "\n\t"), (output, text)
