"""The example distribution, installed as users install it: no line of ours knows its type."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudmux_py.testing import REPLY_CHECKS, WIRE_CHECKS

from .conftest import Programs

EXAMPLE = Path(__file__).parents[2] / "examples" / "cloudmux-py-secgroup"


@pytest.fixture
def installed(programs: Programs) -> Programs:
    options = ["--no-index", "--no-build-isolation", "--no-deps", "--target", str(programs.site)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", *options, EXAMPLE], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return programs


def test_its_own_tests_pass(installed: Programs) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", str(EXAMPLE / "tests")]
    done = subprocess.run(command, env=installed.env, cwd=installed.site, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    checks = len(REPLY_CHECKS) + len(WIRE_CHECKS) + 1
    assert f"{2 * checks} passed" in done.stdout, "each check, for both clouds"


def test_both_programs_have_its_type_and_sync_has_it_too(
    installed: Programs, serve: Callable[[Programs], None]
) -> None:
    run = installed
    serve(run)
    assert "secgroup-list" in run("cloudcli --help")
    assert "made as the project" not in run("climc elastic-search-list --help")
    assert "Whether the cloud made it as the project's default" in run("climc secgroup-list --help")
    for program in ("aliyuncli", "qcloudcli"):
        listed = run(f"{program} secgroup-list -o json")
        assert listed["total"] == 120
        second = listed["data"][1]
        assert run(f"{program} secgroup-show {second['external_id']} -o json") == second
        assert "secgroup" in run(f"{program} capability-list")

    run("climc cloud-account-create-qcloud ten")
    states = {row["type"]: row["state"] for row in run("climc cloud-account-sync --all -o json")["data"]}
    assert states.keys() > {"elastic_search", "secgroup"}
    assert set(states.values()) == {"complete"}
    cached = run("climc secgroup-list --limit 0 -o json --region ap-guangzhou")
    assert {row["external_id"] for row in cached["data"]} == {row["external_id"] for row in listed["data"]}

    run(f"qcloudcli secgroup-delete {listed['data'][0]['external_id']} --yes", expect=6)
    run(f"qcloudcli secgroup-delete {second['external_id']} --yes")
    run(f"qcloudcli secgroup-show {second['external_id']}", expect=3)
    rows = run("climc cloud-account-sync ten --resources secgroup --region ap-guangzhou -o json")["data"]
    assert [(row["removed"], row["state"]) for row in rows] == [(1, "complete")]
    local = next(row["id"] for row in cached["data"] if row["external_id"] == listed["data"][2]["external_id"])
    run(f"climc secgroup-update {local} --delete enable")
    run(f"climc secgroup-delete {local}")
    assert run("climc secgroup-list --limit 1 -o json --region ap-guangzhou")["total"] == 118
