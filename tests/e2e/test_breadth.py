"""Every type at once: three regions, two accounts a cloud, 205 rows each, through both programs."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cloudmux_py import connect
from cloudmux_py.emulator import Emulator
from cloudmux_py.engine.binding import Binding
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.resources import modules, resource_type

from .. import programs

ROWS = 205
REGIONS = {
    "aliyun": ["cn-hangzhou", "cn-beijing", "cn-shanghai"],
    "qcloud": ["ap-guangzhou", "ap-beijing", "ap-shanghai"],
}


class Programs(NamedTuple):
    emulator: Emulator
    env: dict[str, str]

    def run(self, line: str, *codes: int) -> Any:
        done = programs.run(line.split(), env=self.env)
        assert done.returncode in (codes or (0,)), f"{line}: {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout) if "-o json" in line else done.stdout

    def code(self, line: str) -> int:
        return programs.run(line.split(), env=self.env).returncode


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Programs]:
    """Four accounts in one cache."""
    with Emulator(instances=ROWS, regions=REGIONS, filled=2) as emulator:
        env = {**os.environ, "CLIMC_DB": str(tmp_path / "cache.db"), "CLIMC_KEY_FILE": str(tmp_path / "key")}
        env |= {"ALIYUN_ENDPOINT": emulator.url, "QCLOUD_ENDPOINT": emulator.url}
        first = {"aliyun": emulator.world.of("aliyun")[0], "qcloud": emulator.world.of("qcloud")[0]}
        env |= {"ALIYUN_ACCESS_KEY": first["aliyun"].access_key, "ALIYUN_SECRET": first["aliyun"].secret}
        env |= {"QCLOUD_SECRET_ID": first["qcloud"].access_key, "QCLOUD_SECRET_KEY": first["qcloud"].secret}
        both = Programs(emulator, env)
        for provider in REGIONS:
            for number, account in enumerate(emulator.world.of(provider)):
                app_id = "app " if provider == "qcloud" else ""
                both.run(
                    f"climc cloud-account-create-{provider} {provider}{number} {app_id}{account.access_key}"
                    f" {account.secret} --no-delete-lock"
                )
        yield both


def bindings() -> Iterator[tuple[str, str, Binding[Any, Any]]]:
    for keyword in modules():
        for provider in REGIONS:
            if binding := find_binding(resource_type(keyword), provider):
                yield keyword, provider, binding


@pytest.mark.timeout(280)
def test_every_type_through_both_programs(both: Programs) -> None:
    both.run("climc cloud-account-sync --all -o json")
    for keyword, provider, binding in bindings():
        compare(both, keyword, provider, binding)
    for provider in REGIONS:
        delete(both, provider)
    one_type_fails(both)


def compare(both: Programs, keyword: str, provider: str, binding: Binding[Any, Any]) -> None:
    """Totals agree with the emulated cloud, and both programs show the same rows."""
    word, region = keyword.replace("_", "-"), REGIONS[provider][0]
    found = both.run(f"climc {word}-list --provider {provider} --limit 0 -o json")
    total = expected(both, keyword, provider)
    assert total * (0.8 if binding.gone_as else 1) <= found["total"] <= total, (keyword, provider)
    keys = {(row["account"], row["cloudregion"], row["external_id"]) for row in found["data"]}
    assert len(keys) == found["total"]
    straight = both.run(f"cloudcli --provider {provider} --region {region} {word}-list -o json")["data"]
    here = [row for row in found["data"] if (row["account"], row["cloudregion"]) == (f"{provider}0", region)]
    cached = {row["external_id"]: row for row in here}
    assert {row["external_id"] for row in straight} == set(cached)
    for row in straight:
        same = cached[row["external_id"]]
        for name in row.keys() - binding.get_only - {"name"}:
            assert row[name] == same[name], (keyword, provider, name)


def expected(both: Programs, keyword: str, provider: str) -> int:
    """How many rows the two accounts of a cloud have, those included that say themselves that they are gone."""
    binding = find_binding(resource_type(keyword), provider)
    assert binding
    regions = REGIONS[provider] if binding.regional else REGIONS[provider][:1]
    held = [len(both.emulator.rows(provider, region, keyword, account)) for account in range(2) for region in regions]
    return sum(held) + 2 * len(binding.unlisted)


def one_type_fails(both: Programs) -> None:
    """The others are synced all the same."""
    both.emulator.fault("error", action="DescribeVSwitches", code="Forbidden.RAM", status=403)
    results = both.run("climc cloud-account-sync aliyun0 -o json", 5)["data"]
    states: dict[str, set[str]] = {}
    for row in results:
        states.setdefault(row["type"], set()).add(row["state"])
    assert states.pop("network") == {"failed"}
    assert set(states) == {keyword for keyword, provider, _ in bindings() if provider == "aliyun"} - {"network"}
    assert all(found == {"complete"} for found in states.values()), states


def free_to_go(both: Programs, keyword: str, provider: str, region: str) -> list[str]:
    """Cloud ids of rows of the first account that neither we nor the emulated cloud refuse to delete."""
    account = both.emulator.world.of(provider)[0]
    where = connect(provider, access_key=account.access_key, secret=account.secret, endpoint=both.emulator.url).region(
        region
    )
    row = resource_type(keyword)
    free = [item for item in where.list(row) if item.status not in {"pending", "creating", "stopping"}]
    # Of VPCs and networks the first hold something in the emulated clouds.
    return [item.external_id for item in free[-12:] if not where.refusal(row, item.external_id)[1]][-4:]


def delete(both: Programs, provider: str) -> None:
    """One row of every type by each program."""
    region = REGIONS[provider][1]
    tasks: list[str] = []
    for keyword, its_provider, binding in bindings():
        if its_provider != provider or not binding.deletes:
            continue
        word, ids = keyword.replace("_", "-"), free_to_go(both, keyword, provider, region)
        assert len(ids) > 1, f"{keyword}: nothing may be deleted"
        where = f"--provider {provider} --region {region}"
        done = next((id for id in ids if both.code(f"cloudcli {where} {word}-delete {id} --yes") == 0), "")
        assert done, f"{keyword}: the cloud refuses all of {ids}"
        line = f"climc {word}-delete {{}} --yes --wait-timeout 0"
        other = next((id for id in ids if id != done and both.code(line.format(id)) in {0, 5}), "")
        assert other, f"{keyword}: climc could delete none of {ids}"
        tasks.append(other)
    both.emulator.world.hasten(60)
    both.run("climc task-resume --wait-timeout 5", 0, 5)
    both.emulator.world.hasten(60)
    both.run("climc task-resume --wait-timeout 5", 0, 5)
    found = {task["external_id"]: task["stage"] for task in both.run("climc task-list --limit 0 -o json")["data"]}
    assert {found[id] for id in tasks} <= {"done", "isolated"}, {id: found[id] for id in tasks}
