"""Smaller pages, and waits that take no time, for this process: the rest of the client is as it is.

Used in the process of the tests, and in those that are forked to be killed.
"""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest

import cloudmux_py
from climc_py.models import connection
from climc_py.store import shape
from climc_py.sync import jobs
from cloudmux_py.engine import bindings
from cloudmux_py.engine.ratelimit import Limiter
from cloudmux_py.engine.retry import Clock
from cloudmux_py.resources import binding_module, resource_type

from .kinds import KINDS, Kind

PAGE = 4
BATCH = 5


class Skipped(threading.local):
    """How long a thread would have slept."""

    seconds = 0.0


def clock() -> Clock:
    """Real time, and in each thread the time that it would have slept."""
    skipped = Skipped()

    def sleep(seconds: float) -> None:
        skipped.seconds += seconds

    return Clock(now=lambda: monotonic() + skipped.seconds, sleep=sleep, jitter=lambda low, high: high)


def apply(patch: pytest.MonkeyPatch) -> None:
    """Change this process until the patch is undone."""
    for kind in KINDS:
        _shrink(patch, kind)
    real: Callable[..., Any] = cloudmux_py.connect

    def patient(*args: Any, **options: Any) -> Any:
        live = real(*args, **options)
        live.client.clock = clock()
        live.client.limiter = Limiter(sleep=lambda seconds: None)
        return live

    patch.setattr(connection, "connect_cloud", patient)
    patch.setattr(connection, "TIMEOUT", 20.0)
    forget()


def _shrink(patch: pytest.MonkeyPatch, kind: Kind) -> None:
    import importlib

    module = importlib.import_module(binding_module(resource_type(kind.keyword), kind.provider))
    binding = module.BINDING
    size = max(PAGE, binding.paging.least)
    paging = type(binding.paging)(**{**vars(binding.paging), "max": size})
    identity = str.lower if kind.folds else binding.identity
    changed = {**vars(binding), "paging": paging, "batch": min(BATCH, binding.batch), "identity": identity}
    patch.setattr(module, "BINDING", type(binding)(**changed))


def forget() -> None:
    """Forget what is kept for the life of a process."""
    bindings._load_binding.cache_clear()
    shape.shape_of.cache_clear()
    jobs._clouds.clear()
