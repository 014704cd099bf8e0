"""Deletions: what forbids them, the calls that they take, and how they end."""

from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import NotImplementedByProvider, Refused
from cloudmux_py.cloudprovider.region import DEFAULTS, DeleteOptions, Deletion
from cloudmux_py.cloudprovider.status import DELETING, ISOLATED, STOPPING

from .binding import Binding
from .calling import Calling, R
from .paging import Params
from .raw import Raw

REQUEST_ID = "RequestId"
"""Every answer of a cloud has one: JSON without it comes from somebody else, and is no acceptance."""


class Prepared(NamedTuple):
    """The call that will delete a row.

    Attributes:
        api: The call.
        params: Its parameters.
        second: Whether it is the second one of a deletion that takes two.
    """

    api: Any
    params: Params
    second: bool = False


class Deleting(Calling):
    """Deletes every type whose binding says how."""

    def refusal(self, row: type[R], id: str, options: DeleteOptions = DEFAULTS) -> tuple[R, str]:
        """The row as it is now, and why it must not be deleted, or nothing.

        Raises:
            NotFound: It is gone.
            NotImplementedByProvider: The cloud cannot delete the type, or lacks one of the options.
            Refused: The account is read-only.
        """
        binding = self._deletable(row, options)
        raw = self._get(binding, id)
        found = self._bind(binding.parse(raw))
        if _half_deleted(binding, raw, found.status):
            return found, ""
        reason = _refusal(found.status, options) or (binding.refuse(raw) if binding.refuse else "")
        stop = binding.stop
        if not reason and stop and stop.required and not options.stop_first and found.status not in stop.stopped:
            reason = f"it is {found.status}, and only what is stopped can be deleted: --stop-first stops it"
        return found, reason

    def prepare_delete(self, row: type[R], id: str, options: DeleteOptions = DEFAULTS) -> Prepared:
        """The call that will delete; nothing is changed yet.

        Raises:
            NotFound: It is gone.
            NotImplementedByProvider: The cloud cannot delete the type, or lacks one of the options.
            Refused: Such a call would destroy what is in the recycle bin, unasked.
        """
        binding = self._deletable(row, options)
        self._check_id(id)
        if binding.then:
            raw = self._find(binding, id)
            if _half_deleted(binding, raw, binding.parse(raw).status):
                return Prepared(binding.then.call, binding.then.by(id), second=True)
        if binding.delete_call:
            raw = self._get(binding, id)
            # The same call twice can destroy for good: it may have been isolated since anybody looked.
            if reason := _refusal(binding.parse(raw).status, options):
                raise Refused(f"{self.provider} {self.id} {id}: {reason}")
            prepared = Prepared(*binding.delete_call(raw, options))
            assert prepared.api in binding.delete_calls, "delete_calls must name every call"
            return prepared
        assert binding.delete_by
        return Prepared(binding.delete, binding.delete_by(id, options))

    def delete(
        self, row: type[R], id: str, options: DeleteOptions = DEFAULTS, prepared: Prepared | None = None
    ) -> Deletion:
        """Ask the cloud to delete; sent once, and returns when the cloud accepted.

        Args:
            row: The resource type.
            id: Id in the cloud.
            options: How.
            prepared: What `prepare_delete` gave; it is asked for without.

        Raises:
            NotFound: It is gone already.
            Conflict: The cloud refuses.
        """
        binding = self._deletable(row, options)
        call = prepared or self.prepare_delete(row, id, options)
        reply = self._call(binding, call.api, call.params, id, once=True)
        ends, note = binding.ends(reply, options) if binding.ends else ("gone", "")
        return Deletion(reply.text(REQUEST_ID), ends, note)

    def watch(self, row: type[R], id: str) -> tuple[R, bool]:
        """The row as it is, and whether the second call of its deletion is due (`follow`).

        Raises:
            NotFound: It is gone.
        """
        binding = self.binding(row)
        raw = self._find(binding, id)
        return self._bind(binding.parse(raw)), bool(binding.then and binding.then.when(raw))

    def follow(self, row: type[R], id: str) -> Deletion:
        """Send the second call of a deletion that takes two; sent once."""
        binding = self.binding(row)
        assert binding.then
        reply = self._call(binding, binding.then.call, binding.then.by(id), id, once=True)
        return Deletion(reply.text(REQUEST_ID))

    def stop(self, row: type[R], id: str, timeout: float = 300.0) -> None:
        """Stop what runs, and wait until it has stopped; does nothing where nothing runs.

        Raises:
            NotImplementedByProvider: The cloud cannot stop the type.
            NotFound: It is gone.
            WaitTimeout: It did not stop in time.
        """
        from .wait import wait_stopped

        stop = self._deletable(row, DeleteOptions(stop_first=True)).stop
        assert stop
        status = self.get(row, id).status
        if status in stop.stopped:
            return
        if status != STOPPING:  # the clouds refuse to stop what is stopping
            reply = self._call(self.binding(row), stop.call, stop.by(id), id, once=True)
            reply.text(REQUEST_ID)
        wait_stopped(self, row, id, stop.stopped, timeout, self.account.client.clock)

    def wait_gone(
        self, row: type[R], id: str, timeout: float = 300.0, *, final: bool = False, second: bool = False
    ) -> str:
        """Wait until an accepted deletion ended: ``gone``, or ``isolated`` in the recycle bin where it was not `final`.

        The second call of a deletion that takes two is sent when it is due, unless it was (`second`).

        Raises:
            WaitTimeout: It did not in time.
        """
        from .wait import wait_gone

        return wait_gone(self, row, id, timeout, self.account.client.clock, final=final, second=second)

    def _deletable(self, row: type[R], options: DeleteOptions) -> Binding[R, Any]:
        binding = self.binding(row)
        if not binding.deletes:
            raise NotImplementedByProvider(f"deleting {row.word()}", self.provider)
        wanted = {name for name, value in options._asdict().items() if value is True}
        if lacking := wanted - binding.options:
            raise NotImplementedByProvider(f"deleting {row.word()} with {', '.join(sorted(lacking))}", self.provider)
        if self.account.client.read_only:  # the client would refuse the call; nothing need be asked before
            raise Refused(f"{self.provider} {self.id}: the account is read-only: nothing was deleted or stopped")
        return binding


def _half_deleted(binding: Binding[Any, Any], raw: Raw, status: str) -> bool:
    """Whether the first call of a deletion that takes two has worked, and nobody has sent the second."""
    return status == DELETING and bool(binding.then and binding.then.when(raw))


def _refusal(status: str, options: DeleteOptions) -> str:
    """Why what has a status must not be deleted with these options, or nothing."""
    if status == DELETING:
        return "it is being deleted already"
    if status == ISOLATED and not options.final:
        return "it is in the recycle bin already; --final destroys it for good, where the cloud offers that"
    if status != ISOLATED and options.final:
        return "it is not in the recycle bin: delete it without --final first"
    return ""
