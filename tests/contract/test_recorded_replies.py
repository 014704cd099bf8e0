"""The recorded replies: every field name is the vendors' own, and each row reads as it should."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_elasticsearch20170613 import models as aliyun_models
from tencentcloud.es.v20180416 import models as es_models
from tencentcloud.region.v20220627 import models as region_models
from tencentcloud.sts.v20180813 import models as sts_models

from cloudmux_py.aliyun import elastic_search as aliyun
from cloudmux_py.engine.raw import Raw
from cloudmux_py.qcloud import elastic_search as qcloud

DATA = Path(__file__).parent.parent / "data"


def load(path: str) -> Any:
    return json.loads((DATA / path).read_text("utf-8"))


UNDOCUMENTED = {"kibanaProtocol", "haveElasticDataNode", "enableMetrics"}
"""Keys that the vendor's documentation shows in a sample and its model lacks."""


def unknown_aliyun(model: Any, value: Any, path: str = "") -> list[str]:
    """Keys of a reply that the vendor's model drops, which is how the model says that it does not know them."""
    known = model().from_map(value).to_map()
    return [found for found in _missing(value, known, path) if found.rpartition(".")[2] not in UNDOCUMENTED]


def _missing(sent: Any, kept: Any, path: str) -> list[str]:
    if isinstance(sent, dict) and isinstance(kept, dict):
        found: list[str] = []
        for key, value in sent.items():
            if value is None or value == {}:
                continue
            if key not in kept:
                found.append(f"{path}.{key}")
            else:
                found += _missing(value, kept[key], f"{path}.{key}")
        return found
    if isinstance(sent, list) and isinstance(kept, list):
        return [hit for a, b in zip(sent, kept, strict=True) for hit in _missing(a, b, f"{path}[]")]
    return []


@pytest.mark.parametrize(
    ("file", "model"),
    [
        ("list", aliyun_models.ListInstanceResponseBody),
        ("detail", aliyun_models.DescribeInstanceResponseBody),
        ("detail-ai", aliyun_models.DescribeInstanceResponseBody),
        ("regions", aliyun_models.DescribeRegionsResponseBody),
    ],
)
def test_aliyun_field_names_are_the_vendor_s(file: str, model: Any) -> None:
    assert unknown_aliyun(model, load(f"aliyun/elastic_search/{file}.json")) == []


def unknown_tencent(model: Any, value: dict[str, Any]) -> list[str]:
    """Keys of a reply that the vendor's model has no attribute for; it names each property `_<Key>`."""
    instance = model()
    return [f"{model.__name__}.{key}" for key in value if not hasattr(instance, f"_{key}")]


def test_tencent_field_names_are_the_vendor_s() -> None:
    reply = load("qcloud/elastic_search/list.json")["Response"]
    assert unknown_tencent(es_models.DescribeInstancesResponse, reply) == []
    nested = {
        "MasterNodeInfo": es_models.MasterNodeInfo,
        "CosBackup": es_models.CosBackup,
        "IkConfig": es_models.EsDictionaryInfo,
        "EsAcl": es_models.EsAcl,
    }
    many = {"TagList": es_models.TagInfo, "NodeInfoList": es_models.NodeInfo, "MultiZoneInfo": es_models.ZoneDetail}
    for row in reply["InstanceList"]:
        assert unknown_tencent(es_models.InstanceInfo, row) == []
        for key, model in nested.items():
            assert unknown_tencent(model, row[key]) == []
        for key, model in many.items():
            for item in row.get(key) or []:
                assert unknown_tencent(model, item) == []


def test_tencent_account_replies_are_the_vendor_s() -> None:
    regions = load("qcloud/account/regions.json")["Response"]
    assert unknown_tencent(region_models.DescribeRegionsResponse, regions) == []
    assert all(unknown_tencent(region_models.RegionInfo, region) == [] for region in regions["RegionSet"])
    caller = load("qcloud/account/caller.json")["Response"]
    assert unknown_tencent(sts_models.GetCallerIdentityResponse, caller) == []


def aliyun_rows() -> dict[str, Any]:
    rows = Raw(load("aliyun/elastic_search/list.json")).each("Result")
    return {raw.text("instanceId")[-1]: aliyun.parse(raw) for raw in rows}


def test_an_aliyun_row_reads_as_documented() -> None:
    row = aliyun_rows()["1"]
    assert row.to_dict() == {
        "external_id": "es-cn-test0000000000001",
        "name": "订单检索-生产",
        "status": "available",
        "created_at": "2025-03-18T02:41:09Z",
        "project_id": "rg-test00000000001",
        "tags": {"env": "prod", "负责人": "搜索组"},
        "sys_tags": {"acs:rm:rgId": "rg-test00000000001"},
        "billing_type": "prepaid",
        "expired_at": "2027-03-17T16:00:00Z",
        "auto_renew": None,
        "version": "7.10",
        "instance_type": "elasticsearch.sn2ne.2xlarge",
        "vcpu_count": 8,
        "vmem_size_gb": 32,
        "storage_type": "cloud_essd",
        "disk_size_gb": 500,
        "category": None,
        "node_count": 4,
        "vpc_id": "vpc-test0000000000001",
        "network_id": "vsw-test0000000000001",
        "zone_id": "cn-hangzhou-i",
        "is_multi_az": True,
    }


def test_aliyun_rows_with_little_in_them_read_too() -> None:
    rows = aliyun_rows()
    assert rows["2"].expired_at is None, "a postpaid row's far-future date is junk"
    assert (rows["3"].name, rows["3"].status) == ("es-cn-test0000000000003", "creating")
    assert (rows["3"].vcpu_count, rows["3"].vmem_size_gb) == (4, 16), ".new is the same size"
    assert rows["4"].status == "unavailable"


def test_the_detail_adds_what_get_only_names() -> None:
    listed, detail = aliyun_rows()["1"], aliyun.parse(Raw(load("aliyun/elastic_search/detail.json")).at("Result"))
    differing = {name for name in listed.columns if getattr(listed, name) != getattr(detail, name)}
    assert differing == aliyun.BINDING.get_only == {"category"}


def test_tencent_rows_read_as_documented() -> None:
    rows = [qcloud.parse(raw) for raw in Raw(load("qcloud/elastic_search/list.json")["Response"]).each("InstanceList")]
    first, second, new, isolated, odd = rows
    assert first.created_at == datetime(2024, 7, 6, 12, 52, 48, tzinfo=UTC), "Beijing time"
    assert first.expired_at == datetime(2026, 7, 6, 12, 52, 48, tzinfo=UTC)
    assert (first.auto_renew, first.billing_type, first.is_multi_az) == (True, "prepaid", False)
    assert (second.expired_at, second.auto_renew, second.billing_type) == (None, None, "postpaid")
    assert second.tags == {"负责人": "搜索组", "empty": ""}
    assert second.sys_tags == {"tencentcloud:autoscaling": "x"}
    assert second.is_multi_az is True
    assert (new.name, new.status, new.tags, new.is_multi_az) == ("es-new00001", "creating", {}, None)
    assert isolated.status == "isolated"
    assert (odd.status, odd.billing_type, odd.vcpu_count, odd.created_at) == ("9", "SPOT", None, None)
