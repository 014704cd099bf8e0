"""AWS's codes and what they mean: whole codes, never messages, and never the HTTP status.

A resource that is not there is answered with 400, 404 or 409, and by a code of its own, which its binding names.

Sources: "Common errors" and the client and server error tables of the EC2 API reference; "Common Errors" of the
OpenSearch Service API reference; the error shapes of botocore's service models. Throttling codes: botocore
``retries/standard.py``.
"""

from cloudmux_py.cloudprovider import errors

CODES: dict[str, type[errors.CloudError]] = {
    "AuthFailure": errors.AuthFailed,
    "ExpiredToken": errors.AuthFailed,
    "ExpiredTokenException": errors.AuthFailed,
    "IncompleteSignature": errors.AuthFailed,
    "InvalidAccessKeyId": errors.AuthFailed,
    "InvalidClientTokenId": errors.AuthFailed,
    "InvalidSignatureException": errors.AuthFailed,
    "MissingAuthenticationToken": errors.AuthFailed,
    "MissingAuthenticationTokenException": errors.AuthFailed,
    "SignatureDoesNotMatch": errors.AuthFailed,
    "UnrecognizedClientException": errors.AuthFailed,
    "RequestExpired": errors.ClockSkew,
    "AccessDenied": errors.Denied,
    "AccessDeniedException": errors.Denied,
    "Blocked": errors.Denied,
    "NotAuthorized": errors.Denied,
    "UnauthorizedOperation": errors.Denied,
    "OptInRequired": errors.ServiceNotOpen,
    "BandwidthLimitExceeded": errors.Throttled,
    "EC2ThrottledException": errors.Throttled,
    "PriorRequestNotComplete": errors.Throttled,
    "RequestLimitExceeded": errors.Throttled,
    "RequestThrottled": errors.Throttled,
    "RequestThrottledException": errors.Throttled,
    "SlowDown": errors.Throttled,
    "Throttling": errors.Throttled,
    "ThrottlingException": errors.Throttled,
    "ThrottledException": errors.Throttled,
    "TooManyRequestsException": errors.Throttled,
    "InternalError": errors.ServerFault,
    "InternalException": errors.ServerFault,
    "InternalFailure": errors.ServerFault,
    "InternalServerError": errors.ServerFault,
    "RequestTimeout": errors.ServerFault,
    "ServiceUnavailable": errors.ServerFault,
    "ServiceUnavailableException": errors.ServerFault,
    "Unavailable": errors.ServerFault,
    "ConflictException": errors.Conflict,
    "DependencyViolation": errors.Conflict,
    "IncorrectInstanceState": errors.Conflict,
    "IncorrectState": errors.Conflict,
    "InvalidIPAddress.InUse": errors.Conflict,
    "InvalidInstanceAttributeValue": errors.InvalidParam,
    "InvalidParameter": errors.InvalidParam,
    "InvalidParameterCombination": errors.InvalidParam,
    "InvalidParameterValue": errors.InvalidParam,
    "MissingParameter": errors.InvalidParam,
    "OperationNotPermitted": errors.Conflict,
    "UnsupportedOperation": errors.Conflict,
    "ValidationError": errors.InvalidParam,
    "ValidationException": errors.InvalidParam,
    "VolumeInUse": errors.Conflict,
}


def error_type(code: str) -> type[errors.CloudError]:
    """What a code means; `CloudError` where nobody said."""
    return CODES.get(code, errors.CloudError)
