"""The user's own rules, a file for both programs: what they refuse, and what must be confirmed by typing its name.

TOML, as its errors name a line, no word of it is taken for a truth value, and its reader is Python's own. The first
rule that matches decides; without one everything is allowed. A file that cannot be understood stops every command.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.config import providers
from cloudmux_py.cloudprovider.errors import Refused, UsageError
from cloudmux_py.resources import modules

from .places import config_folder

VARIABLE = "CLOUDMUX_POLICY"
"""Environment variable that names the file, instead of `default_path`."""

VERBS = frozenset(
    {
        "access-info",
        "add-tag",
        "backup",
        "check",
        "create",
        "delete",
        "disable",
        "enable",
        "list",
        "path",
        "policy",
        "prune",
        "purge",
        "rekey",
        "restore",
        "resume",
        "set-tag",
        "show",
        "sync",
        "syncstatus",
        "test",
        "update",
        "update-credential",
    }
)
"""What commands do, as their names say it; a test holds this against the commands of both programs."""

NOUNS = frozenset({"capability", "cloud-account", "db", "event", "region", "task"})
"""What else commands are about than resource types."""

EFFECTS = ("allow", "deny", "confirm")


class Act(NamedTuple):
    """What is about to be done.

    Attributes:
        type: A resource type, or one of `NOUNS`.
        verb: One of `VERBS`.
        provider: The cloud; empty for what belongs to none.
        account: Every name of the account; asked for only if a rule depends on it.
    """

    type: str
    verb: str
    provider: str = ""
    account: Callable[[], Sequence[str]] = tuple


class Rule(NamedTuple):
    """One rule; each of the four has patterns, of which one must match.

    Attributes:
        place: File and line, for messages.
        effect: One of `EFFECTS`.
        reason: The user's own words.
    """

    place: str
    effect: str
    provider: Sequence[str] = ("*",)
    type: Sequence[str] = ("*",)
    verb: Sequence[str] = ("*",)
    account: Sequence[str] = ("*",)
    reason: str = ""

    def matches(self, act: Act) -> bool:
        """Whether it is about this."""
        return (
            _any(self.provider, (_word(act.provider),))
            and _any(self.type, (_word(act.type),))
            and _any(self.verb, (act.verb,))
            and ("*" in self.account or _any(self.account, act.account()))
        )

    def __str__(self) -> str:
        return f"the rule at {self.place}{f' ({self.reason})' if self.reason else ''}"


def default_path() -> Path:
    """Where the file is if no variable names it."""
    return config_folder("cloudmux") / "policy.toml"


def decide(act: Act) -> Rule | None:
    """The rule that denies something, or wants it confirmed; None where it is allowed.

    Raises:
        UsageError: The file cannot be understood; names the line.
    """
    found = next((rule for rule in rules() if rule.matches(act)), None)
    return None if found is None or found.effect == "allow" else found


def check(act: Act) -> Rule | None:
    """Refuse what a rule denies; the rule that wants a confirmation, or None.

    Raises:
        Refused: Names rule and file.
    """
    rule = decide(act)
    if rule and rule.effect == "deny":
        raise Refused(f"{rule} denies {told(act)}")
    return rule


def escaped(provider: str, before: Sequence[str], after: Sequence[str]) -> Sequence[Rule]:
    """The rules that were about an account by the names that it had, and are not by those that it has now."""
    return [
        rule
        for rule in rules()
        if _any(rule.provider, (provider,)) and _any(rule.account, before) and not _any(rule.account, after)
    ]


def told(act: Act) -> str:
    """What is about to be done, in words."""
    return f"{act.verb} of {_word(act.type)}{f' ({act.provider})' if act.provider else ''}"


def rules() -> Sequence[Rule]:
    """The rules of the file, the first first; none where there is no file.

    Raises:
        UsageError: The file cannot be understood, or the one that the variable names is not there.
    """
    named = os.environ.get(VARIABLE)
    path = Path(named) if named else default_path()
    try:
        return _parse(path, path.read_text("utf-8"))
    except FileNotFoundError:
        if named:
            raise UsageError(f"{VARIABLE} names {path}, which is not there") from None
        if path.is_symlink():
            raise UsageError(f"{path}: the policy file cannot be read: it is a link to what is not there") from None
        return ()
    except UnicodeDecodeError:
        raise _broken(f"{path}:1", "it is not UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path}: the policy file cannot be read: {error.strerror}") from None


@lru_cache(maxsize=1)
def _parse(path: Path, text: str) -> Sequence[Rule]:
    import tomllib

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _broken(f"{path}:{_line_of(error)}", str(error)) from None
    if unknown := sorted(found.keys() - {"rule"}):
        raise _broken(f"{path}:{_line(text, unknown[0])}", f"no {unknown[0]!r} here; rules begin with [[rule]]")
    items = found.get("rule", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _broken(f"{path}:{_line(text, 'rule')}", "rules begin with [[rule]]")
    heads = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*rule\s*\]\]", line)]
    lines = heads if len(heads) == len(items) else [_line(text, "rule")] * len(items)
    return [_rule(f"{path}:{line}", item) for line, item in zip(lines, items, strict=True)]


def _rule(place: str, item: Mapping[str, Any]) -> Rule:
    known = {"effect", "provider", "type", "verb", "account", "reason"}
    if unknown := sorted(item.keys() - known):
        raise _broken(place, f"a rule has no {unknown[0]!r}; it may have {', '.join(sorted(known))}")
    if item.get("effect") not in EFFECTS:
        raise _broken(place, f"effect must be one of {', '.join(EFFECTS)}, not {item.get('effect')!r}")
    reason = item.get("reason", "")
    if not isinstance(reason, str):
        raise _broken(place, "reason must be a text")
    types = frozenset(_word(name) for name in modules()) | NOUNS
    return Rule(
        place=place,
        effect=item["effect"],
        provider=_patterns(place, "provider", item, frozenset(providers())),
        type=_patterns(place, "type", item, types),
        verb=_patterns(place, "verb", item, VERBS),
        account=_patterns(place, "account", item, None),
        reason=reason,
    )


def _patterns(place: str, name: str, item: Mapping[str, Any], known: frozenset[str] | None) -> Sequence[str]:
    """The patterns of a field; one that could never match is a slip that would leave something unguarded."""
    given = item.get(name, "*")
    found = [given] if isinstance(given, str) else given
    if not isinstance(found, list) or not found or not all(isinstance(each, str) and each for each in found):
        raise _broken(place, f"{name} must be a text, or a list of texts")
    if known is None:
        return found
    folded = [each if name == "verb" else _word(each) for each in found]
    for pattern in folded:
        if not any(fnmatchcase(word, pattern) for word in known):
            raise _broken(place, f"{name} {pattern!r} matches nothing; there are: {', '.join(sorted(known))}")
    return folded


def _any(patterns: Sequence[str], words: Sequence[str]) -> bool:
    return any(fnmatchcase(word, pattern) for pattern in patterns for word in words)


def _word(text: str) -> str:
    return text.replace("_", "-").lower()


def _line_of(error: Exception) -> int:
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else 1  # "at end of document" names none


def _line(text: str, key: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), 1) if key in line), 1)


def _broken(place: str, reason: str) -> UsageError:
    return UsageError(f"{place}: the policy file cannot be understood: {reason}; nothing was done")
