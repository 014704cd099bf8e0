"""Alibaba Cloud resource groups: ResourceManager 2020-03-31 ListResourceGroups, GetResourceGroup."""

from functools import partial

from cloudmux_py.cloudprovider.status import AVAILABLE, CREATING, DELETING
from cloudmux_py.engine.paging import PageNumber
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.project import Project

from .client import Binding, Rpc

api = partial(Rpc, "resourcemanager", "2020-03-31")

STATUS = {"OK": AVAILABLE, "Creating": CREATING, "PendingDelete": DELETING, "Deleting": DELETING, "Deleted": DELETING}


def parse(r: Raw) -> Project:
    """A row of ListResourceGroups; people know a group by its display name."""
    return Project(
        external_id=r.text("Id"),
        name=r.text("DisplayName", "") or r.text("Name", "") or r.text("Id"),
        status=STATUS.get(r.text("Status", ""), r.text("Status", AVAILABLE)),
        created_at=r.time("CreateDate"),
    )


BINDING = Binding[Project](
    parse=parse,
    list=api("ListResourceGroups"),
    rows="ResourceGroups.ResourceGroup",
    id="Id",
    paging=PageNumber(100, "TotalCount"),
    regional=False,
    get=api("GetResourceGroup"),
    get_by=lambda id: {"ResourceGroupId": id},
    row="ResourceGroup",
    gone=frozenset({"EntityNotExists.ResourceGroup"}),
)
