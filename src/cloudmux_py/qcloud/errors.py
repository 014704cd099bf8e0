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
    "UnsupportedOperation.InstancesProtected": errors.Conflict,
    "UnsupportedOperation.InstanceChargeType": errors.Conflict,
    "UnsupportedOperation.InstanceMixedPricingModel": errors.Conflict,
    "UnsupportedOperation.RedHatInstanceTerminateUnsupported": errors.Conflict,
    "UnsupportedOperation.InstanceStateIsolating": errors.Conflict,
    "UnsupportedOperation.InstanceStateLaunchFailed": errors.Conflict,
    "UnsupportedOperation.InstanceStatePending": errors.Conflict,
    "UnsupportedOperation.InstanceStateRebooting": errors.Conflict,
    "UnsupportedOperation.InstanceStateShutdown": errors.Conflict,
    "UnsupportedOperation.InstanceStateStarting": errors.Conflict,
    "UnsupportedOperation.InstanceStateStopped": errors.Conflict,
    "UnsupportedOperation.InstanceStateStopping": errors.Conflict,
    "UnsupportedOperation.InstanceStateTerminated": errors.Conflict,
    "UnsupportedOperation.InstanceStateTerminating": errors.Conflict,
    "OperationDenied.InstanceOperationInProgress": errors.Conflict,
    "MutexOperation.TaskRunning": errors.Conflict,
    "InvalidInstanceNotSupportedPrepaidInstance": errors.Conflict,
    "FailedOperation.Unreturnable": errors.Conflict,
    "FailedOperation.InvalidInstanceApplicationRoleEmr": errors.Conflict,
    "LimitExceeded.UserReturnQuota": errors.Conflict,
    "InvalidAccount.UnpaidOrder": errors.Conflict,
    "InvalidInstance.NotSupported": errors.Conflict,
    "ResourceBusy": errors.Conflict,
    "ResourceUnavailable.Attached": errors.Conflict,
    "ResourceUnavailable.NotPortable": errors.Conflict,
    "ResourceUnavailable.NotSupportRefund": errors.Conflict,
    "ResourceUnavailable.NotSupported": errors.Conflict,
    "ResourceUnavailable.Expire": errors.Conflict,
    "ResourceUnavailable.RepeatRefund": errors.Conflict,
    "InvalidDisk.Busy": errors.Conflict,
    "InvalidDisk.Expire": errors.Conflict,
    "InvalidDisk.NotPortable": errors.Conflict,
    "InsufficientRefundQuota": errors.Conflict,
    "ResourceInsufficient.OverRefundQuota": errors.Conflict,
    "TradeDealConflict": errors.Conflict,
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
