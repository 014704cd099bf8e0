"""What a region of any cloud can do, and the one line that gives a resource type its named methods."""

from collections.abc import Iterator, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, overload

from .access import AccessInfo
from .resource import ICloudResource

R = TypeVar("R", bound=ICloudResource)
R_co = TypeVar("R_co", bound=ICloudResource, covariant=True)
C_co = TypeVar("C_co", covariant=True)


class Page(NamedTuple, Generic[R]):
    """One page of a list.

    Attributes:
        items: The rows of the page, in the cloud's order.
        total: The number of rows on all pages, or None where the cloud does not say.
    """

    items: list[R]
    total: int | None


class DeleteOptions(NamedTuple):
    """How to delete.

    Attributes:
        recoverable: Keep it restorable for as long as the cloud offers, where it offers that.
        final: On an isolated resource: destroy it for good.
        stop_first: Stop what runs.
        client_token: Makes the cloud treat a repeated call as one, where it can; at most 64 ASCII characters.
    """

    recoverable: bool = False
    final: bool = False
    stop_first: bool = False
    client_token: str = ""


class Deletion(NamedTuple):
    """What the cloud accepted.

    Attributes:
        request_id: The cloud's id of the request.
        ends: ``gone``, or ``isolated`` where the cloud keeps it in a recycle bin first.
        note: One line for the user, such as until when it can be restored; empty if none.
    """

    request_id: str
    ends: str = "gone"
    note: str = ""


DEFAULTS = DeleteOptions()


class ICloudRegion(Protocol):
    """One region of one account: lists, gets and deletes resources of every type that the cloud has."""

    id: str
    provider: str

    def page(self, row: type[R], *, size: int | None = None, page: int = 1) -> Page[R]:
        """One page of the cloud's list."""

    def iter(self, row: type[R]) -> Iterator[R]:
        """All rows; ends normally only if the listing proved itself complete."""

    def get(self, row: type[R], id: str) -> R:
        """One row by its id; raises `NotFound`."""

    def delete(self, row: type[R], id: str, options: DeleteOptions = DEFAULTS) -> Deletion:
        """Ask the cloud to delete; returns when it accepted."""

    def access_info(self, row: type[R], id: str) -> AccessInfo:
        """Addresses and ports, live."""


class PageCall(Protocol[R]):
    """``items, total = region.get_xs(size=50, page=1)``."""

    def __call__(self, *, size: int | None = None, page: int = 1) -> Page[R]:
        """One page of the cloud's list."""


class IterCall(Protocol[R_co]):
    """``for x in region.iter_xs(): …``."""

    def __call__(self) -> Iterator[R_co]:
        """All rows, proved complete, or `PaginationError`."""


class GetCall(Protocol[R_co]):
    """``x = region.get_x(id)``."""

    def __call__(self, id: str) -> R_co:
        """One row by its id; raises `NotFound`."""


class DeleteCall(Protocol):
    """``region.delete_x(id)``."""

    def __call__(self, id: str, options: DeleteOptions = DEFAULTS) -> Deletion:
        """Ask the cloud to delete; returns when it accepted."""


class Method(Generic[C_co]):
    """A named method that hands its row type to the region's generic one."""

    def __init__(self, generic: str, row: type[ICloudResource]) -> None:
        self.generic = generic
        self.row = row

    @overload
    def __get__(self, region: None, owner: type) -> "Method[C_co]": ...
    @overload
    def __get__(self, region: object, owner: type) -> C_co: ...
    def __get__(self, region: object | None, owner: type) -> Any:
        if region is None:
            return self
        generic, row = getattr(region, self.generic), self.row
        return lambda *args, **options: generic(row, *args, **options)


def methods(
    row: type[R],
) -> tuple[Method[PageCall[R]], Method[IterCall[R]], Method[GetCall[R]], Method[DeleteCall]]:
    """The named methods of one resource type: one page, all rows, one row, delete."""
    return Method("page", row), Method("iter", row), Method("get", row), Method("delete", row)


class RegionInfo(NamedTuple):
    """A region as the cloud names it.

    Attributes:
        id: Such as ``cn-beijing``.
        name: The cloud's own name for people.
        available: False where the cloud lists it as sold out or closed.
    """

    id: str
    name: str
    available: bool = True


class Identity(NamedTuple):
    """Who the credentials belong to.

    Attributes:
        account_id: The cloud account: what a cache row belongs to.
        user_id: The user or role within it.
        arn: The cloud's own full name of the caller.
        kind: The cloud's word for the kind of caller, such as ``RAMUser``.
    """

    account_id: str
    user_id: str
    arn: str
    kind: str


class ICloudProvider(Protocol):
    """One account of one cloud."""

    name: str

    def region(self, id: str) -> ICloudRegion:
        """A region of the account; no call is made."""

    def regions(self, row: type[ICloudResource] | None = None) -> Sequence[RegionInfo]:
        """The cloud's regions; with a type, those in which the cloud offers it."""

    def caller_identity(self) -> Identity:
        """Whose credentials these are."""

    def capabilities(self) -> frozenset[str]:
        """Keywords of the resource types that this cloud has here."""
