"""The long form (``make evidence``): every type of each cloud, the page for users as it stands, and deep searches."""

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

from ..aws.conftest import KEY, SECRET, Aws, aws, moto_url, region_of
from ..aws.test_evidence import list_and_get, of_moto, recorded
from ..aws.test_types import READ_ONLY, SEEDS
from ..unit.engine.test_redact import HIDDEN, planted, shown

__all__ = ["aws", "moto_url"]

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


def kept(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What redaction keeps of rows: ids and names of AWS's making may look like an account's number."""
    replaced = HIDDEN | {"external_id", "name"}
    return [{k: row[k] for k in row if k not in replaced and not k.endswith(("_id", "_ids"))} for row in rows]


@pytest.mark.parametrize("keyword", sorted(SEEDS.keys() | READ_ONLY))
def test_every_type_of_aws_is_recorded_replayed_and_as_its_models_say(keyword: str, aws: Aws, tmp_path: Path) -> None:
    made = SEEDS[keyword][0](aws, 12) if keyword in SEEDS else []
    region, row, path = aws.region(), resource_type(keyword), tmp_path / "wire.jsonl"
    got = keyword != "elastic_search"  # its ids are ARNs, which are replaced as a whole: no replay has their domains
    with recorded(path):
        region.account.caller_identity()
        region.account.regions()
        live = list_and_get(region, keyword, get=got)
    with Emulator(replay=Replay(path)) as replayed:
        assert kept(list_and_get(region_of(replayed.url), keyword, get=got)) == kept(live)
    path.unlink()
    with recorded(path):
        list_and_get(region, keyword)
        with pytest.raises(CloudmuxError):
            region.get(row, SEEDS[keyword][1] if made else "none")
        for id in made[:2]:
            region.delete(row, id)
    checked = check([path])
    assert [found for found in checked.differences if not of_moto(found)] == []
    assert checked.skipped == {}
    assert checked.compared == len(path.read_text("utf-8").splitlines()) - 1


@settings(max_examples=5000, deadline=None)
@given(planted())
def test_nothing_private_survives_a_long_search(found: tuple[str, Any]) -> None:
    spelled, document = found
    assert spelled not in shown(Redactor(b"salt").value(document))


def run_the_page(types: str, provider: str, env: dict[str, str], folder: Path) -> str:
    """Run the page for users in a folder of its own; gives the recording."""
    page = (ROOT / "docs" / "verify-on-your-account.md").read_text("utf-8")
    blocks = re.findall(r"```sh verify\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 2
    env = {"HOME": str(folder), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"} | env
    env |= {"CLOUDCLI_PROVIDER": provider, "TYPES": types, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    done = subprocess.run(
        ["bash", "-e", "-c", "\n".join(blocks)], env=env, cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith("exit code")]
    unknown = [line for line in told if line.startswith("exit code 3 ")]
    assert len(unknown) == len(types.split()), done.stderr
    assert [line for line in told if line not in unknown and line != "exit code 1"] == [], done.stderr
    text = (folder / f"verify-{provider}.jsonl").read_text("utf-8")
    assert len({json.loads(line).get("action") for line in text.splitlines()}) > 3
    return text


@pytest.mark.parametrize(("provider", "types"), [("aliyun", "vpc server"), ("qcloud", "elastic-search kafka")])
def test_the_page_for_users_runs_as_it_stands(provider: str, types: str, tmp_path: Path) -> None:
    with Emulator(instances=60) as emulator:
        env = dict(line.removeprefix("export ").split("=", 1) for line in exports(emulator).splitlines())
        other = "QCLOUD" if provider == "aliyun" else "ALIYUN"
        text = run_the_page(types, provider, {n: v for n, v in env.items() if not n.startswith(other)}, tmp_path)
        account = emulator.world.of(provider)[0]
    for private in (account.access_key, account.secret, account.account_id, "aliyuncs.com", "10.10.4."):
        assert private not in text
    assert (tmp_path / "differences.txt").read_text("utf-8").rstrip().endswith("***  Total: 0  ***")


def test_the_page_for_users_runs_with_aws(aws: Aws, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "verify-on-your-account.md").read_text("utf-8")
    (types,) = re.findall(r"export CLOUDCLI_PROVIDER=aws .*\n +export TYPES='(.*)'", page)
    assert {word.replace("-", "_") for word in types.split()} == SEEDS.keys() | READ_ONLY
    for seed, _ in SEEDS.values():
        seed(aws, 6)
    env = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}
    text = run_the_page(types, "aws", env | {"AWS_ENDPOINT_URL": aws.url}, tmp_path)
    for private in (KEY, "123456789012", "amazonaws.com", "logs-0", "10.0.0.0"):
        assert private not in text
    assert "SoftwareUpdateOptions.NewVersion" in (tmp_path / "differences.txt").read_text("utf-8")
    differences = check([tmp_path / "verify-aws.jsonl"]).differences
    assert [found for found in differences if not of_moto(found)] == []
