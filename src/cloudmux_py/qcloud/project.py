"""Tencent Cloud projects: tag 2018-08-13 DescribeProjects; the default project 0 is in no list."""

from functools import partial

from cloudmux_py.cloudprovider.status import AVAILABLE
from cloudmux_py.engine.paging import Offset
from cloudmux_py.engine.raw import BEIJING, Raw
from cloudmux_py.resources.project import Project

from .client import Api, Binding

api = partial(Api, "tag", "2018-08-13")

HIDDEN_TOO = {"AllList": 1}
"""Rows may belong to a project that its owner has hidden."""


def parse(r: Raw) -> Project:
    """A row of DescribeProjects; its times are Beijing's (guess)."""
    id = r.text("ProjectId")
    return Project(
        external_id=id,
        name=r.text("ProjectName", "") or id,
        status=AVAILABLE,
        created_at=r.time("CreateTime", BEIJING),
    )


BINDING = Binding[Project](
    parse=parse,
    list=api("DescribeProjects"),
    rows="Projects",
    id="ProjectId",
    paging=Offset(1000, "Total"),
    filters=(HIDDEN_TOO,),
    regional=False,
    unlisted=({"ProjectId": 0, "ProjectName": "Default project"},),
    get=api("DescribeProjects"),
    get_by=lambda id: {**HIDDEN_TOO, "Offset": 0, "Limit": 1000, "ProjectId": int(id) if id.isdecimal() else id},
    batch=1000,
    # No code says that a project is gone; a list of more than a page proves nothing.
    ask_by=lambda ids: {**HIDDEN_TOO, "Offset": 0, "Limit": 1000},
)
