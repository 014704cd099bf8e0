"""Tencent Cloud's codes and what they mean, whole codes or the documented families, never message or status.

Sources: the common error codes of API 3.0 and the per-action lists in the vendor's SDKs.
"""

from cloudmux_py.cloudprovider import errors

CONFLICTS = frozenset(
    {
        "ResourceInUse",
        "FailedOperation.OpenDestroyProtection",
        "FailedOperation.RefundError",
        "FailedOperation.DeletionProtectionEnabled",
        "InvalidParameterValue.ChargeType",
        "InvalidParameterValue.IllegalStatusToOffline",
        "InvalidParameterValue.InstanceHasBeenIsolated",
        "InvalidParameterValue.LockFailed",
        "InvalidParameterValue.PrePaidInstanceUnableToIsolate",
        "InvalidParameterValue.StatusAbnormal",
        "UnsupportedOperation.StatusNotSupport",
        "UnsupportedOperation.HeteroScalingExecuting",
        "UnsupportedOperation.RouteTableHasSubnetRule",
        "InvalidAddressState",
        "InvalidAddressId.StatusNotPermit",
        "UnsupportedOperation.AddressStatusNotPermit",
        "OperationDenied.MutexTaskRunning",
        "DesOperation.MutexTaskRunning",
        "OperationDenied.AddressDeletionProtectionEnabled",
        "LimitExceeded.AccountReturnQuota",
        "UnsupportedOperation.UnpaidOrderAlreadyExists",
        "InvalidParameterValue.AddressTypeConflict",
        "InvalidParameterValue.AddressInternetChargeTypeConflict",
        "ResourceUnavailable.InstanceIsolated",
        "ResourceUnavailable.InstanceNoDeal",
        "ResourceUnavailable.InstanceStatusAbnormal",
        "ResourceUnavailable.InstanceStatusError",
        "InvalidParameterValue.UnSupportedType",
        "FailedOperation.CdbInstanceLockFailError",
        "OperationDenied",
        "OperationDenied.ActionNotSupport",
        "OperationDenied.InstanceLockerConflict",
        "OperationDenied.InstanceStatusError",
        "OperationDenied.UnSupportRefundError",
        "OperationDenied.WrongStatus",
        "UnsupportedOperation.InstancesProtected",
        "UnsupportedOperation.InstanceChargeType",
        "UnsupportedOperation.InstanceMixedPricingModel",
        "UnsupportedOperation.RedHatInstanceTerminateUnsupported",
        "UnsupportedOperation.InstanceStateIsolating",
        "UnsupportedOperation.InstanceStateLaunchFailed",
        "UnsupportedOperation.InstanceStatePending",
        "UnsupportedOperation.InstanceStateRebooting",
        "UnsupportedOperation.InstanceStateShutdown",
        "UnsupportedOperation.InstanceStateStarting",
        "UnsupportedOperation.InstanceStateStopped",
        "UnsupportedOperation.InstanceStateStopping",
        "UnsupportedOperation.InstanceStateTerminated",
        "UnsupportedOperation.InstanceStateTerminating",
        "OperationDenied.InstanceOperationInProgress",
        "MutexOperation.TaskRunning",
        "InvalidInstanceNotSupportedPrepaidInstance",
        "FailedOperation.Unreturnable",
        "FailedOperation.InvalidInstanceApplicationRoleEmr",
        "LimitExceeded.UserReturnQuota",
        "InvalidAccount.UnpaidOrder",
        "InvalidInstance.NotSupported",
        "ResourceBusy",
        "ResourceUnavailable.Attached",
        "ResourceUnavailable.NotPortable",
        "ResourceUnavailable.NotSupportRefund",
        "ResourceUnavailable.NotSupported",
        "ResourceUnavailable.Expire",
        "ResourceUnavailable.RepeatRefund",
        "InvalidDisk.Busy",
        "InvalidDisk.Expire",
        "InvalidDisk.NotPortable",
        "InsufficientRefundQuota",
        "ResourceInsufficient.OverRefundQuota",
        "TradeDealConflict",
    }
)
"""The cloud refuses in the resource's present state: busy, protected, prepaid, attached, not empty."""

CODES: dict[str, type[errors.CloudError]] = dict.fromkeys(CONFLICTS, errors.Conflict) | {
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
    "UnsupportedOperation.AppIdMismatch": errors.Denied,
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
