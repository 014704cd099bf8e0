"""Values that nobody expects, and a reply of a cloud in which some stand."""

import copy
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ..unit.test_text import TEXTS

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
few = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""For `make test`; FUZZ_EXAMPLES makes more of it."""


def _deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value, {"k": value}] if levels < 4 else [value]
    return value


ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**63, -(2**70), 10**400, 0.5, 1e308, float("nan"), float("inf")),
    *("", " ", "0", "-1", "x", "true", "9" * 400, "null", "\x1b[31m", "\ud800", "\x00", "2021-13-45T99:99:99Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "../../x", "名" * 2000),
    *([], {}, [[]], [{}], [None], {"": None}, {"k": {}}, [1, "x", {}], _deep(3), _deep(60)),
]
VALUES = st.sampled_from(ODD) | TEXTS | st.integers() | st.floats()


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += _places(inner, (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn, replies: list[Any]) -> Any:
    """One of some replies with one to four values gone, doubled, or changed to something odd."""
    reply = copy.deepcopy(draw(st.sampled_from(replies)))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(_places(reply)))
        if not path:
            continue
        holder = reply
        for key in path[:-1]:
            holder = holder[key]
        how = draw(st.sampled_from(["odd", "odd", "gone", "twice", "moved"]))
        if how == "gone":
            del holder[path[-1]]
        elif how == "twice" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[path[-1]]))
        elif how == "moved":
            holder[path[-1]] = [holder[path[-1]]]
        else:
            holder[path[-1]] = copy.deepcopy(draw(VALUES))
    return reply
