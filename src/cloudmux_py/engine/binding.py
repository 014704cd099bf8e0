"""How one resource type is had from one cloud: facts as data, and one pure function."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cloudmux_py.cloudprovider.access import AccessInfo
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.resource import ICloudResource

from .paging import Params, Style
from .raw import Raw

R = TypeVar("R", bound=ICloudResource)
A = TypeVar("A")


@dataclass(frozen=True, kw_only=True)
class RegionList(Generic[A]):
    """The call that lists the regions of a service.

    Attributes:
        call: The API.
        params: Its parameters.
        rows: Path of the list in the reply.
        id: Key of a region's id.
        name: Key of its name for people.
        state: Key of its state.
        open: The state of a region that can be used.
    """

    call: A
    rows: str
    id: str
    name: str
    state: str
    open: str
    params: Params


@dataclass(frozen=True, kw_only=True)
class Binding(Generic[R, A]):
    """The facts of one type on one cloud, and `parse`, which makes a row of a reply's object.

    Attributes:
        parse: From a reply's object to a row; pure.
        list: The call that lists; `rows` is where its rows are, `id` the key of an id in a row.
        paging: How it pages, and what proves that all came.
        filters: Constant parameters of the list call.
        get: The call that gets one; `get_by` makes its parameters of an id.
        row: Path of the object in the reply of `get`; empty where it answers as the list does.
        batch: How many ids `ask_by` takes at once; 0 where ids are asked one by one.
        ask_by: Parameters of `get` for many ids.
        delete: The call that deletes; `delete_by` makes its parameters of an id and options.
        options: The `DeleteOptions` that this cloud has for the type, beside ``client_token``.
        gone: The exact codes that name this resource as gone. Never a look-alike.
        get_only: Columns that only `get` fills.
        identity: From an id to the key it is compared by; for clouds whose ids fold case.
        refuse: Why a row as `get` gives it must not be deleted, or nothing: protection flags and the like.
        ends: From the deleted row to what becomes of it: ``gone`` or ``isolated``, and a note until when.
        access: Addresses and ports of a row as `get` gives it.
        regions: The service's own region list; None where the cloud's general one serves.
    """

    parse: Callable[[Raw], R]
    list: A
    rows: str
    id: str
    paging: Style
    filters: Mapping[str, Any] | None = None
    get: A
    get_by: Callable[[str], Params]
    row: str = ""
    batch: int = 0
    ask_by: Callable[[Sequence[str]], Params] | None = None
    delete: A
    delete_by: Callable[[str, DeleteOptions], Params]
    options: frozenset[str] = frozenset()
    gone: frozenset[str]
    get_only: frozenset[str] = frozenset()
    identity: Callable[[str], str] = str
    refuse: Callable[[Raw], str] | None = None
    ends: Callable[[Raw, DeleteOptions], tuple[str, str]] | None = None
    access: Callable[[Raw], AccessInfo] | None = None
    regions: RegionList[A] | None = None

    def __post_init__(self) -> None:
        reason = self.paging.check()
        if not reason and bool(self.batch) != bool(self.ask_by):
            reason = "batch and ask_by go together"
        if not reason and not self.gone and not self.ask_by:
            reason = "needs the codes of a gone resource, or ask_by: absence could never be proved"
        if reason:
            file = getattr(sys.modules.get(self.parse.__module__), "__file__", self.parse.__module__)
            raise TypeError(f"{file}: binding: {reason}")

    def id_of(self, raw: Raw) -> str:
        """A row's id, as calls take it."""
        return raw.text(self.id)

    def key_of(self, raw: Raw) -> str:
        """A row's id, as it is compared."""
        return self.identity(raw.text(self.id))
