"""``make demo``: the main job on the embedded emulator, with the programs as a user runs them.

Every command is printed before it runs, and its exit code is checked. The cache and the emulator's settings stay in
``.demo``; the last lines say how to go on by hand.
"""

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError

from cloudmux_py.emulator.control import Control

FOLDER = Path(".demo")
PORT = int(os.environ.get("DEMO_PORT", "8765"))
BIN = Path(sys.executable).parent
PER_REGION = 30


def main() -> None:
    """Run the demo from the start to the lines to go on with."""
    _clean()
    emulator, environment = _start_emulator()
    try:
        _tour(Control(f"http://127.0.0.1:{PORT}"), environment)
    finally:
        emulator.terminate()
        emulator.wait()
    _go_on(environment)


def _clean() -> None:
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        if path.is_file():
            path.unlink()


def _start_emulator() -> tuple[subprocess.Popen[str], dict[str, str]]:
    _say(f"Start the emulator: both clouds on this machine, {PER_REGION} instances in each of ten regions")
    command = [
        "cloudcli",
        "emulator",
        "serve",
        "--port",
        str(PORT),
        "--instances",
        str(PER_REGION),
        "--latency-ms",
        "20",
    ]
    print(f"$ {shlex.join(command)} &")
    process = subprocess.Popen(
        [str(BIN / command[0]), *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    lines = [process.stdout.readline().strip() for _ in range(8)]
    if not lines[0]:
        raise SystemExit(f"the emulator did not start; is port {PORT} taken? DEMO_PORT=… make demo takes another")
    exported = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    exported |= {"CLIMC_DB": str(FOLDER / "cache.db"), "CLIMC_KEY_FILE": str(FOLDER / "key")}
    text = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in exported.items())
    (FOLDER / "env").write_text(f"export PATH={shlex.quote(str(BIN.resolve()))}:$PATH\n{text}")
    for _ in range(50):
        try:
            Control(exported["ALIYUN_ENDPOINT"]).call("GET", "health")
            break
        except (URLError, OSError):
            time.sleep(0.1)
    return process, exported


def _tour(control: Control, environment: dict[str, str]) -> None:
    def run(command: str, expect: int = 0, quiet: bool = False) -> str:
        return _run(command, environment, expect, quiet)

    _say("Talk straight to a cloud: no state, for debugging")
    run("cloudcli --provider aliyun elastic-search-list --limit 3")
    run("cloudcli --provider qcloud caller-identity -o kv")

    _say("Add one account per cloud; the keys are tried, then stored encrypted")
    run("climc cloud-account-create-aliyun ali -o id")
    run("climc cloud-account-create-qcloud ten -o id")

    _say("Sync: all regions of both clouds, side by side")
    run("climc cloud-account-sync --all")

    _say("List from the cache: filter, sort, choose columns")
    run("climc elastic-search-list --limit 5")
    run(
        "climc elastic-search-list --filter 'disk_size_gb.ge(500)' --filter \"status.equals('available')\""
        " --order-by disk_size_gb --columns name,provider,cloudregion,version,disk_size_gb --limit 5"
    )

    found = json.loads(run("climc elastic-search-list --limit 0 -o json", quiet=True))["data"]
    plain = [row for row in found if row["provider"] == "Aliyun" and row["billing_type"] == "postpaid"]
    ready = [row for row in plain if row["status"] == "available"]
    shown, changed, gone, doomed = ready[0], ready[1], ready[2], ready[3]

    _say("Show one")
    run(
        f"climc elastic-search-show {shown['id']} -o kv"
        " --columns name,external_id,status,version,vcpu_count,vmem_size_gb"
    )

    _say("Something changes in the cloud: one instance gets a tag, another is deleted by somebody else")
    control.patch(
        "aliyun", changed["cloudregion"], changed["external_id"], {"tags": [{"tagKey": "team", "tagValue": "search"}]}
    )
    control.remove("aliyun", gone["cloudregion"], gone["external_id"])
    run("climc cloud-account-sync ali")
    run("climc event-list --action sync_update --action delete --limit 2")

    _say("Delete one: new rows are locked, so the first try is refused")
    run(f"climc elastic-search-delete {doomed['id']} --yes", expect=6)
    run(f"climc elastic-search-update {doomed['id']} --delete enable -o kv --columns name,disable_delete")
    run(f"climc elastic-search-delete {doomed['id']} --yes --wait-timeout 60")
    run(f"climc event-list --id {doomed['id']}")

    _say("One region breaks: its rows stay, the others are synced, and the exit code is 5")
    control.fault("error", region="cn-beijing", action="ListInstance", code="InternalError", status=500)
    before = _count(run("climc elastic-search-list --limit 1 -o json", quiet=True))
    run("climc cloud-account-sync ali", expect=5)
    control.clear_faults()
    after = _count(run("climc elastic-search-list --limit 1 -o json", quiet=True))
    if before != after:
        raise SystemExit(f"rows were lost: {before} before, {after} after")
    print(f"Nothing is lost: {after} rows before and after.")


def _count(text: str) -> int:
    return int(json.loads(text)["total"])


def _run(command: str, environment: dict[str, str], expect: int, quiet: bool) -> str:
    if not quiet:
        print(f"$ {command}", flush=True)
    words = shlex.split(command)
    # The data of a quiet run is read; all else goes to the terminal as it is, progress and colours included.
    done = subprocess.run(
        [str(BIN / words[0]), *words[1:]],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE if quiet else None,
        text=True,
    )
    if done.returncode != expect:
        raise SystemExit(f"{command}\nended with {done.returncode} instead of {expect}")
    if not quiet:
        print(f"[exit {done.returncode}]\n" if expect else "", flush=True)
    return done.stdout or ""


def _say(text: str) -> None:
    print(f"\n── {text} ──\n", flush=True)


def _go_on(environment: dict[str, str]) -> None:
    _say("Go on by hand")
    print("The cache and the settings are kept. Paste these lines:\n")
    print(f"  . {FOLDER}/env")
    print(f"  cloudcli emulator serve --port {PORT} --instances {PER_REGION} >/dev/null &")
    print("  climc elastic-search-list\n")
    print(f"{len(environment)} variables are set by {FOLDER}/env; make clean removes everything.")


if __name__ == "__main__":
    main()
