"""``make demo``: the main job on the embedded emulator, with the programs as a user runs them.

Every command is printed before it runs, and its exit code is checked. The cache and the emulator's settings stay in
``.demo``; the last lines say how to go on by hand.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

FOLDER = Path(".demo")
DEFAULT_PORT = 8765
PORT = int(os.environ.get("DEMO_PORT") or DEFAULT_PORT)
BIN = Path(sys.executable).parent
SERVE = ["cloudcli", "emulator", "serve", "--instances", "30"]
EXPORTS = 8
"""Lines that ``emulator serve`` prints: keys, endpoint and region of both clouds."""

SCOPES = "--resources elastic-search --columns account,region,state,added,updated,removed,unchanged"
ROWS = "--columns external_id,name,disk_size_gb,cloudregion"
PLAIN = "--provider Aliyun --status available --filter \"billing_type.equals('postpaid')\""

console = Console(highlight=False, soft_wrap=True)


def main() -> None:
    """Run the demo from the start to the lines to go on with."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    emulator, environment = start_emulator()
    try:
        tour(environment)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        emulator.terminate()
        emulator.wait()
    go_on()


def start_emulator() -> tuple[subprocess.Popen[str], dict[str, str]]:
    """The emulator as a process of its own, and the environment that leads both programs to it."""
    say("Start the emulator: both clouds on this machine, 30 instances in each of ten regions")
    command = with_port([*SERVE, "--latency-ms", "150"])
    show(f"{shlex.join(command)} &")
    process = subprocess.Popen(
        [str(BIN / command[0]), *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stderr
    lines = [process.stdout.readline().strip() for _ in range(EXPORTS)]
    if not all(lines):
        reason = process.stderr.read().strip().splitlines()[-1:]
        raise SystemExit(f"{' '.join(reason)}\nis port {PORT} taken? DEMO_PORT=… make demo takes another")
    exported = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    exported |= {"CLIMC_DB": str(FOLDER.resolve() / "cache.db"), "CLIMC_KEY_FILE": str(FOLDER.resolve() / "key")}
    text = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in exported.items())
    (FOLDER / "env").write_text(f"export PATH={shlex.quote(str(BIN.resolve()))}:$PATH\n{text}")
    for line in lines:
        console.print(Text(line, style="dim"))
    return process, exported


Run = Callable[..., None]


def tour(environment: dict[str, str]) -> None:
    """All the commands, in the order of a story."""

    def run(command: str, expect: int = 0) -> None:
        show(command)
        call(command, environment, expect)

    def data(command: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(call(f"{command} -o json", environment, quiet=True))["data"]
        return found

    say("Straight to a cloud: nothing is stored")
    run("cloudcli --provider qcloud caller-identity -o kv")
    run("cloudcli --provider aliyun elastic-search-list --limit 3 --columns external_id,name,status,version,node_count")

    say("Add one account per cloud; the keys are tried first, then stored encrypted")
    run("climc cloud-account-create-aliyun ali --columns name,brand,cloud_account_id -o kv")
    run("climc cloud-account-create-qcloud ten --columns name,brand,cloud_account_id -o kv")

    say("Sync all regions of both clouds, side by side")
    run(f"climc cloud-account-sync --all {SCOPES}")

    say("List from the cache: filter, sort, choose columns")
    run(f"climc elastic-search-list --filter 'disk_size_gb.ge(500)' --order-by disk_size_gb --limit 4 {ROWS}")
    run(f"climc elastic-search-list {PLAIN} --limit 4 {ROWS}")
    shown, changed, gone, doomed = data(
        f"climc elastic-search-list {PLAIN} --limit 4 --columns external_id,cloudregion"
    )

    say("All other types come the same way; rows name what they refer to")
    run("climc cloud-account-sync --all --query '{scopes: total, rows: sum(data[].added)}' -o kv")
    run("climc server-list --limit 3 --columns name,status,vcpu_count,vmem_size_mb,vpc,network,zone")

    say("Show one; the id may be the cache's, the cloud's, or a name")
    columns = "name,external_id,status,version,instance_type,vcpu_count,vmem_size_gb,account,cloudregion"
    run(f"climc elastic-search-show {shown['external_id']} -o kv --columns {columns}")

    say("The cloud changes: one instance gets a tag, somebody deletes another")
    tags = '\'tags=[{"tagKey": "team", "tagValue": "search"}]\''
    run(emulator(f"set aliyun {changed['cloudregion']} {changed['external_id']} {tags}"))
    run(emulator(f"remove aliyun {gone['cloudregion']} {gone['external_id']}"))
    run(f"climc cloud-account-sync ali {SCOPES}")
    run("climc event-list --action sync_update --action delete -o kv --columns obj_name,action,notes")

    deletion(run, doomed["external_id"])
    outage(run, environment)


def deletion(run: Run, id: str) -> None:
    """One instance, by a task."""
    say("Delete one: new rows are locked, so the first try is refused")
    run(f"climc elastic-search-delete {id} --yes", expect=6)
    run(f"climc elastic-search-update {id} --delete enable -o kv --columns name,disable_delete")
    run(f"climc elastic-search-delete {id} --yes --columns external_id,name,stage")
    run("climc event-list --limit 4 --columns ops_time,action,obj_name")


def outage(run: Run, environment: dict[str, str]) -> None:
    """One region that lies."""
    say("One region breaks: its list says 0 all at once. Its rows stay, the rest is synced, the exit code is 5")
    before = call("climc elastic-search-list --limit 0 -o id", environment, quiet=True)
    run(emulator("fault lists-say-zero:region=cn-beijing"))
    run(f"climc cloud-account-sync ali {SCOPES}", expect=5)
    run(emulator("clear"))
    if before != call("climc elastic-search-list --limit 0 -o id", environment, quiet=True):
        raise SystemExit("rows were lost")
    console.print(
        f"Nothing is lost: {len(before.splitlines())} rows before, the same {len(before.splitlines())} after."
    )


def with_port(command: list[str]) -> list[str]:
    """A command of the emulator, with the port where it is not the default."""
    return command if PORT == DEFAULT_PORT else [*command, "--port", str(PORT)]


def emulator(action: str) -> str:
    """A command that changes what the emulator holds."""
    return " ".join(with_port(["cloudcli", "emulator", action]))


def show(command: str) -> None:
    """Print a command as it is typed."""
    console.print(Text("$ ", style="bold cyan") + Text(command, style="bold"))


def call(command: str, environment: dict[str, str], expect: int = 0, quiet: bool = False) -> str:
    """Run a command and check its exit code.

    Args:
        command: As it is typed.
        environment: Added to this process's.
        expect: The exit code that is right.
        quiet: Give back what it prints; without it all goes to the terminal, progress and colours included.
    """
    words = shlex.split(command)
    pipe = subprocess.PIPE if quiet else None
    done = subprocess.run(
        [str(BIN / words[0]), *words[1:]], env={**os.environ, **environment}, stdout=pipe, stderr=pipe, text=True
    )
    if done.returncode != expect:
        raise SystemExit(f"{done.stderr or ''}{command}\nended with {done.returncode} instead of {expect}")
    if not quiet:
        console.print(Text(f"[exit code {expect}]\n" if expect else "", style="yellow"))
    return done.stdout or ""


def say(text: str) -> None:
    """A heading."""
    console.print(Text(f"\n── {text}\n", style="bold green"))


def go_on() -> None:
    """The lines to go on with; the emulator starts as it did, so what was deleted there is back."""
    say("Go on by hand: the cache and the settings are kept. Paste these lines")
    serve = shlex.join(with_port(SERVE))
    for line in (
        f". {FOLDER}/env",
        f"{serve} >/dev/null 2>&1 &",
        "climc elastic-search-list --search orders --columns external_id,name,account,cloudregion",
        "climc cloud-account-sync --all",
        "cloudcli --provider qcloud elastic-search-list --limit 5",
    ):
        console.print(f"  {line}")
    console.print("\nkill %1 ends the emulator; make clean removes what the demo left.")


if __name__ == "__main__":
    main()
