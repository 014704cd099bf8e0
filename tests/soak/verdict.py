"""Whether something grew: the slope of its samples, and its first quarter against its last."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

Sample = tuple[float, float]

SHARE = 0.10
"""What grows by no more than this share of its first quarter is flat: allocators and SQLite work in steps."""

FLOORS = {"MB": 3.0, "open files": 4.0, "threads": 3.0, "Python objects": 2000.0, "files beside it": 2.0}
"""… or by no more than this, by the unit at the end of its name."""

FEWEST = 12
"""Fewer samples than this cannot tell growth."""


@dataclass
class Trend:
    """How one figure went, after the warm-up.

    Attributes:
        first: Median of the first quarter.
        last: Median of the last quarter.
        rise: What the median of all slopes between two samples (Theil and Sen) makes of the whole time.
        most: The greatest value.
        tolerated: How much may come without being called growth.
        count: How many samples there are.
    """

    first: float
    last: float
    rise: float
    most: float
    tolerated: float
    count: int

    @property
    def ratio(self) -> float:
        """The last quarter over the first."""
        return self.last / self.first if self.first else 1.0

    @property
    def told(self) -> bool:
        """Whether there are enough samples to tell."""
        return self.count >= FEWEST

    @property
    def grew(self) -> bool:
        """Whether both the slope and the quarters say so: one alone is a step, or a burst."""
        return self.told and self.rise > self.tolerated and self.last - self.first > self.tolerated


def trend(name: str, samples: Sequence[Sample], warm_up: float) -> Trend:
    """How a figure went.

    Args:
        name: Its name, which ends with its unit.
        samples: Seconds and values, in order.
        warm_up: Samples of the first so many seconds are left out, as long as others remain.
    """
    kept = [sample for sample in samples if sample[0] >= warm_up] or list(samples)
    start, end = kept[0][0], kept[-1][0]
    quarter = (end - start) / 4
    first = median(value for at, value in kept if at <= start + quarter)
    last = median(value for at, value in kept if at >= end - quarter)
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(kept, 2) if b[0] > a[0]]
    rise = median(slopes) * (end - start) if slopes else 0.0
    floor = next((value for unit, value in FLOORS.items() if name.endswith(unit)), 0.0)
    most = max(value for _, value in kept)
    return Trend(first, last, rise, most, max(SHARE * first, floor), len(kept))
