"""Tencent Cloud's codes and what they mean, whole codes or the documented families, never message or status.

Sources: the common error codes of API 3.0 and the per-action lists in the vendor's SDKs.
"""

from cloudmux_py.cloudprovider import errors

CODES: dict[str, type[errors.CloudError]] = {
    "AuthFailure.SignatureExpire": errors.ClockSkew,
    "AuthFailure.UnauthorizedOperation": errors.Denied,
    "AuthFailure.InvalidAuthorization": errors.AuthFailed,
    "InvalidParameter.PermissionDenied": errors.Denied,
    "OperationDenied.UserHasNoStrategy": errors.Denied,
    "UnsupportedRegion": errors.UnknownRegion,
    "InvalidParameterValue.RegionError": errors.UnknownRegion,
    "RegionError": errors.UnknownRegion,
    "RequestLimitExceeded": errors.Throttled,
    "RequestLimitExceeded.UinLimitExceeded": errors.Throttled,
    "RequestLimitExceeded.IPLimitExceeded": errors.Throttled,
    "RequestLimitExceeded.GlobalRegionUinLimitExceeded": errors.Throttled,
    "ServiceUnavailable": errors.ServerFault,
    "ResourceInUse": errors.Conflict,
    "FailedOperation.OpenDestroyProtection": errors.Conflict,
    "FailedOperation.RefundError": errors.Conflict,
    "InvalidParameterValue.ChargeType": errors.Conflict,
    "UnsupportedOperation.StatusNotSupport": errors.Conflict,
    "UnsupportedOperation.HeteroScalingExecuting": errors.Conflict,
    "UnsupportedOperation.RouteTableHasSubnetRule": errors.Conflict,
    "UnsupportedOperation.AppIdMismatch": errors.Denied,
    "InvalidAddressState": errors.Conflict,
    "InvalidAddressId.StatusNotPermit": errors.Conflict,
    "UnsupportedOperation.AddressStatusNotPermit": errors.Conflict,
    "OperationDenied.MutexTaskRunning": errors.Conflict,
    "DesOperation.MutexTaskRunning": errors.Conflict,
    "OperationDenied.AddressDeletionProtectionEnabled": errors.Conflict,
    "LimitExceeded.AccountReturnQuota": errors.Conflict,
    "UnsupportedOperation.UnpaidOrderAlreadyExists": errors.Conflict,
    "InvalidParameterValue.AddressTypeConflict": errors.Conflict,
    "InvalidParameterValue.AddressInternetChargeTypeConflict": errors.Conflict,
}

FAMILIES: dict[str, type[errors.CloudError]] = {
    "AuthFailure": errors.AuthFailed,
    "UnauthorizedOperation": errors.Denied,
    "InternalError": errors.ServerFault,
    "InvalidParameter": errors.InvalidParam,
    "InvalidParameterValue": errors.InvalidParam,
    "MissingParameter": errors.InvalidParam,
    "UnknownParameter": errors.InvalidParam,
    "InvalidAction": errors.InvalidParam,
    "NoSuchVersion": errors.InvalidParam,
}


def error_type(code: str) -> type[errors.CloudError]:
    """What a code means; `CloudError` where nobody said."""
    return CODES.get(code) or FAMILIES.get(code.split(".", maxsplit=1)[0], errors.CloudError)
