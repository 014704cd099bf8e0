"""The program ``cloudcli``: talks straight to a cloud and keeps no state; and its two names for one cloud each."""

from typing import NoReturn


def main() -> NoReturn:
    """``cloudcli``: any cloud."""
    _run("cloudcli", "")


def aliyuncli() -> NoReturn:
    """``aliyuncli``: Alibaba Cloud, with cloudmux's own flags."""
    _run("aliyuncli", "aliyun")


def qcloudcli() -> NoReturn:
    """``qcloudcli``: Tencent Cloud, with cloudmux's own flags."""
    _run("qcloudcli", "qcloud")


def _run(name: str, provider: str) -> NoReturn:
    from cloudmux_py.console.run import run

    from .program import command

    run(command(name, provider), name)
