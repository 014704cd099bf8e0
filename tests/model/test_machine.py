"""The machine, for a little in `make test` and for long in `make model`."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from .machine import Machine

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "0"))
"""How many runs `make model` asks for."""


@pytest.mark.timeout(0)
def test_nothing_is_lost_invented_or_sent_twice() -> None:
    profile = settings(
        max_examples=EXAMPLES or 4,
        stateful_step_count=40 if EXAMPLES else 12,
        derandomize=not EXAMPLES,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=profile)
