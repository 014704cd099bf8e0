"""Where the files of a type go; none is ever overwritten."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from .binding import binding
from .columns import NewType
from .declaration import declaration
from .emulated import emulated
from .model import Mistake
from .sample import detail, reply, row

SOURCE = Path("src/cloudmux_py")


def texts(new: NewType, root: Path) -> dict[Path, str]:
    """Every file with its text."""
    found = {SOURCE / "resources" / f"{new.keyword}.py": declaration(new)}
    for cloud in new.clouds:
        emulator, data = SOURCE / "emulator" / cloud.name, Path("tests/data") / cloud.name / new.keyword
        found[SOURCE / cloud.name / f"{new.keyword}.py"] = binding(new, cloud, root / SOURCE / cloud.name)
        found[emulator / f"{new.keyword}.py"] = emulated(new, cloud)
        found[emulator / f"{new.keyword}.json"] = _json(row(cloud))
        found[data / "list.json"] = _json(reply(cloud))
        if cloud.got:
            found[data / "detail.json"] = _json(detail(cloud))
    return found


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def write(new: NewType, root: Path) -> list[Path]:
    """Write them all, or none, and add the type to each cloud's region; returns what was written or changed.

    Raises:
        Mistake: One of them is there already.
    """
    found = texts(new, root)
    present = [str(path) for path in found if (root / path).exists()]
    if present:
        raise Mistake(f"{', '.join(present)} would be overwritten; nothing was written")
    regions = {SOURCE / cloud.name / "region.py" for cloud in new.clouds}
    changed = {path: _with_base((root / path).read_text("utf-8"), new) for path in sorted(regions)}
    for path, text in {**found, **changed}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    code = [str(path) for path in (*found, *changed) if path.suffix == ".py"]
    for command in (["check", "--quiet", "--fix", "--select", "I,RUF022,F401"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *code], cwd=root, check=True)
    return [*found, *changed]


def _with_base(text: str, new: NewType) -> str:
    """The region's module with one more import, and one more base class in its place by the alphabet."""
    mixin = f"{new.class_name}s"
    line = f"from cloudmux_py.resources.{new.keyword} import {mixin}\n"
    imports = list(re.finditer(r"^from cloudmux_py\.resources\..*\n", text, re.MULTILINE))
    at = imports[-1].end()
    text = text[:at] + line + text[at:]
    head, opening, rest = text.partition("class SRegion(\n")
    bases, closing, tail = rest.partition("    Region,\n):")
    sorted_bases = sorted([*bases.splitlines(keepends=True), f"    {mixin},\n"])
    return "".join([head, opening, *sorted_bases, closing, tail])
