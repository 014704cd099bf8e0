"""Both installed programs with AWS: keys from the environment and from ``~/.aws``, a sync of two regions, deletions."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .. import programs
from .conftest import KEY, SECRET, Aws
from .test_types import domains, servers, vpcs

Run = Callable[..., Any]
PROGRAMS = Path(sys.executable).parent


@pytest.fixture
def environment(tmp_path: Path, moto_url: str) -> dict[str, str]:
    """A home of its own, and none of this machine's keys."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    own = {"HOME": str(tmp_path), "CLIMC_DB": str(tmp_path / "c.db"), "CLIMC_KEY_FILE": str(tmp_path / "k")}
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}
    return kept | own | keys | {"AWS_ENDPOINT_URL": moto_url}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    def run_program(line: str, expect: int = 0) -> Any:
        done = programs.run(line.split(), env=environment)
        assert done.returncode == expect, done.stderr
        if expect:
            return done.stderr
        return json.loads(done.stdout) if "-o json" in line else done.stdout

    return run_program


def test_cloudcli_lists_shows_and_deletes(aws: Aws, run: Run) -> None:
    arn, *_ = domains(aws, 7)
    assert run("cloudcli elastic-search-list -o json")["total"] == 7
    assert run(f"cloudcli elastic-search-show {arn} -o json")["tags"] == {"env": "prod"}
    assert run("cloudcli caller-identity -o json")["account_id"] == "123456789012"
    run(f"cloudcli elastic-search-delete {arn} --yes --wait")
    assert "ResourceNotFoundException" in run(f"cloudcli elastic-search-show {arn}", expect=3)
    assert run("cloudcli vpc-list --region eu-west-1 -o json")["total"] == 1


def test_a_sync_of_two_regions_and_a_deletion(aws: Aws, run: Run) -> None:
    gone, kept, *_ = domains(aws, 7)
    vpcs(aws, 3)
    made = run("climc cloud-account-create-aws ama --region-id us-east-1 --region-id eu-west-1 -o json")
    assert (made["brand"], made["cloud_account_id"]) == ("Aws", "123456789012")

    def sync() -> dict[tuple[str, str], tuple[str, int, int]]:
        rows = run("climc cloud-account-sync ama -o json")["data"]
        return {(r["region"], r["type"]): (r["state"], r["added"], r["removed"]) for r in rows}

    first = sync()
    assert first["us-east-1", "elastic_search"] == ("complete", 7, 0)
    assert first["eu-west-1", "elastic_search"] == ("complete", 0, 0)
    assert first["us-east-1", "vpc"] == ("complete", 4, 0)
    assert first["eu-west-1", "vpc"] == ("complete", 1, 0)
    assert set(sync().values()) == {("complete", 0, 0)}

    aws.sdk("opensearch").delete_domain(DomainName=gone.rpartition("/")[2])
    assert sync()["us-east-1", "elastic_search"] == ("complete", 0, 1)
    shown = run(f"climc elastic-search-show {kept} -o json")
    assert shown["provider"] == "Aws"
    run(f"climc elastic-search-syncstatus {kept}")
    run(f"climc elastic-search-update {shown['id']} --delete enable")
    run(f"climc elastic-search-delete {shown['id']} --yes")
    assert run("climc elastic-search-list --limit 0 -o json")["total"] == 5
    listed = {row["external_id"] for row in run("cloudcli elastic-search-list -o json")["data"]}
    assert listed == {row["external_id"] for row in run("climc elastic-search-list --limit 0 -o json")["data"]}


def test_servers_and_what_they_refer_to(aws: Aws, run: Run) -> None:
    first, *_ = servers(aws, 5)
    run("climc cloud-account-create-aws ama --region-id us-east-1 --no-delete-lock")
    rows = run("climc cloud-account-sync ama -o json")["data"]
    assert {row["state"] for row in rows} == {"complete"}
    line = "climc server-list --details --limit 0 -o json --columns id,external_id,vpc_id,vpc,network,network_id,zone"
    listed = run(line)["data"]
    assert len(listed) == 5
    networks = {row["external_id"]: row["name"] for row in run("climc network-list --limit 0 -o json")["data"]}
    assert {row["network"] for row in listed} <= set(networks.values())
    assert {row["zone"] for row in listed} <= {f"us-east-1{letter}" for letter in "abcdef"}

    run(f"climc server-delete {first} --yes --stop-first")
    assert run("climc server-list --limit 0 -o json")["total"] == 4
    assert run("cloudcli server-list -o json")["total"] == 4
    second = listed[-1]["external_id"] if listed[-1]["external_id"] != first else listed[0]["external_id"]
    aws.sdk("ec2").terminate_instances(InstanceIds=[second])
    (row,) = run("climc cloud-account-sync ama --resources server -o json")["data"]
    assert (row["state"], row["removed"]) == ("complete", 1)
    events = run("climc event-list --type server --action delete -o json")["data"]
    assert "terminated" in json.dumps(events)


def test_an_account_of_a_profile_stores_no_key(aws: Aws, run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
        "[ops]\naws_access_key_id = OPS\naws_secret_access_key = planted\n"
    )
    (tmp_path / ".aws" / "config").write_text("[profile ops]\nregion = eu-west-1\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        del environment[name]
    assert "no region: give --region" in run("cloudcli vpc-list", expect=2)
    assert run("cloudcli vpc-list --profile ops -o json")["total"] == 1
    run("climc cloud-account-create-aws ops --profile ops --region-id eu-west-1")
    assert run("climc cloud-account-sync ops --resources vpc -o json")["data"][0]["state"] == "complete"
    assert b"planted" not in (tmp_path / "c.db").read_bytes()
    assert "no profile 'none' that gives keys" in run("cloudcli vpc-list --profile none", expect=2)


@pytest.mark.parametrize("line", ["climc --help", "cloudcli --help", "climc cloud-account-create-aws --help"])
def test_help_imports_no_sdk(line: str, environment: dict[str, str]) -> None:
    program, *words = line.split()
    script = (
        "import sys; from importlib import import_module; sys.argv = sys.argv[1:]\n"
        f"try: import_module('{ {'climc': 'climc_py', 'cloudcli': 'cloudmux_py'}[program] }.shell').main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'botocore', 'aliyunsdkcore', 'tencentcloud'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, program, *words], env=environment, capture_output=True, text=True
    )
    assert done.stdout.rstrip().endswith("[]"), done.stdout + done.stderr
    assert "aws" in done.stdout
