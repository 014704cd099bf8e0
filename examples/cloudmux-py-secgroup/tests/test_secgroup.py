"""The checks that every resource type of cloudmux-py passes, on the type of this distribution."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloudmux_py import testing
from cloudmux_py.emulator import Emulator
from cloudmux_py.testing import Case

DATA = Path(__file__).parent / "data"

pytestmark = pytest.mark.parametrize("case", list(testing.cases(DATA, "secgroup")), ids=str)


@pytest.fixture
def emulator(case: Case) -> Iterator[Emulator]:
    with Emulator(instances=205, kinds=["secgroup"]) as running:
        yield running


def test_field_names_are_the_vendor_s(case: Case) -> None:
    testing.check_field_names(case)


@pytest.mark.parametrize("check", testing.REPLY_CHECKS, ids=lambda check: check.__name__)
def test_replies(case: Case, check: Callable[[Case], None]) -> None:
    check(case)


@pytest.mark.parametrize("check", testing.WIRE_CHECKS, ids=lambda check: check.__name__)
def test_wire(case: Case, check: Callable[[Case, Emulator], None], emulator: Emulator) -> None:
    check(case, emulator)
