"""What asking for an id proves: alive, gone (strongly or weakly), or nothing."""

from typing import Literal, NamedTuple

from cloudmux_py.cloudprovider.errors import CloudError


class Proof(NamedTuple):
    """The answer about one id.

    Attributes:
        state: ``alive``, ``gone``, or ``unknown`` where the answer proves nothing.
        strength: ``strong`` where the cloud named this resource as gone by its own code; ``weak`` where an
            empty, well-formed answer lacked it while the same request returned a row known to live.
        code: The cloud's code of a strong proof.
        request_id: The cloud's id of the request that proved it.
        error: Why nothing is proved, for ``unknown``.
    """

    state: Literal["alive", "gone", "unknown"]
    strength: Literal["strong", "weak", ""] = ""
    code: str = ""
    request_id: str = ""
    error: CloudError | None = None


def gone(error: CloudError) -> Proof:
    """The proof that a NotFound carries: strong with the cloud's code, weak without."""
    return Proof("gone", "strong" if error.code else "weak", error.code, error.request_id)
