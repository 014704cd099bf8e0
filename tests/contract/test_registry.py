"""Every type on every provider passes the contract tests: none can be added without them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloudmux_py import testing
from cloudmux_py.emulator import Emulator
from cloudmux_py.testing import Case

DATA = Path(__file__).parent.parent / "data"
CASES = list(testing.cases(DATA))
UNDOCUMENTED = frozenset({"kibanaProtocol", "haveElasticDataNode", "enableMetrics"})
"""Keys that the vendors' documents show in a sample and their models lack."""

pytestmark = pytest.mark.parametrize("case", CASES, ids=str)


@pytest.fixture
def emulator(case: Case) -> Iterator[Emulator]:
    with Emulator(instances=205) as running:
        yield running


def test_field_names_are_the_vendor_s(case: Case) -> None:
    testing.check_field_names(case, UNDOCUMENTED)


@pytest.mark.parametrize(
    "check",
    [
        testing.check_help,
        testing.check_columns_are_filled,
        testing.check_get_only,
        testing.check_rows_with_little_in_them,
    ],
    ids=lambda check: check.__name__,
)
def test_replies(case: Case, check: Callable[[Case], None]) -> None:
    check(case)


@pytest.mark.parametrize(
    "check",
    [testing.check_listing, testing.check_absence, testing.check_deletion, testing.check_refusals],
    ids=lambda check: check.__name__,
)
def test_wire(case: Case, check: Callable[[Case, Emulator], None], emulator: Emulator) -> None:
    check(case, emulator)
