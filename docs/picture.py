"""Draws ``docs/terminal.svg``: the programs' own output on a terminal, against the embedded emulator.

``make docs`` runs it. What it shows is the same each time, but for the age of the list: no new ids, no times.
"""

import io
import os
import pty
import re
import select
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cloudmux_py.emulator.faults import parse
from cloudmux_py.emulator.server import Emulator, exports

BIN = Path(sys.executable).parent
PICTURE = Path(__file__).parent / "terminal.svg"
WIDTH = 100
ACCOUNTS = ("climc cloud-account-create-aliyun ali", "climc cloud-account-create-qcloud ten")
SCOPES = "--resources elastic-search --columns account,region,state,added,updated,removed,unchanged"
BEFORE = (
    f"climc cloud-account-sync --all {SCOPES}",
    "climc elastic-search-list --search orders --filter 'disk_size_gb.ge(500)' --limit 5"
    " --columns external_id,cloud_name,status,version,disk_size_gb,cloudregion",
)
AFTER = f"climc cloud-account-sync ali {SCOPES}"


def main() -> None:
    """Run the commands and draw them."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    with tempfile.TemporaryDirectory() as folder, Emulator(instances=30) as emulator:
        values = dict(line.removeprefix("export ").split("=", 1) for line in exports(emulator).splitlines())
        values |= {"CLIMC_DB": f"{folder}/cache.db", "CLIMC_KEY_FILE": f"{folder}/key", "COLUMNS": str(WIDTH)}
        for command in ACCOUNTS:
            run(command, values)
        for command in BEFORE:
            show(console, command, values)
        emulator.world.faults.add(parse("lists-say-zero:region=cn-beijing"))
        console.print(
            Text("# the list of cn-beijing says 0 all at once; its 30 instances are still there", style="dim")
        )
        show(console, AFTER, values)
    PICTURE.write_text(plain_fonts(console.export_svg(title="climc", unique_id="terminal")), "utf-8")


def show(console: Console, command: str, values: dict[str, str]) -> None:
    """A command as it is typed, what it prints, and its exit code where that says something."""
    console.print(Text.assemble(("$ ", "bold cyan"), (command, "bold")))
    output, code = run(command, values)
    console.print(Text.from_ansi(output))
    console.print(Text(f"[exit code {code}]" if code else "", style="yellow"))


def run(command: str, values: dict[str, str]) -> tuple[str, int]:
    """What a command writes to a terminal, and its exit code; stderr is no terminal, so that no progress is drawn."""
    words = shlex.split(command)
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm-256color", "TZ": "UTC", **values}
    with subprocess.Popen(
        [str(BIN / words[0]), *words[1:]], stdout=theirs, stderr=subprocess.PIPE, env=environment
    ) as process:
        os.close(theirs)
        assert process.stderr
        output = read_all(ours) + process.stderr.read()
    os.close(ours)
    return output.decode().replace("\r\n", "\n").rstrip("\n"), process.returncode


def read_all(terminal: int) -> bytes:
    """All that is written to a pseudo-terminal until its other end is closed."""
    parts = []
    while select.select([terminal], [], [], 60)[0]:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


def plain_fonts(svg: str) -> str:
    """Fonts of the reader's machine: a picture must load nothing from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono")


if __name__ == "__main__":
    main()
