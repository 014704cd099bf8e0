"""Alibaba Cloud's codes and what they mean, whole codes or the documented families, never message or status.

Sources: the error tables of Elasticsearch 2017-06-13, ECS 2014-05-26, VPC 2016-04-28 and STS 2015-04-01, and the
names that the vendor's own clients match.
"""

from cloudmux_py.cloudprovider import errors

CODES: dict[str, type[errors.CloudError]] = {
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
    "SignatureNonceUsed": errors.ServerFault,
    "ServiceUnavailable": errors.ServerFault,
    "InternalError": errors.ServerFault,
    "UnknownError": errors.ServerFault,
    "InstanceActivating": errors.Conflict,
    "TokenPreviousRequestProcessError": errors.Conflict,
    "IncorrectStatus": errors.Conflict,
    "IncorrectVpcStatus": errors.Conflict,
    "IncorrectVSwitchStatus": errors.Conflict,
    "IncorrectRouteEntryStatus": errors.Conflict,
    "IncorrectEipStatus": errors.Conflict,
    "OperationDenied.VpcPeerExists": errors.Conflict,
    "OperationDenied.OtherSubnetProcessing": errors.Conflict,
    "OperationConflict": errors.Conflict,
    "LastTokenProcessing": errors.Conflict,
    "InvalidOperation.DeletionProtection": errors.Conflict,
    "Forbidden.ChargeTypeIsPrepaid": errors.Conflict,
    "Forbidden.ReleaseSegmentEip": errors.Conflict,
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
