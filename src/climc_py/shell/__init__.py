"""The program ``climc``: manages a local cache of the resources of many cloud accounts."""

from typing import NoReturn


def main() -> NoReturn:
    """``climc``."""
    from cloudmux_py.console.run import run

    from .program import command

    run(command(), "climc")
