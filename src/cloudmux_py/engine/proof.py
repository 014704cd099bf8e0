"""What asking for an id proves: alive, gone (strongly or weakly), or nothing."""

from typing import Literal, NamedTuple

from cloudmux_py.cloudprovider.errors import CloudError


class Proof(NamedTuple):
    """The answer about one id.

    Attributes:
        state: ``alive``, ``gone``, or ``unknown`` where the answer proves nothing.
        strength: ``strong`` where the cloud named this resource as gone by its own code; ``weak`` where a
            well-formed answer lacked it while the same request returned a row known to live; ``unwitnessed``
            where there was no such row to ask for, so that the answer may as well mean "no permission".
        code: The cloud's code of a strong proof.
        request_id: The cloud's id of the request that proved it.
        error: Why nothing is proved, for ``unknown``.
    """

    state: Literal["alive", "gone", "unknown"]
    strength: Literal["strong", "weak", "unwitnessed", ""] = ""
    code: str = ""
    request_id: str = ""
    error: CloudError | None = None
