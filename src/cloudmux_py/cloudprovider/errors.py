"""Everything that can go wrong between us and a cloud.

The tree::

    CloudmuxError
    ├── CloudError                 what a cloud, or the way to it, answered
    │   ├── ConnectFailed          retryable: the request did not arrive, or may not have
    │   ├── TimedOut               retryable
    │   ├── Throttled              retryable
    │   ├── ServerFault            retryable
    │   ├── NotFound               the cloud says by its own code, or by an empty answer, that the id is gone
    │   ├── AuthFailed             the credentials are wrong, expired or unknown
    │   │   └── MissingCredentials
    │   ├── Denied                 the credentials are right, but may not do this
    │   ├── InvalidParam
    │   ├── Conflict               the cloud refuses: busy, protected, prepaid, not empty
    │   ├── ServiceNotOpen         the account has not opened this service
    │   ├── MalformedResponse      an answer that cannot be what the API documents
    │   ├── PaginationError        a listing that did not prove itself complete
    │   │   └── Drift              … because the cloud changed meanwhile: repeat it whole
    │   └── UnknownRegion
    ├── NotImplementedByProvider   this cloud lacks the resource type or the operation
    ├── WaitTimeout                it was accepted, but did not end in time
    ├── Refused                    we refuse: protected, locked, read-only, already running
    └── UsageError                 the caller asked for what cannot be: a wrong option, an ambiguous name
        └── BrokenPlugin           … or for a type of another distribution that cannot be used
"""

from typing import Any, ClassVar


class CloudmuxError(Exception):
    """Base of all errors that a user can meet; ``str()`` is one line."""

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False
    attempts: ClassVar[int] = 8
    """How often a call that fails so is sent at most, within its time."""


class CloudError(CloudmuxError):
    """A call to a cloud failed.

    Attributes:
        message: What the cloud, or we, say of it.
        provider: ``aliyun``, ``qcloud``, …
        region: The region that was called.
        action: The API action, such as ``ListInstance``.
        resource: The id that it was about, if one.
        code: The cloud's own, whole error code; empty if it gave none.
        request_id: The cloud's id of the request.
        retry_after: Seconds that the cloud asks us to wait, or None.
        sent: False only where the request certainly never left; a delete may be repeated only then.
    """

    advice: str = ""

    def __init__(
        self,
        message: str = "",
        *,
        provider: str = "",
        region: str = "",
        action: str = "",
        resource: str = "",
        code: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        sent: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.region = region
        self.action = action
        self.resource = resource
        self.code = code
        self.request_id = request_id
        self.retry_after = retry_after
        self.sent = sent

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, dict(self.__dict__))

    def __str__(self) -> str:
        where = " ".join(filter(None, (self.provider, self.region, self.action, self.resource)))
        what = ": ".join(filter(None, (where, self.code, " ".join(self.message.split()))))
        tail = f" (request id {self.request_id})" if self.request_id else ""
        return f"{what}{tail}{'; ' + self.advice if self.advice else ''}"


def _rebuild(kind: type[CloudError], message: str, attributes: dict[str, Any]) -> CloudError:
    error = kind(message)
    error.__dict__.update(attributes)
    return error


class ConnectFailed(CloudError):
    """The host could not be resolved or reached, or the connection broke."""

    retryable = True
    advice = "check the network, the proxy and the endpoint"


class HostNotFound(ConnectFailed):
    """The host's name did not resolve: often a region that does not exist, or lacks the service."""

    attempts = 3


class TimedOut(CloudError):
    """No whole answer came in time."""

    retryable = True


class Throttled(CloudError):
    """The cloud's rate limit."""

    retryable = True
    advice = "try again later"


class ServerFault(CloudError):
    """The cloud failed inside."""

    retryable = True
    advice = "the cloud failed inside; try again later"


class NotFound(CloudError):
    """The resource is not there; ``code`` is set only where the cloud named it as gone (strong proof)."""

    exit_code = 3

    @classmethod
    def from_(cls, error: CloudError) -> "NotFound":
        """What the cloud answered, known to mean that the resource is gone."""
        found = cls(error.message)
        found.__dict__.update(error.__dict__)
        return found


class AuthFailed(CloudError):
    """The cloud does not accept the credentials."""

    exit_code = 4
    advice = "check the access key and its secret"


class MissingCredentials(AuthFailed):
    """No credentials were given."""

    advice = ""


class ClockSkew(AuthFailed):
    """The cloud refuses the time of the request."""

    advice = "set this machine's clock right"


class Denied(CloudError):
    """The credentials may not do this; ``advice`` names what they lack, as the cloud's policies spell it."""

    exit_code = 4
    advice = "grant this action to the user"


class InvalidParam(CloudError):
    """The cloud does not accept a parameter."""


class Conflict(CloudError):
    """The cloud refuses in the resource's present state."""


class ServiceNotOpen(CloudError):
    """The account has not opened the service: it can hold no such resource."""


class MalformedResponse(CloudError):
    """The answer is not what the API documents; ``message`` names the path and shows an excerpt."""


class PaginationError(CloudError):
    """A listing did not prove itself complete; ``message`` names the page."""


class Drift(PaginationError):
    """The cloud changed while it was listed; repeating the whole listing may succeed."""


class UnknownRegion(CloudError):
    """The cloud has no such region, or does not offer the service there."""

    exit_code = 2


class NotImplementedByProvider(CloudmuxError):
    """The provider lacks this resource type or operation."""

    exit_code = 2

    def __init__(self, what: str, provider: str) -> None:
        super().__init__(what, provider)
        self.what = what
        self.provider = provider

    def __str__(self) -> str:
        return f"{self.what} is not implemented for {self.provider}"


class WaitTimeout(CloudmuxError):
    """The cloud accepted it, but it did not end within the time given."""

    exit_code = 5


class Refused(CloudmuxError):
    """We refuse, before the cloud is asked to do it."""

    exit_code = 6


class UsageError(CloudmuxError):
    """The caller asked for something that cannot be."""

    exit_code = 2


class BrokenPlugin(UsageError):
    """A resource type of another distribution that cannot be used.

    Attributes:
        keyword: The type.
        distribution: What brings it.
        reason: What is wrong with it.
    """

    def __init__(self, keyword: str, distribution: str, reason: str) -> None:
        super().__init__(f"the resource type {keyword} of {distribution} cannot be used: {' '.join(reason.split())}")
        self.keyword = keyword
        self.distribution = distribution
        self.reason = reason
