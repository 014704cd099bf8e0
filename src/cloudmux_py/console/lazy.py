"""Commands that are built when they run: a program of ninety commands starts as fast as one of one."""

import gc
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from cloudmux_py.resources import distribution_of, leave_out

from .settings import COMMAND, after


class Entry(NamedTuple):
    """A command in the index.

    Attributes:
        help: One line for the program's help.
        build: Imports and makes the function that runs.
        hidden: Known, but not shown.
        type: What it is about: a resource type, or another noun of `rules`.
        verb: What it does.
    """

    help: str
    build: Callable[[], Callable[..., Any]]
    hidden: bool = False
    type: str = ""
    verb: str = ""


def free(keyword: str, commands: Mapping[str, Entry], taken: Mapping[str, Entry]) -> Mapping[str, Entry]:
    """The commands of a type; none for a type of another distribution that would take a command of the program's."""
    clash = sorted(commands.keys() & taken.keys())
    if clash and (distribution := distribution_of(keyword)):
        leave_out(keyword, distribution, f"the command {clash[0]} is the program's own")
        return {}
    return commands


class LazyCommand(TyperCommand):
    """Stands for a command in help and completion; becomes it when a context is made."""

    def __init__(self, name: str, entry: Entry, shared: Callable[[], list[Any]]) -> None:
        super().__init__(name, help=entry.help, hidden=entry.hidden, rich_markup_mode=None)
        self.entry = entry
        self.shared = shared

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the real command."""
        if parent:
            parent.find_root().ensure_object(dict)[COMMAND] = (self.entry.type, self.entry.verb)
        function = self.entry.build()
        app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        app.command(self.name, cls=getattr(function, "command_class", None))(function)
        real = typer.main.get_command(app)
        taken = {name for param in real.params for name in param.opts}
        real.params += [option for option in self.shared() if not taken & set(option.opts)]
        gc.freeze()
        gc.enable()
        return real.make_context(info_name, args, parent, **extra)


class LazyGroup(TyperGroup):
    """A program; its subclass says which commands there are and which options may stand after them."""

    index: ClassVar[Callable[[], Mapping[str, Entry]]]
    shared: ClassVar[tuple[str, ...]]

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of the index."""
        return list(type(self).index())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The stand-in of a command."""
        entry = type(self).index().get(cmd_name)
        if entry is None:
            return None
        return LazyCommand(cmd_name, entry, lambda: [after(p) for p in self.params if p.name in type(self).shared])

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """A line for each command; made of the index alone, for there are a hundred."""
        lines = [(name, entry.help) for name, entry in type(self).index().items() if not entry.hidden]
        widest = max(len(name) for name, _ in lines)
        with formatter.section("Commands"):
            room = formatter.width - widest - 4
            for name, text in lines:
                told = text if len(text) <= room else text[: room - 1] + "…"
                formatter.write(f"  {name:<{widest}}  {told}\n")

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As Typer's, with near matches for a misspelt name."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            from difflib import get_close_matches

            near = get_close_matches(name, self.list_commands(ctx), n=3)
            hint = f" Did you mean {', '.join(near)}?" if near else ""
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)
