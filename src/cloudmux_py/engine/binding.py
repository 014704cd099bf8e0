"""How one resource type is had from one cloud: facts as data, and one pure function."""

import sys
from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType
from typing import Generic, TypeVar

from cloudmux_py.cloudprovider.access import AccessInfo
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.resource import ICloudResource

from .facts import Facts
from .paging import Params, Style
from .raw import Raw

R = TypeVar("R", bound=ICloudResource)
A = TypeVar("A")

NOTHING: Params = MappingProxyType({})


class RegionList(Facts, Generic[A], kw_only=True):
    """The call that lists the regions of a service. A region that comes twice, as with its zones, counts once.

    Attributes:
        call: The API.
        params: Its parameters.
        rows: Path of the list in the reply.
        id: Key of a region's id.
        name: Key of its name for people.
        state: Key of its state; empty where all can be used.
        open: The state of a region that can be used.
    """

    call: A
    rows: str
    id: str
    name: str
    state: str = ""
    open: str = ""
    params: Params = NOTHING


class Extra(Facts, Generic[A], kw_only=True):
    """A further call of a get: what the call that gets a row does not tell, such as its protection.

    Attributes:
        call: The API.
        by: Its parameters, from an id.
        of: Instead: its parameters, from the row that was got, as where the call is about the row's kind.
        row: Path of what is wanted in the reply, an object; empty for the whole reply.
        holds: Path that the reply must have, by default `row`: without it nobody knows what it does not tell.
        under: Key under which it joins the row that `parse`, `refuse` and the like see.
        when: Whether a row needs it; every row does without.
    """

    call: A
    by: Callable[[str], Params] | None = None
    of: Callable[[Raw], Params] | None = None
    row: str = ""
    holds: str = ""
    under: str
    when: Callable[[Raw], bool] | None = None

    def __post_init__(self) -> None:
        if bool(self.by) == bool(self.of):
            raise TypeError(f"a further call under {self.under!r} needs either by or of")

    def params(self, id: str, raw: Raw) -> Params:
        """Its parameters, for a row."""
        if self.of:
            return self.of(raw)
        assert self.by
        return self.by(id)

    def wanted(self, raw: Raw) -> bool:
        """Whether it is made for a row."""
        return self.when is None or self.when(raw)


class Details(Facts, Generic[A], kw_only=True):
    """The call that gets the rows of a list that tells names alone; what it answers must be what it was asked for.

    Attributes:
        call: The API.
        by: Its parameters, from names.
        size: How many names it takes at once.
        rows: Path of the rows in its reply; they are what `parse` and `id` of the binding read.
        name: Key of the name, in a listed item and in a row.
    """

    call: A
    by: Callable[[Sequence[str]], Params]
    size: int
    rows: str
    name: str


class Then(Facts, Generic[A], kw_only=True):
    """The second call of a deletion that takes two: sent once, when the first one has worked.

    Attributes:
        call: The API.
        by: Its parameters, from an id.
        when: Whether the row is ready for it.
    """

    call: A
    by: Callable[[str], Params]
    when: Callable[[Raw], bool]


class Stop(Facts, Generic[A], kw_only=True):
    """The call that stops what runs, so that it can be deleted.

    Attributes:
        call: The API.
        by: Its parameters, from an id.
        stopped: The statuses, in our words, in which nothing is left to stop.
        required: Whether the cloud deletes only what is stopped.
    """

    call: A
    by: Callable[[str], Params]
    stopped: frozenset[str]
    required: bool = False


class Binding(Facts, Generic[R, A], kw_only=True):
    """The facts of one type on one cloud, and `parse`, which makes a row of a reply's object.

    Attributes:
        parse: From a reply's object to a row; pure.
        list: The call that lists; `rows` is where its rows are, `id` the key of an id in a row.
        paging: How it pages, and what proves that all came.
        details: The call that gets the rows, where the list tells names alone.
        filters: Constant parameters of the list call; several where the cloud keeps the type in several lists.
        regional: False where one list holds all regions' rows; it is then asked for at the home region alone.
        unlisted: Rows that the cloud has and does not list, such as a default project.
        get: The call that gets one; `get_by` makes its parameters of an id.
        row: Path of the object, or of the list that holds it, in the reply of `get`; ``.`` where the reply itself is
            the object, empty where it answers as the list does.
        extras: Further calls of a get.
        batch: How many ids `ask_by` takes at once; 0 where ids are asked one by one.
        ask_by: Parameters of `get` for many ids; it must answer as the list does.
        delete: The call that deletes; `delete_by` makes its parameters of an id and options. None where the cloud, or
            we, cannot delete the type.
        delete_call: Instead of both: the call and its parameters from the row as `get` gives it, for clouds that have
            one call a billing type, or a further one for what is isolated.
        delete_calls: The calls that `delete_call` chooses from.
        then: The second call of a deletion that takes two.
        stop: The call that stops what runs.
        options: The `DeleteOptions` that this cloud has for the type, beside ``client_token``.
        gone: The exact codes that name this resource as gone. Never a look-alike.
        gone_as: The cloud's word in a row that is still answered though the resource is gone, such as ``Released``;
            empty for one that is not.
        get_only: Columns that only `get` fills.
        lacks: Columns that this cloud never tells.
        identity: From an id to the key it is compared by; for clouds whose ids fold case.
        refuse: Why a row as `get` gives it must not be deleted, or nothing: protection flags and the like.
        ends: From the reply of the deletion to what becomes of the resource: ``gone`` or ``isolated``, and a note
            until when.
        access: Addresses and ports of a row as `get` gives it.
        regions: The service's own region list; None where the cloud's general one serves.
        served: Regions known to have the service, where no call lists them: in any other whose host does not resolve,
            the service is not offered.
    """

    parse: Callable[[Raw], R]
    list: A
    rows: str
    id: str
    paging: Style
    details: Details[A] | None = None
    filters: tuple[Params, ...] = (NOTHING,)
    regional: bool = True
    unlisted: tuple[Params, ...] = ()
    get: A
    get_by: Callable[[str], Params]
    row: str = ""
    extras: tuple[Extra[A], ...] = ()
    batch: int = 0
    ask_by: Callable[[Sequence[str]], Params] | None = None
    delete: A | None = None
    delete_by: Callable[[str, DeleteOptions], Params] | None = None
    delete_call: Callable[[Raw, DeleteOptions], tuple[A, Params]] | None = None
    delete_calls: tuple[A, ...] = ()
    then: Then[A] | None = None
    stop: Stop[A] | None = None
    options: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    gone_as: Callable[[Raw], str] | None = None
    get_only: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    identity: Callable[[str], str] = str
    refuse: Callable[[Raw], str] | None = None
    ends: Callable[[Raw, DeleteOptions], tuple[str, str]] | None = None
    access: Callable[[Raw], AccessInfo] | None = None
    regions: RegionList[A] | None = None
    served: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        reason = self.paging.check() or next((reason for wrong, reason in self._mistakes() if wrong), "")
        if reason:
            file = getattr(sys.modules.get(self.parse.__module__), "__file__", self.parse.__module__)
            raise TypeError(f"{file}: binding: {reason}")

    def _mistakes(self) -> Iterator[tuple[bool, str]]:
        """What cannot work, and why."""
        yield bool(self.batch) != bool(self.ask_by), "batch and ask_by go together"
        yield self.batch == 1, "a batch must have room for a witness"
        yield (
            not self.gone and not self.ask_by,
            ("needs the codes of a gone resource, or ask_by: absence could never be proved"),
        )
        yield bool(self.details and not self.row), "details needs row: a get does not answer as the list does"
        yield bool(self.details and self.ask_by), "details and ask_by do not go together"
        yield bool(self.delete) != bool(self.delete_by), "delete and delete_by go together"
        yield bool(self.delete and self.delete_call), "delete or delete_call, not both"
        yield bool(self.delete_call) != bool(self.delete_calls), "delete_call and delete_calls go together"
        yield "final" in self.options and not self.delete_call, "final needs delete_call, which makes the second call"
        yield bool(self.stop) != ("stop_first" in self.options), "stop and the option stop_first go together"
        yield not self.filters, "filters needs one set of parameters at least"

    @property
    def deletes(self) -> bool:
        """Whether the type can be deleted."""
        return bool(self.delete or self.delete_call)

    def id_of(self, raw: Raw) -> str:
        """A row's id, as calls take it."""
        return raw.text(self.id)

    def key_of(self, raw: Raw) -> str:
        """A row's id, as it is compared."""
        return self.identity(raw.text(self.id))

    def listed_key(self, raw: Raw) -> str:
        """What a listed item is compared by: its id, or its name where the list tells names alone."""
        return raw.text(self.details.name) if self.details else self.key_of(raw)

    def gone_word(self, raw: Raw) -> str:
        """The cloud's word if the row itself says that the resource is gone; else nothing."""
        return self.gone_as(raw) if self.gone_as else ""
