"""Every type on every provider passes the contract tests: none can be added without them."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from cloudmux_py import testing
from cloudmux_py.cloudprovider.config import installed
from cloudmux_py.emulator import Emulator
from cloudmux_py.testing import Case

DATA = Path(__file__).parent.parent / "data"
CASES = [case for case in testing.cases(DATA) if installed(case.provider)]
EMULATED = [case for case in CASES if find_spec(f"cloudmux_py.emulator.{case.provider}")]
"""What is not emulated has tests of its own, as tests/aws has."""

UNDOCUMENTED = frozenset({"kibanaProtocol", "haveElasticDataNode", "enableMetrics"})
"""Keys that the vendors' documents show in a sample and their models lack."""

every_case = pytest.mark.parametrize("case", CASES, ids=str)


@pytest.fixture
def emulator(case: Case) -> Iterator[Emulator]:
    with Emulator(instances=205) as running:
        yield running


@every_case
def test_field_names_are_the_vendor_s(case: Case) -> None:
    testing.check_field_names(case, UNDOCUMENTED)


@pytest.mark.parametrize("check", testing.REPLY_CHECKS, ids=lambda check: check.__name__)
@every_case
def test_replies(case: Case, check: Callable[[Case], None]) -> None:
    check(case)


@pytest.mark.parametrize("check", testing.WIRE_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", EMULATED, ids=str)
def test_wire(case: Case, check: Callable[[Case, Emulator], None], emulator: Emulator) -> None:
    check(case, emulator)
