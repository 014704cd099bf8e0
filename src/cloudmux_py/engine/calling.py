"""How a region calls its cloud for a type, and finds one object by its id."""

import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

from cloudmux_py.cloudprovider.errors import (
    CloudError,
    HostNotFound,
    NotFound,
    NotImplementedByProvider,
    UnknownRegion,
    UsageError,
)
from cloudmux_py.cloudprovider.region import ICloudRegion
from cloudmux_py.cloudprovider.resource import ICloudResource

from .binding import Binding, Extra
from .bindings import find_binding
from .paging import Params, rows_of
from .raw import Raw

if TYPE_CHECKING:
    from .account import Account

R = TypeVar("R", bound=ICloudResource)

REGION_ID = re.compile(r"[A-Za-z0-9_ -]{1,64}")


class Calling:
    """What reading, asking and deleting have in common.

    Args:
        account: The account, which holds the client.
        id: The region's id.

    Raises:
        UsageError: It is none that any cloud has; hosts are made of it.
    """

    def __init__(self, account: "Account[Any]", id: str) -> None:
        if not REGION_ID.fullmatch(id):
            raise UsageError(f"{id[:100]!r} is no region")
        self.account = account
        self.id = id
        self.provider = account.name

    def binding(self, row: type[R]) -> Binding[R, Any]:
        """How this cloud has a type.

        Raises:
            NotImplementedByProvider: It does not.
        """
        binding = find_binding(row, self.provider)
        if binding is None:
            raise NotImplementedByProvider(row.word(), self.provider)
        return binding

    def get(self, row: type[R], id: str) -> R:
        """One row by its id.

        Raises:
            NotFound: It is gone; with the cloud's code if the cloud named it.
        """
        binding = self.binding(row)
        return self._bind(binding.parse(self._get(binding, id)))

    def _call(self, binding: Binding[Any, Any], api: Any, params: Params, id: str = "", *, once: bool = False) -> Raw:
        try:
            return self.account.client.call(api, params, self.id, once=once)
        except (HostNotFound, UnknownRegion) as error:
            error.resource = id
            self.account.check_region(self.id)
            if isinstance(error, HostNotFound) and binding.served and self.id not in binding.served:
                where = {"provider": self.provider, "region": self.id, "action": api.action}
                raise UnknownRegion("the cloud does not offer this here", **where) from error
            raise
        except CloudError as error:
            error.resource = id
            if id and error.code in binding.gone:
                raise NotFound.from_(error) from error
            raise

    def _get(self, binding: Binding[Any, Any], id: str) -> Raw:
        """The object of an id, with what its further calls tell.

        Raises:
            NotFound: It is gone; with the cloud's code, or its word in the row, if the cloud named it.
        """
        raw = self._find(binding, id)
        for extra in binding.extras:
            if extra.wanted(raw):
                reply = self._call(binding, extra.call, extra.params(id, raw), id)
                _check_answer(reply, extra)
                raw.data[extra.under] = reply.at(extra.row).data if extra.row else reply.data
        return raw

    def _find(self, binding: Binding[Any, Any], id: str) -> Raw:
        self._check_id(id)
        key = binding.identity(id)
        for values in binding.unlisted:
            if binding.key_of(Raw(values)) == key:
                return Raw(dict(values))
        reply = self._call(binding, binding.get, binding.get_by(id), id)
        request = reply.text("RequestId", "")
        word = ""
        found, alone = candidates(reply, binding)
        for raw in found:
            if binding.key_of(raw) == key:
                word = binding.gone_word(raw)
                if not word:
                    return raw
            elif alone:
                raise raw.malformed(binding.id, f"the id {id} that was asked for", raw.any(binding.id))
        where = {"provider": self.provider, "region": self.id, "action": binding.get.action, "resource": id}
        raise NotFound("the cloud knows no such id here", code=word, request_id=request, **where)

    def _bind(self, row: R) -> R:
        row.region = cast("ICloudRegion", self)  # who calls is a whole region
        return row

    def _check_id(self, id: str) -> None:
        if not id.strip() or len(id) > 256 or not id.isprintable():
            raise UsageError(f"{id!r} is no id")


def _check_answer(reply: Raw, extra: Extra[Any]) -> None:
    key = extra.holds or extra.row
    if key and not reply.has(key):
        raise reply.malformed(key, "an answer", None)


def candidates(reply: Raw, binding: Binding[Any, Any]) -> tuple[list[Raw], bool]:
    """The objects of a get's reply, and whether there is but one, which then must be the one that was asked for."""
    if binding.row == ".":
        return [reply], True
    if not binding.row:
        total = reply.number(binding.paging.total, None) if binding.paging.total else None
        return rows_of(reply, binding.rows, total), False
    if isinstance(reply.any(binding.row), list):
        return list(reply.each(binding.row)), False
    return [reply.at(binding.row)], True
