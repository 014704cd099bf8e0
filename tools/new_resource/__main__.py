"""``make new-resource NAME=… ALIYUN=service:version:List[:Get[:Delete]] QCLOUD=…``."""

import argparse
import re
import sys
from pathlib import Path

from . import aliyun, qcloud
from .columns import Cloud, NewType
from .facts import facts
from .files import write
from .model import Mistake, asked, documented

VENDORS = {"aliyun": aliyun, "qcloud": qcloud}
CALLS = "service:version:ListAction[:GetAction[:DeleteAction]]"


def main(words: list[str] | None = None) -> None:
    """Write the files, and say what is left to decide."""
    parser = argparse.ArgumentParser(prog="make new-resource", description=__doc__)
    parser.add_argument("name", help="keyword of the type, Cloudpods' word: nas_file_system")
    parser.add_argument("--aliyun", default="", metavar=CALLS, help="its calls on Alibaba Cloud")
    parser.add_argument("--qcloud", default="", metavar=CALLS, help="its calls on Tencent Cloud")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the tree to write into")
    given = parser.parse_args(words)
    try:
        new = read(given.name, {"aliyun": given.aliyun, "qcloud": given.qcloud})
        written = write(new, given.root)
    except Mistake as mistake:
        raise SystemExit(f"error: {mistake}") from None
    sys.stdout.write(report(new, written, given.root))


def read(name: str, calls: dict[str, str]) -> NewType:
    """What the vendors' models say of a new type.

    Raises:
        Mistake: The name is no keyword, no cloud was given, or a model lacks an action.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*[a-z0-9]", name):
        raise Mistake(f"NAME={name!r} must be a word in lower case, such as nas_file_system")
    clouds = tuple(_cloud(name, vendor, text) for vendor, text in calls.items() if text)
    if not clouds:
        raise Mistake(f"give ALIYUN={CALLS} or QCLOUD=… or both")
    return NewType(name, clouds)


def _cloud(keyword: str, vendor: str, text: str) -> Cloud:
    calls, models = asked(text), VENDORS[vendor]
    listed = documented(models.read(calls, calls.list))
    got = models.read(calls, calls.get) if calls.get else None
    deleted = models.read(calls, calls.delete) if calls.delete else None
    return Cloud(vendor, calls, listed, got, deleted, facts(keyword, listed, got, deleted))


def report(new: NewType, written: list[Path], root: Path) -> str:
    """What was written and guessed, and each line that a person must decide."""
    lines = []
    for cloud in new.clouds:
        found = cloud.facts
        paging = f"{found.paging.style} of {found.paging.max}" if found.paging.max else "one reply"
        lines.append(f"{cloud.name}: rows in {found.rows}, id {found.id}, {paging}, {len(found.fields)} fields")
    lines.append("")
    for path in written:
        text = (root / path).read_text("utf-8")
        open_points = sum("DECIDE" in line for line in text.splitlines() if 'col("DECIDE"' not in line)
        lines.append(f"{path}" + (f": {open_points} to decide" if open_points else ""))
    lines += ["", "Next: grep -n DECIDE in these files; docs/adding-a-resource.md goes through them.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
