"""Alibaba Cloud's codes and what they mean, whole codes or the documented families, never message or status.

Sources: the error tables of Elasticsearch 2017-06-13, ECS 2014-05-26, VPC 2016-04-28, STS 2015-04-01, alikafka
2019-09-16, dds 2015-12-01, rds 2014-08-15 and r-kvstore 2015-01-01, and the names that the vendor's own clients match.
"""

from cloudmux_py.cloudprovider import errors

CONFLICTS = frozenset(
    {
        "InstanceActivating",
        "TokenPreviousRequestProcessError",
        "IncorrectStatus",
        "IncorrectVpcStatus",
        "IncorrectVSwitchStatus",
        "IncorrectRouteEntryStatus",
        "IncorrectEipStatus",
        "OperationDenied.VpcPeerExists",
        "OperationDenied.OtherSubnetProcessing",
        "OperationConflict",
        "LastTokenProcessing",
        "InvalidOperation.DeletionProtection",
        "Forbidden.ChargeTypeIsPrepaid",
        "Forbidden.ReleaseSegmentEip",
        "ChargeTypeViolation",
        "InstanceReleaseProtection",
        "IncorrectDBInstanceState",
        "OperationDenied.DBInstanceStatus",
        "GuardInstance.ReleaseFail",
        "Order.ComboInstanceNotAllowOperate",
        "OrderStatus.UnPaid",
        "EngineMigration.ActionDisabled",
        "UnsupportedByBlueGreenDeployment",
        "OperationDenied.DeletionProtection",
        "OperationDenied.PrePayTypeNotSupported",
        "OperationDenied.ReadDBInstanceStatus",
        "InstanceStatus.NotAllowed",
        "InstanceStatus.NotReleased",
        "InstanceStatus.Released",
        "BIZ_INSTANCE_STATUS_ERROR",
        "BIZ.INSTANCE.STATUS.ERROR",
        "BIZ_INSTANCE_CANNOT_OPERATE",
        "BIZ_INSTANCE_PAIDTYPE_NOT_SUPPORT",
        "BIZ_INSTANCE_RELEASE_EXIST_TOPIC_ERROR",
        "BIZ_INSTANCE_RELEASE_EXIST_CONSUMER_GROUP_ERROR",
        "BIZ_INSTANCE_RELEASE_LESSHOUR_ERROR",
        "GadInstanceNotSupport",
        "IncorrectInstanceStatus",
        "IncorrectInstanceStatus.Initializing",
        "InstanceLockedForSecurity",
        "InvalidOperation.EniLinked",
        "DependencyViolation.RouteEntry",
        "DependencyViolation.SLBConfiguring",
        "OperationDenied.SystemInstanceNotSupport",
        "IncorrectDiskStatus",
        "IncorrectDiskStatus.Initializing",
        "DiskStillAttached",
        "DiskTypeViolation",
        "DiskNotPortable",
        "DiskCreatingSnapshot",
        "InvalidDiskStatus.DeleteProtection",
    }
)
"""The cloud refuses in the resource's present state: busy, protected, prepaid, attached, not empty."""

CODES: dict[str, type[errors.CloudError]] = dict.fromkeys(CONFLICTS, errors.Conflict) | {
    "SignatureDoesNotMatch": errors.AuthFailed,
    "IncompleteSignature": errors.AuthFailed,
    "InvalidAccessKeySecret": errors.AuthFailed,
    "MissingSecurityToken": errors.AuthFailed,
    "MissingAccessKeyId": errors.AuthFailed,
    "NoEnabledAccessKey": errors.AuthFailed,
    "Forbidden.AccessKey": errors.AuthFailed,
    "Forbidden.AccessKeyDisabled": errors.AuthFailed,
    "InvalidTimeStamp.Expired": errors.ClockSkew,
    "InvalidTimeStamp.Format": errors.ClockSkew,
    "IllegalTimestamp": errors.ClockSkew,
    "SubAccountNoPermission": errors.Denied,
    "StsRoleAccountNoPermission": errors.Denied,
    "UserUnauthorized": errors.Denied,
    "NoPermission": errors.Denied,
    "Forbidden": errors.Denied,
    "Forbidden.RAM": errors.Denied,
    "Forbidden.SubUser": errors.Denied,
    "Forbidden.NotSupportRAM": errors.Denied,
    "Forbidden.RiskControl": errors.Denied,
    "Forbidden.UserVerification": errors.Denied,
    "InvalidUser.Unauthorized": errors.Denied,
    "Unauthorized.EmptyRegion": errors.Denied,
    "RegionUnauthorized": errors.Denied,
    "UserNotOpen": errors.ServiceNotOpen,
    "InvalidRegionId": errors.UnknownRegion,
    "InvalidRegionId.NotFound": errors.UnknownRegion,
    "InvalidRegion.NotFound": errors.UnknownRegion,
    "Rejected.Throttling": errors.Throttled,
    "ONS_SYSTEM_FLOW_CONTROL": errors.Throttled,
    "FlowControl": errors.Throttled,
    "SignatureNonceUsed": errors.ServerFault,
    "ServiceUnavailable": errors.ServerFault,
    "InternalError": errors.ServerFault,
    "UnknownError": errors.ServerFault,
    "InvalidParameter": errors.InvalidParam,
    "MissingParameter": errors.InvalidParam,
    "InvalidApi.NotFound": errors.InvalidParam,
}

FAMILIES: tuple[tuple[str, type[errors.CloudError]], ...] = (
    ("InvalidAccessKeyId", errors.AuthFailed),
    ("InvalidSecurityToken", errors.AuthFailed),
    ("Throttling", errors.Throttled),
    ("DependencyViolation", errors.Conflict),
    ("TaskConflict", errors.Conflict),
    ("InvalidParameter", errors.InvalidParam),
)


def error_type(code: str) -> type[errors.CloudError]:
    """What a code means; `CloudError` where nobody said."""
    known = CODES.get(code)
    if known:
        return known
    return next((kind for family, kind in FAMILIES if code.split(".", maxsplit=1)[0] == family), errors.CloudError)
