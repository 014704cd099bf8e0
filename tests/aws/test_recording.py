"""A session with AWS is recorded as any other: its XML keeps its elements, and loses what is private."""

import json
from pathlib import Path

from cloudmux_py.emulator import Emulator, Replay
from cloudmux_py.engine import client, recording
from cloudmux_py.evidence import check
from cloudmux_py.resources.vpc import Vpc

from .conftest import KEY, Aws, region_of


def test_a_session_is_recorded_and_replayed(aws: Aws, tmp_path: Path) -> None:
    made = aws.sdk("ec2").create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]
    path = tmp_path / "wire.jsonl"
    recording.start(str(path))
    try:
        rows = [row.to_dict() for row in aws.region().iter(Vpc)]
    finally:
        client.tap = None
    assert made["VpcId"] in {row["external_id"] for row in rows}
    call = json.loads(path.read_text("utf-8").splitlines()[1])
    assert (call["provider"], call["service"], call["action"], call["region"]) == (
        "aws",
        "ec2",
        "DescribeVpcs",
        "us-east-1",
    )
    assert ["Action", "DescribeVpcs"] in call["sent"]["body"]["form"]
    assert "<isDefault>false</isDefault>" in call["came"]["body"]["xml"]
    text = path.read_text("utf-8")
    for private in (KEY, "123456789012", "10.77.0.0", "127.0.0.1"):
        assert private not in text
    assert check([path])[:3] == ([], 1, {})
    with Emulator(replay=Replay(path)) as replayed:
        again = [row.to_dict() for row in region_of(replayed.url).iter(Vpc)]
    replaced = {"cidr_block", "external_id", "name"}  # ids with many digits in a row look like an account's number
    assert [{k: row[k] for k in row if k not in replaced} for row in again] == [
        {k: row[k] for k in row if k not in replaced} for row in rows
    ]
