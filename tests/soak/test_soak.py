"""What judges a soak: a leak is seen, noise and bursts are not, and deletions are counted."""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmux_py.emulator.control import Control

from .invariants import wrong_deletions
from .load import Load
from .report import DOCUMENT, write
from .verdict import trend
from .watch import Watch

noise = st.lists(st.floats(-1, 1), min_size=60, max_size=60)


@given(noise, st.floats(40, 200), st.floats(12, 100))
def test_what_leaks_is_seen(noise: list[float], start: float, percent: float) -> None:
    """By more than a tenth and 3 MB from the first quarter to the last, whatever the noise of 1 MB."""
    leak = 2 * percent / 100 * start / len(noise)
    samples = [(30.0 * at, start + leak * at + each) for at, each in enumerate(noise)]
    found = trend("emulator: memory, MB", samples, 0)
    assert found.grew
    assert found.last > found.first


@given(noise, st.floats(40, 200), st.integers(0, 59), st.floats(0, 500))
def test_noise_and_a_burst_are_no_growth(noise: list[float], start: float, burst: int, height: float) -> None:
    values = [start + each for each in noise]
    values[burst] += height
    found = trend("emulator: memory, MB", [(30.0 * at, value) for at, value in enumerate(values)], 0)
    assert not found.grew
    assert found.most == max(values)


def test_what_grows_while_it_warms_up_is_left_out() -> None:
    samples = [(float(at), min(50.0, 10.0 + at)) for at in range(100)]
    assert trend("memory, MB", samples, 0).grew
    found = trend("memory, MB", samples, 50)
    assert (found.grew, found.first, found.last, found.count) == (False, 50.0, 50.0, 50)


def test_few_samples_tell_nothing() -> None:
    found = trend("memory, MB", [(float(at), 10.0 * at) for at in range(5)], 0)
    assert (found.told, found.grew) == (False, False)


def test_deletions_are_counted_by_id(tmp_path: Path) -> None:
    watch = Watch({}, tmp_path / "cache.db", tmp_path / "state", Control("http://127.0.0.1:1"))
    load = Load({}, watch, threading.Event())
    load.deleted = {"es-1", "es-2"}
    watch.deletions = {("es-1", 1.0): "DeleteInstance", ("es-2", 1.0): "DeleteInstance"}
    assert list(wrong_deletions(load)) == []
    watch.deletions |= {("es-2", 2.0): "DeleteInstance", ("es-3", 2.0): "DeleteInstance"}
    assert list(wrong_deletions(load)) == [
        "the deletion of es-2 was sent 2 times",
        "the deletion of es-3 was sent, and nobody had asked for it",
    ]


def test_figures_go_between_their_markers(tmp_path: Path) -> None:
    copy = tmp_path / "reliability.md"
    copy.write_text(DOCUMENT.read_text("utf-8"), "utf-8")
    for text in ("one", "two \\1"):
        write(text, copy)
    assert copy.read_text("utf-8").count("two \\1") == 1
    assert "one\n\n<!--" not in copy.read_text("utf-8")
    copy.write_text("no markers", "utf-8")
    with pytest.raises(ValueError, match="needs the marker"):
        write("three", copy)
