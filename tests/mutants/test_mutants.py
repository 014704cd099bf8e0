"""The list of mutants fits the code: each break can be made, and its tests are there. ``make mutants`` runs them."""

from collections import Counter
from pathlib import Path

import pytest

from .__main__ import outcome
from .listed import ROOT, Mutant, functions, mutants

MUTANTS = mutants()


def test_each_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(mutant.name for mutant in MUTANTS).items() if count > 1] == []
    assert len(MUTANTS) >= 40


def test_each_break_can_be_made() -> None:
    for mutant in MUTANTS:
        assert mutant.broken(ROOT) != (ROOT / mutant.file).read_text("utf-8"), mutant.name


def test_each_has_tests_that_are_there() -> None:
    for mutant in MUTANTS:
        assert mutant.tests, mutant.name
        for test in mutant.tests:
            file, _, name = test.partition("::")
            assert name in functions(ROOT / file), f"{mutant.name}: {test}"


def test_a_break_that_fits_no_more_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 1\n")
    for old, new, says in (("z", "", "0 times"), ("= 1", "", "2 times"), ("x = 1", "x =", "line 1: invalid syntax")):
        with pytest.raises(ValueError, match=says):
            Mutant("name", "a.py", old, new, "", ()).broken(tmp_path)


REPORT = '<testsuites><testsuite><testcase name="test_a">{}</testcase></testsuite></testsuites>'


@pytest.mark.parametrize(
    ("code", "body", "says"),
    [
        (0, "", "SURVIVED"),
        (1, '<failure message="AssertionError: assert 1 == 2"/>', ""),
        (1, '<failure message="Failed: DID NOT RAISE NotFound"/>', ""),
        (1, '<failure message="ImportError: cannot import name"/>', "not by a broken promise"),
        (1, "<failure message=\"NameError: name 'x' is not defined\"/>", "not by a broken promise"),
        (1, '<error message="failed on setup"/>', "not by a broken promise"),
        (4, "", "pytest ended with 4"),
    ],
)
def test_only_a_broken_promise_kills(code: int, body: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT.format(body))
    found = outcome(code, tmp_path / "report.xml")
    assert bool(found) == bool(says)
    assert says in found
