"""The long form (``make evidence``): every type of both clouds, the page for users as it stands, and deep searches."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import CloudmuxError
from cloudmux_py.emulator import Emulator, Replay
from cloudmux_py.emulator.server import exports
from cloudmux_py.engine import client, recording
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.redact import Redactor
from cloudmux_py.engine.region import Region
from cloudmux_py.evidence import check
from cloudmux_py.resources import modules, resource_type

from ..unit.engine.test_redact import HIDDEN, planted, shown

ROOT = Path(__file__).parents[2]
CASES = [
    (provider, keyword)
    for keyword, module in modules().items()
    for provider in ("aliyun", "qcloud")
    if module.startswith("cloudmux_py.") and find_binding(resource_type(keyword), provider)
]


def look(emulator: Emulator, url: str, provider: str, keyword: str) -> list[dict[str, Any]]:
    """All rows of a type, then some of them one by one, then one that is not there."""
    keys = emulator.world.of(provider)[0]
    cloud = connect(provider, access_key=keys.access_key, secret=keys.secret, endpoint=url)
    binding = find_binding(resource_type(keyword), provider)
    region = cloud.region(emulator.world.regions[provider][0] if binding and binding.regional else cloud.home_region)
    assert isinstance(region, Region)
    rows = list(region.iter(resource_type(keyword)))
    found = [row.to_dict() for row in rows]
    for row in rows[:5]:
        try:
            found.append(region.get(resource_type(keyword), row.external_id).to_dict())
        except CloudmuxError as error:
            found.append({"error": type(error).__name__})
    return [{name: value for name, value in row.items() if name not in HIDDEN} for row in found]


@pytest.mark.parametrize(("provider", "keyword"), CASES, ids=str)
def test_every_type_is_recorded_replayed_and_as_believed(provider: str, keyword: str, tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    with Emulator(instances=60) as emulator:
        recording.start(str(path))
        try:
            live = look(emulator, emulator.url, provider, keyword)
        finally:
            client.tap = None
        with Emulator(replay=Replay(path)) as replayed:
            assert shown(look(emulator, replayed.url, provider, keyword)) == shown(live)
    checked = check([path])
    assert checked.differences == []
    assert checked.skipped == {}


@settings(max_examples=5000, deadline=None)
@given(planted())
def test_nothing_private_survives_a_long_search(found: tuple[str, Any]) -> None:
    spelled, document = found
    assert spelled not in shown(Redactor(b"salt").value(document))


@pytest.mark.parametrize(("provider", "types"), [("aliyun", "vpc server"), ("qcloud", "elastic-search kafka")])
def test_the_page_for_users_runs_as_it_stands(provider: str, types: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "verify-on-your-account.md").read_text("utf-8")
    blocks = re.findall(r"```sh verify\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 2
    with Emulator(instances=60) as emulator:
        env = {"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        env |= dict(line.removeprefix("export ").split("=", 1) for line in exports(emulator).splitlines())
        env |= {"CLOUDCLI_PROVIDER": provider, "TYPES": types, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        other = "QCLOUD" if provider == "aliyun" else "ALIYUN"
        env = {name: value for name, value in env.items() if not name.startswith(other)}
        done = subprocess.run(
            ["bash", "-e", "-c", "\n".join(blocks)], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=300
        )
        account = emulator.world.of(provider)[0]
    assert done.returncode == 0, done.stderr
    expected = [line for line in done.stderr.splitlines() if line.startswith("exit code")]
    assert all(line.startswith("exit code 3 ") for line in expected), done.stderr
    assert len(expected) == len(types.split())
    text = (tmp_path / f"verify-{provider}.jsonl").read_text("utf-8")
    assert len({json.loads(line).get("action") for line in text.splitlines()}) > 3
    for private in (account.access_key, account.secret, account.account_id, "aliyuncs.com", "10.10.4."):
        assert private not in text
    assert (tmp_path / "differences.txt").read_text("utf-8").rstrip().endswith("***  Total: 0  ***")
