"""Elastic IP addresses, vpc 2017-03-12: DescribeAddresses, ReleaseAddresses.

Source: the API reference of Tencent Cloud VPC and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row, Table
from ..wire import ApiError, Call, body
from .vpc import VERSION
from .wire import action, filtered, windowed

KIND = "eip"
RELEASE_SECONDS = 3.0
RECYCLE_SECONDS = 7 * 24 * 3600.0
"""How long a prepaid address stays isolated (guess: it is not documented)."""
FILTERS = {"address-id": "AddressId", "address-name": "AddressName", "address-type": "AddressType"}
UNKNOWN = ApiError("InvalidAddressId.NotFound", "The EIP does not exist.")


@action("vpc", VERSION, "DescribeAddresses")
def describe_addresses(call: Call) -> dict[str, Any]:
    """Offset and Limit as numbers; by AddressIds an unknown id is just not there.

    Ordinary public addresses are listed only with Filters; that they are answered by id is a guess.
    """
    ids, rows = call.params.get("AddressIds"), call.visible(KIND)
    names = {wanted.get("Name") for wanted in call.params.get("Filters") or []}
    if ids and "address-id" in names:
        raise ApiError("InvalidParameter.Coexist", "AddressIds and address-id cannot be used together.")
    if any(not id.startswith("eip-") for id in ids or []):
        raise ApiError("InvalidParameterValue.AddressIdMalformed", "The AddressId is malformed.")
    if ids:
        rows = [row for row in rows if row["AddressId"] in ids]
    elif "address-type" not in names:
        rows = [row for row in rows if row["AddressType"] not in {"WanIP", "CalcIP"}]
    page, total = windowed(call, filtered(call, rows, FILTERS), 20, 100)
    return body(call, "AddressSet", page, {"AddressId": None}, {"TotalCount": total})


@action("vpc", VERSION, "ReleaseAddresses")
def release_addresses(call: Call) -> dict[str, Any]:
    """Only unbound ones. Postpaid: gone after a while. Prepaid: isolated first; called again, gone for good."""
    rows = [call.one(KIND, "AddressId", id, UNKNOWN) for id in call.params.get("AddressIds") or []]
    if not rows:
        raise ApiError("MissingParameter", "The request is missing the required parameter `AddressIds`.")
    if any(row["AddressType"] in {"WanIP", "CalcIP"} for row in rows):
        raise ApiError("InvalidParameterValue.AddressTypeConflict", "The address is not elastic.")
    if any(row["AddressStatus"] != "UNBIND" for row in rows):
        raise ApiError("InvalidAddressState", "Only an EIP in the state UNBIND can be released.")
    if len({_prepaid(row) for row in rows}) > 1:
        raise ApiError("InvalidParameterValue.AddressInternetChargeTypeConflict", "The billing types differ.")
    for row in rows:
        _release(call.table(KIND), row)
    return {"TaskId": str(call.world.served + 1)}


def _prepaid(row: Row) -> bool:
    return str(row["InternetChargeType"]) == "BANDWIDTH_PREPAID_BY_MONTH"


def _release(table: Table, row: Row) -> None:
    id = row["AddressId"]

    def isolate(found: Row) -> bool:
        found["IsArrears"] = True
        table.later(id, RECYCLE_SECONDS, lambda _: False)
        return True

    if _prepaid(row) and not row["IsArrears"]:
        table.later(id, RELEASE_SECONDS, isolate)
    else:
        table.patch(id, {"AddressStatus": "OFFLINING"})
        table.later(id, RELEASE_SECONDS, lambda _: False)


@seed.seeder("qcloud", KIND, "eip-", 8)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every third is bound, a quarter is prepaid, and some of those are isolated."""
    row, bound, prepaid = seed.copy("qcloud/eip.json"), number % 3 == 0, number % 12 in {4, 6, 10}
    row.update(
        AddressId=id,
        AddressName=seed.name(rng, number) or "未命名",
        AddressIp=f"198.18.{number // 250}.{number % 250 + 1}",
        AddressStatus="BIND" if bound else "UNBIND",
        # It may stay filled when nothing is bound any more.
        InstanceId=f"ins-{seed.word(rng, 8)}" if bound or number % 4 == 1 else None,
        IsArrears=number % 12 == 10,
        InstanceType="CVM" if bound else None,
        PrivateAddressIp=f"10.10.4.{number % 250 + 1}" if bound else None,
        CreatedTime=seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ"),
        Bandwidth=rng.choice([1, 5, 100]),
        InternetChargeType="BANDWIDTH_PREPAID_BY_MONTH"
        if prepaid
        else rng.choice(["TRAFFIC_POSTPAID_BY_HOUR", "BANDWIDTH_POSTPAID_BY_HOUR", "BANDWIDTH_PACKAGE", None]),
        DeadlineDate="2027-08-11T03:57:05Z" if prepaid else None,
        RenewFlag="NOTIFY_AND_AUTO_RENEW" if prepaid else "",
        TagSet=[{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else [],
    )
    return row
