"""A region of any cloud: lists, gets and deletes every type that has a binding."""

from typing import TYPE_CHECKING, Any

from cloudmux_py.cloudprovider.errors import NotImplementedByProvider

from .asking import Asking
from .deleting import Deleting
from .reading import Reading


class Region(Reading, Asking, Deleting):
    """One region of one account; `SRegion` of each cloud adds the named methods of its types."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Named methods of types that this cloud lacks say so; mypy reports them before."""
            if name.split("_", maxsplit=1)[0] in {"get", "iter", "delete"}:
                raise NotImplementedByProvider(name, self.__dict__.get("provider", "this provider"))
            raise AttributeError(name)
