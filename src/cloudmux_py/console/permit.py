"""Whether the user's rules let a command go on; what they want confirmed is typed, or given by ``--confirm``."""

from collections.abc import Iterable, Sequence

from cloudmux_py.cloudprovider.errors import Refused

from .rules import Act, Rule, check, told
from .settings import Settings
from .terminal import typed
from .text import mention


def permit(settings: Settings, acts: Iterable[Act], phrases: Sequence[str], *, dry_run: bool = False) -> bool:
    """See to it that a command may do what it is about to do.

    Args:
        settings: Of the command.
        acts: All that it is about to do.
        phrases: What it is about, by any of its names; the first is asked for.
        dry_run: It only tells what it would do: nothing need be confirmed.

    Returns:
        Whether it was confirmed: then no further question is asked.

    Raises:
        Refused: A rule denies it, or wants a confirmation that did not come.
    """
    wanting = [(rule, act) for act in acts if (rule := check(act))]
    if not wanting or dry_run:
        return False
    _confirm(settings, *wanting[0], phrases)
    return True


def phrases_of(names: Sequence[Sequence[str]]) -> Sequence[str]:
    """What confirms something about several things, each by its names: one's name, or how many they are."""
    return names[0] if len(names) == 1 else (str(len(names)),)


def _confirm(settings: Settings, rule: Rule, act: Act, phrases: Sequence[str]) -> None:
    """``--yes`` does not do: it says yes to anything, and this is about one thing.

    A name that nobody can type, or that would end the question, is not asked for: the cloud's id is.
    """
    phrase = next((phrase for phrase in phrases if _typable(phrase)), phrases[0])
    wanted = mention(phrase)
    given = str(settings.values.get("confirm") or "") or typed(f"{_wants(rule, act)} type {wanted}:", settings)
    if not given:
        raise Refused(f"{_wants(rule, act)} give --confirm {wanted}, or type it at a terminal; --yes is not enough")
    if given not in (*phrases, wanted):
        raise Refused(f"{_wants(rule, act)} {given!r} is not {wanted}: nothing was done")


def _typable(phrase: str) -> bool:
    """Whether it can be read in a question and typed as it stands there."""
    return mention(phrase).strip('"') == phrase == phrase.strip() != ""


def _wants(rule: Rule, act: Act) -> str:
    return f"{rule} wants {told(act)} to be confirmed:"
