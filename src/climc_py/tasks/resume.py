"""Going on with tasks that another process began."""

from collections.abc import Iterator, Sequence

from cloudmux_py.cloudprovider.errors import CloudmuxError
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.resources import resource_type

from ..models import row as rows
from ..models.task import Task
from ..store.database import Database
from .delete import Clouds, Deletion, Outcome, bury_gone, validate


def resume(database: Database, chosen: Sequence[Task], timeout: float) -> Iterator[Outcome]:
    """Go on with each task until it ends or its time is up; one that cannot be looked at stays as it is."""
    clouds = Clouds(database)
    for task in chosen:
        try:
            yield _resume_one(database, clouds, task, timeout)
        except CloudmuxError as error:
            text = " ".join(str(error).split())
            yield Outcome(task.obj_id, task.obj_name, task.external_id, task.id, task.stage, text, error)


def _resume_one(database: Database, clouds: Clouds, task: Task, timeout: float) -> Outcome:
    row = resource_type(task.obj_type)
    if task.stage == "planned":
        found = rows.by_id(database, row, task.obj_id)
        options = DeleteOptions(**task.options)
        target = validate(database, clouds, row, found, options, task)
        if target.seen is None:
            return bury_gone(database, row, target, task)
        return Deletion(database, task, target.region, timeout).run()
    _, region = clouds.region(task.account_id, task.region)
    return Deletion(database, task, region, timeout).resume()
