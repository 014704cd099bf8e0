"""How each type is listed, got and deleted, in the words of its API reference: what the vendors' clients are asked.

Written from the vendors' API references and typed models, and not from our bindings.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

Params = Mapping[str, Any]
NONE: Params = MappingProxyType({})
Row = dict[str, Any]

ID, NUMBER = "$id", "$number"
"""In parameters: the id of the row in hand, as a text and as a number."""


def filled(params: Params, id: str) -> dict[str, Any]:
    """Parameters with an id in them."""
    text = json.dumps(dict(params)).replace(f'"{NUMBER}"', id).replace(ID, id)
    told: dict[str, Any] = json.loads(text)
    return told


def at(body: Any, path: str) -> Any:
    """What stands at a dotted path of a reply."""
    for key in path.split("."):
        body = body[key]
    return body


class Ask(NamedTuple):
    """A reading call, and where its reply has the rows, or the row."""

    action: str
    rows: str
    params: Params = NONE

    def found(self, body: Any) -> list[Row]:
        """The rows of a reply."""
        value = at(body, self.rows)
        return value if isinstance(value, list) else [value]


class Paging(NamedTuple):
    """How pages are asked for.

    Args:
        size: Rows of a page.
        total: Where a reply tells how many rows there are; nowhere if empty.
        next: Parameters of the page after so many, given the reply to the last one; None after the last one.
    """

    size: int
    total: str
    next: Callable[[int, Any], Params | None]


def numbered(total: str = "TotalCount", size: int = 20, names: tuple[str, str] = ("PageNumber", "PageSize")) -> Paging:
    """By the number of the page."""
    return Paging(size, total, lambda done, _: {names[0]: done + 1, names[1]: size})


def windowed(total: str = "TotalCount", kind: Callable[[int], int | str] = int) -> Paging:
    """By the number of rows before it; some APIs want both numbers as texts."""
    return Paging(20, total, lambda done, _: {"Offset": kind(done * 20), "Limit": kind(20)})


def tokened() -> Paging:
    """By the token of the page before."""

    def following(done: int, last: Any) -> Params | None:
        if not done:
            return {"MaxResults": 20}
        return {"MaxResults": 20, "NextToken": last["NextToken"]} if last["NextToken"] else None

    return Paging(20, "", following)


def whole(total: str = "") -> Paging:
    """One reply has all."""
    return Paging(10**6, total, lambda done, _: None if done else {})


class Step(NamedTuple):
    """A changing call."""

    action: str
    params: Params


class Gone(NamedTuple):
    """How a deletion ends: the code that a get answers, or an empty answer; or the row, with these values."""

    code: str = ""
    left: Params = NONE


EMPTY = Gone()


class Refusal(NamedTuple):
    """What the cloud refuses.

    Args:
        code: The cloud's code.
        status: The HTTP status, which Tencent Cloud has as 200.
        where: Fields of the row whose deletion is refused.
        step: The call that is refused, where the type has no deletion.
        region: The region to ask it in, if another one.
    """

    code: str
    status: int = 200
    where: Params = NONE
    step: Step | None = None
    region: str = ""


@dataclass(frozen=True)
class Api:
    """One type on one cloud.

    Args:
        service: The product's name in the client's packages.
        version: Of the API.
        id: Key of a row's id.
        list: The listing.
        paging: How it turns pages.
        get: One row, asked for by id.
        refused: What the cloud refuses.
        delete: The calls that delete a row, one after the other.
        deletable: Fields of a row for which it lets them through.
        gone: How that ends.
        kinds: Parameters of the listings that make up the whole, where one does not show all.
    """

    service: str
    version: str
    id: str
    list: Ask
    paging: Paging
    get: Ask
    refused: Refusal
    delete: tuple[Step, ...] = ()
    deletable: Params | None = None
    gone: Gone = EMPTY
    kinds: tuple[Params, ...] = (NONE,)


ECS, VPC = "2014-05-26", "2016-04-28"
INSTANCE = {"InstanceId": ID}
DATABASE = {"DBInstanceId": ID}

ALIYUN = {
    "elastic_search": Api(
        "elasticsearch",
        "2017-06-13",
        "instanceId",
        Ask("ListInstance", "Result"),
        numbered("Headers.X-Total-Count", names=("page", "size")),
        Ask("DescribeInstance", "Result", INSTANCE),
        Refusal("InstanceActivating", 400, {"status": "activating"}),
        (Step("DeleteInstance", {**INSTANCE, "deleteType": "immediate"}),),
        {"paymentType": "postpaid", "status": "active"},
        Gone("InstanceNotFound"),
    ),
    "kafka": Api(
        "alikafka",
        "2019-09-16",
        "InstanceId",
        Ask("GetInstanceList", "InstanceList.InstanceVO"),
        whole(),
        Ask("GetInstanceList", "InstanceList.InstanceVO", {"InstanceId": [ID]}),
        Refusal("BIZ_INSTANCE_PAIDTYPE_NOT_SUPPORT", 400, {"PaidType": 0}),
        (Step("ReleaseInstance", INSTANCE), Step("DeleteInstance", INSTANCE)),
        {"PaidType": 1, "ServiceStatus": 5, "UsedTopicCount": 0},
        Gone(left={"ServiceStatus": 10}),
    ),
    "mongodb": Api(
        "dds",
        "2015-12-01",
        "DBInstanceId",
        Ask("DescribeDBInstances", "DBInstances.DBInstance"),
        numbered(size=30),
        Ask("DescribeDBInstanceAttribute", "DBInstances.DBInstance", DATABASE),
        Refusal("InstanceReleaseProtection", 403, {"DBInstanceReleaseProtection": True, "ChargeType": "PostPaid"}),
        (Step("DeleteDBInstance", DATABASE),),
        {"ChargeType": "PostPaid", "DBInstanceStatus": "Running", "DBInstanceReleaseProtection": False},
        Gone("InvalidDBInstanceId.NotFound"),
        tuple({"DBInstanceType": kind} for kind in ("replicate", "sharding", "serverless")),
    ),
    "elastic_cache": Api(
        "r_kvstore",
        "2015-01-01",
        "InstanceId",
        Ask("DescribeInstances", "Instances.KVStoreInstance"),
        numbered(),
        Ask("DescribeInstanceAttribute", "Instances.DBInstanceAttribute", INSTANCE),
        Refusal("InstanceReleaseProtection", 403, {"InstanceReleaseProtection": True}),
        (Step("DeleteInstance", INSTANCE),),
        {"ChargeType": "PostPaid", "InstanceStatus": "Normal", "InstanceReleaseProtection": False},
        Gone(left={"InstanceStatus": "Released"}),
    ),
    "dbinstance": Api(
        "rds",
        "2014-08-15",
        "DBInstanceId",
        Ask("DescribeDBInstances", "Items.DBInstance"),
        numbered("TotalRecordCount"),
        Ask("DescribeDBInstanceAttribute", "Items.DBInstanceAttribute", DATABASE),
        Refusal("OperationDenied.DeletionProtection", 400, {"DeletionProtection": True}),
        (Step("DeleteDBInstance", DATABASE),),
        {"PayType": "Postpaid", "DBInstanceType": "Primary", "DBInstanceStatus": "Running"},
        Gone("InvalidDBInstanceId.NotFound"),
    ),
    "vpc": Api(
        "vpc",
        VPC,
        "VpcId",
        Ask("DescribeVpcs", "Vpcs.Vpc"),
        numbered(),
        Ask("DescribeVpcs", "Vpcs.Vpc", {"VpcId": ID}),
        Refusal("DependencyViolation.VSwitch", 400, {"IsDefault": True}),
        (Step("DeleteVpc", {"VpcId": ID}),),
        {"CidrBlock": "10.40.0.0/16"},
    ),
    "network": Api(
        "vpc",
        VPC,
        "VSwitchId",
        Ask("DescribeVSwitches", "VSwitches.VSwitch"),
        numbered(),
        Ask("DescribeVSwitches", "VSwitches.VSwitch", {"VSwitchId": ID}),
        Refusal("DependencyViolation.ResourceShare", 400, {"ShareType": "Sharing"}),
        (Step("DeleteVSwitch", {"VSwitchId": ID}),),
        {"Status": "Available", "ShareType": ""},
    ),
    "eip": Api(
        "vpc",
        VPC,
        "AllocationId",
        Ask("DescribeEipAddresses", "EipAddresses.EipAddress"),
        numbered(),
        Ask("DescribeEipAddresses", "EipAddresses.EipAddress", {"AllocationId": ID}),
        Refusal("InvalidOperation.DeletionProtection", 400, {"DeletionProtection": True}),
        (Step("ReleaseEipAddress", {"AllocationId": ID}),),
        {"Status": "Available", "ChargeType": "PostPaid", "DeletionProtection": False, "SegmentInstanceId": ""},
    ),
    "server": Api(
        "ecs",
        ECS,
        "InstanceId",
        Ask("DescribeInstances", "Instances.Instance"),
        tokened(),
        Ask("DescribeInstances", "Instances.Instance", {"InstanceIds": f'["{ID}"]'}),
        Refusal("InvalidOperation.DeletionProtection", 403, {"DeletionProtection": True}),
        (Step("DeleteInstance", INSTANCE),),
        {"Status": "Stopped", "InstanceChargeType": "PostPaid", "DeletionProtection": False},
    ),
    "disk": Api(
        "ecs",
        ECS,
        "DiskId",
        Ask("DescribeDisks", "Disks.Disk"),
        tokened(),
        Ask("DescribeDisks", "Disks.Disk", {"DiskIds": f'["{ID}"]'}),
        Refusal("DiskTypeViolation", 403, {"Type": "system"}),
        (Step("DeleteDisk", {"DiskId": ID}),),
        {"Status": "Available", "DiskChargeType": "PostPaid", "Portable": True},
    ),
    "zone": Api(
        "ecs",
        ECS,
        "ZoneId",
        Ask("DescribeZones", "Zones.Zone"),
        whole(),
        Ask("DescribeZones", "Zones.Zone"),
        Refusal("InvalidRegionId.NotFound", 404, step=Step("DescribeZones", {}), region="cn-nowhere"),
    ),
    "project": Api(
        "resourcemanager",
        "2020-03-31",
        "Id",
        Ask("ListResourceGroups", "ResourceGroups.ResourceGroup"),
        numbered(),
        Ask("GetResourceGroup", "ResourceGroup", {"ResourceGroupId": ID}),
        Refusal(
            "EntityNotExists.ResourceGroup", 404, step=Step("GetResourceGroup", {"ResourceGroupId": "rg-acfmnothing"})
        ),
    ),
}

IDS = {"InstanceIds": [ID]}
CVM = "2017-03-12"
POSTPAID = "POSTPAID_BY_HOUR"

QCLOUD = {
    "elastic_search": Api(
        "es",
        "2018-04-16",
        "InstanceId",
        Ask("DescribeInstances", "InstanceList"),
        windowed(),
        Ask("DescribeInstances", "InstanceList", IDS),
        Refusal("FailedOperation.OpenDestroyProtection", where={"EnableDestroyProtection": "OPEN"}),
        (Step("DeleteInstance", INSTANCE),),
        {"ChargeType": POSTPAID, "Status": 1},
    ),
    "kafka": Api(
        "ckafka",
        "2019-08-19",
        "InstanceId",
        Ask("DescribeInstancesDetail", "Result.InstanceList"),
        windowed("Result.TotalCount"),
        Ask("DescribeInstancesDetail", "Result.InstanceList", {"InstanceIdList": [ID]}),
        Refusal("FailedOperation", where={"DeleteProtectionEnable": 1, "InstanceChargeType": POSTPAID}),
        (Step("DeleteInstancePost", INSTANCE),),
        {"InstanceChargeType": POSTPAID, "Status": 1, "DeleteProtectionEnable": 0},
    ),
    "mongodb": Api(
        "mongodb",
        "2019-07-25",
        "InstanceId",
        Ask("DescribeDBInstances", "InstanceDetails"),
        windowed(),
        Ask("DescribeDBInstances", "InstanceDetails", IDS),
        Refusal("InvalidParameterValue.PrePaidInstanceUnableToIsolate", where={"PayMode": 1}),
        (Step("IsolateDBInstance", INSTANCE),),
        {"PayMode": 0, "Status": 2},
        Gone(left={"Status": -3}),
    ),
    "elastic_cache": Api(
        "redis",
        "2018-04-12",
        "InstanceId",
        Ask("DescribeInstances", "InstanceSet"),
        windowed(),
        Ask("DescribeInstances", "InstanceSet", IDS),
        Refusal("ResourceUnavailable.InstanceStatusError", where={"DeleteProtectionSwitch": 1}),
        (Step("DestroyPostpaidInstance", INSTANCE),),
        {"BillingMode": 0, "Status": 2, "DeleteProtectionSwitch": 0},
        Gone(left={"Status": -3}),
    ),
    "dbinstance": Api(
        "cdb",
        "2017-03-20",
        "InstanceId",
        Ask("DescribeDBInstances", "Items"),
        windowed(),
        Ask("DescribeDBInstances", "Items", IDS),
        Refusal("OperationDenied.ActionNotSupport", where={"DestroyProtect": "on"}),
        (Step("IsolateDBInstance", INSTANCE),),
        {"PayType": 1, "Status": 1, "TaskStatus": 0, "DestroyProtect": "off", "InstanceType": 1},
        Gone(left={"Status": 5}),
    ),
    "vpc": Api(
        "vpc",
        "2017-03-12",
        "VpcId",
        Ask("DescribeVpcs", "VpcSet"),
        windowed(kind=str),
        Ask("DescribeVpcs", "VpcSet", {"VpcIds": [ID]}),
        Refusal("ResourceInUse", where={"IsDefault": True}),
        (Step("DeleteVpc", {"VpcId": ID}),),
        {"CidrBlock": "10.40.0.0/16"},
        Gone("ResourceNotFound"),
    ),
    "network": Api(
        "vpc",
        "2017-03-12",
        "SubnetId",
        Ask("DescribeSubnets", "SubnetSet"),
        windowed(kind=str),
        Ask("DescribeSubnets", "SubnetSet", {"SubnetIds": [ID]}),
        Refusal("ResourceInUse", where={"IsDefault": True}),
        (Step("DeleteSubnet", {"SubnetId": ID}),),
        {"AvailableIpAddressCount": 253},
        Gone("ResourceNotFound"),
    ),
    "eip": Api(
        "vpc",
        "2017-03-12",
        "AddressId",
        Ask("DescribeAddresses", "AddressSet"),
        windowed(),
        Ask("DescribeAddresses", "AddressSet", {"AddressIds": [ID]}),
        Refusal("InvalidAddressState", where={"AddressStatus": "BIND"}),
        (Step("ReleaseAddresses", {"AddressIds": [ID]}),),
        {"AddressStatus": "UNBIND", "DeadlineDate": None},
    ),
    "server": Api(
        "cvm",
        CVM,
        "InstanceId",
        Ask("DescribeInstances", "InstanceSet"),
        windowed(),
        Ask("DescribeInstances", "InstanceSet", IDS),
        Refusal("UnsupportedOperation.InstancesProtected", where={"DisableApiTermination": True}),
        (Step("TerminateInstances", IDS),),
        {"InstanceState": "STOPPED", "InstanceChargeType": POSTPAID, "DisableApiTermination": False},
    ),
    "disk": Api(
        "cbs",
        "2017-03-12",
        "DiskId",
        Ask("DescribeDisks", "DiskSet"),
        windowed(),
        Ask("DescribeDisks", "DiskSet", {"DiskIds": [ID]}),
        Refusal("ResourceUnavailable.NotPortable", where={"DiskUsage": "SYSTEM_DISK"}),
        (Step("TerminateDisks", {"DiskIds": [ID]}),),
        {"DiskState": "UNATTACHED", "DiskChargeType": POSTPAID, "Portable": True},
    ),
    "zone": Api(
        "cvm",
        CVM,
        "Zone",
        Ask("DescribeZones", "ZoneSet"),
        whole("TotalCount"),
        Ask("DescribeZones", "ZoneSet"),
        Refusal("UnsupportedRegion", step=Step("DescribeZones", {}), region="ap-nowhere"),
    ),
    "project": Api(
        "tag",
        "2018-08-13",
        "ProjectId",
        Ask("DescribeProjects", "Projects", {"AllList": 1}),
        windowed("Total"),
        Ask("DescribeProjects", "Projects", {"AllList": 1, "Offset": 0, "Limit": 20, "ProjectId": NUMBER}),
        Refusal("InvalidParameterValue", step=Step("DescribeProjects", {"AllList": 1, "Offset": 0, "Limit": 10**6})),
    ),
}

APIS: dict[str, dict[str, Api]] = {"aliyun": ALIYUN, "qcloud": QCLOUD}
