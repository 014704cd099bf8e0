"""``climc task-*``."""

import typer

from cloudmux_py.console.output import Listing, check_columns, show_list, show_object
from cloudmux_py.console.permit import permit, phrases_of
from cloudmux_py.console.rules import decide
from cloudmux_py.console.settings import Settings, settings
from cloudmux_py.console.terminal import note

from ..models import account as accounts
from ..models import task as tasks
from ..models.task import Task
from ..store.database import Database
from .session import act, permit_alone, reading, writing

SHOWN = ["id", "kind", "obj_type", "obj_name", "stage", "note", "created_at"]
OUTCOME = ["id", "name", "external_id", "task", "stage", "note"]


def task_list(
    ctx: typer.Context,
    stage: list[str] = typer.Option([], "--stage", help="Only in this stage, such as accepted."),
    obj_id: list[str] = typer.Option([], "--obj-id", help="Only of this row's id."),
    limit: int = typer.Option(20, min=0, help="At most this many; 0 for all."),
    offset: int = typer.Option(0, min=0, help="Leave out this many first."),
) -> None:
    """List tasks, the newest first."""
    chosen = settings(ctx)
    permit_alone(chosen)
    with reading(chosen) as database:
        found = tasks.tasks(database, stages=stage, obj_ids=obj_id)
    cut = found[offset : offset + limit] if limit else found[offset:]
    rows = [vars(task) for task in cut]
    show_list(chosen, Listing(rows, tasks.COLUMNS, SHOWN, "id", total=len(found), limit=limit, offset=offset))
    if offset + len(cut) < len(found):
        note(f"{len(cut)} of {len(found)} shown; --limit 0 for all")


def task_show(ctx: typer.Context, id: str = typer.Argument(metavar="ID", help="The task.")) -> None:
    """Show one task."""
    chosen = settings(ctx)
    permit_alone(chosen)
    with reading(chosen) as database:
        show_object(chosen, vars(tasks.get(database, id)))


def task_resume(
    ctx: typer.Context,
    ids: list[str] = typer.Argument(None, metavar="[ID]…", help="Tasks; all open ones if none is named."),
    wait_timeout: float = typer.Option(300.0, min=0, metavar="S", help="How long to wait for each; 0 to look once."),
) -> None:
    """Go on with open tasks, each until it is done or its time is up. What was sent is never sent again."""
    from ..tasks.resume import resume
    from .deleting import end, tell

    chosen = settings(ctx)
    check_columns(chosen, OUTCOME)
    with writing(chosen) as database:
        found = [tasks.get(database, id) for id in ids] if ids else tasks.tasks(database, stages=tasks.OPEN)
        open_tasks = [task for task in found if task.open]
        _permit(chosen, database, open_tasks)
        outcomes = list(resume(database, open_tasks, wait_timeout))
    tell(outcomes)
    rows = [outcome.to_dict() for outcome in outcomes]
    show_list(chosen, Listing(rows, OUTCOME, OUTCOME, "task", total=len(rows)))
    end(outcomes)


def _permit(chosen: Settings, database: Database, found: list[Task]) -> None:
    """Resuming is one thing; what a task that was not sent yet would then send is another.

    That a rule denies the latter stops its own task alone (`validate`).
    """
    if not found:
        permit_alone(chosen)
        return
    owners = {task.account_id: accounts.find(database, task.account_id) for task in found}
    acts = [act(chosen, owner) for owner in owners.values()]
    unsent = [
        act(chosen, owners[task.account_id], task.obj_type, task.kind) for task in found if task.stage == "planned"
    ]
    wanting = [each for each in unsent if (rule := decide(each)) and rule.effect == "confirm"]
    permit(chosen, [*acts, *wanting], phrases_of([[task.obj_name, task.external_id, task.id] for task in found]))
