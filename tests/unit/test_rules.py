"""The user's own rules: the first that matches decides, and a file that cannot be understood stops everything."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from climc_py.shell import program as climc
from climc_py.shell.db import ACTIONS
from cloudmux_py.cloudprovider.errors import Refused, UsageError
from cloudmux_py.console.lazy import Entry
from cloudmux_py.console.rules import NOUNS, VARIABLE, VERBS, Act, check, decide, rules
from cloudmux_py.resources import modules
from cloudmux_py.shell import program as cloudcli

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Makes the file that the variable names."""
    path = tmp_path / "policy.toml"
    monkeypatch.setenv(VARIABLE, str(path))

    def make(text: str) -> Path:
        path.write_text(text, "utf-8")
        return path

    return make


def entries() -> Iterator[tuple[str, Entry]]:
    yield from cloudcli.index("").items()
    yield from climc.index().items()


def test_verbs_and_nouns_are_those_of_the_commands() -> None:
    types = {entry.type.replace("_", "-") for _, entry in entries()} - {""}
    assert types == NOUNS | {name.replace("_", "-") for name in modules()}
    assert {entry.verb for _, entry in entries()} - {""} | {words.split()[0] for words in ACTIONS.split(" | ")} == VERBS
    told = [name for name, entry in entries() if not entry.type or not entry.verb]
    assert told == ["emulator", "db"], "db says itself what it does, and the emulator touches no cloud"


def test_the_first_rule_that_matches_decides(write: Write) -> None:
    write(
        '[[rule]]\neffect = "allow"\ntype = "elastic_search"\nverb = "delete"\naccount = "lab-*"\n'
        '[[rule]]\neffect = "confirm"\nprovider = ["Aliyun", "aws"]\nverb = "delete"\n'
        '[[rule]]\neffect = "deny"\nverb = ["delete", "p*"]\n'
    )
    lab, prod = (lambda: ["lab-1", "1234"]), (lambda: ["prod", "5678"])

    def effect(type: str, verb: str, provider: str, account: Callable[[], list[str]]) -> str:
        rule = decide(Act(type, verb, provider, account))
        return rule.effect if rule else ""

    assert effect("elastic_search", "delete", "aliyun", lab) == ""
    assert effect("elastic-search", "delete", "aliyun", prod) == "confirm"
    assert effect("server", "delete", "aliyun", lab) == "confirm"
    assert effect("server", "delete", "qcloud", lab) == "deny"
    assert effect("server", "purge", "qcloud", prod) == "deny"
    assert effect("server", "show", "qcloud", prod) == ""


def test_a_denial_names_rule_file_and_reason(write: Write) -> None:
    path = write('# first line\n\n[[rule]]\neffect = "deny"\nverb = "delete"\nreason = "ask the owners"\n')
    with pytest.raises(Refused, match=rf"{path}:3 \(ask the owners\) denies delete of server \(aliyun\)"):
        check(Act("server", "delete", "aliyun"))


def test_whose_keys_these_are_is_asked_only_if_a_rule_depends_on_it(write: Write) -> None:
    def names() -> list[str]:
        raise AssertionError("asked")

    write('[[rule]]\neffect = "deny"\nverb = "delete"\naccount = "prod"\n[[rule]]\neffect = "confirm"\nverb = "list"\n')
    assert decide(Act("server", "show", "aliyun", names)) is None
    found = decide(Act("server", "list", "aliyun", names))
    assert found
    assert found.effect == "confirm"
    with pytest.raises(AssertionError, match="asked"):
        decide(Act("server", "delete", "aliyun", names))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('[[rule]]\neffect = "deny"\nverb = \n', 3, "Invalid value"),
        ('[[rule]]\neffect = "deny"\n\n[[rule]]\neffect = "forbid"\n', 4, "effect must be one of"),
        ('[[rule]]\nverb = "delete"\n', 1, "effect must be one of"),
        ('\n[[rule]]\neffect = "deny"\nverbs = "delete"\n', 2, "a rule has no 'verbs'"),
        ('[[rule]]\neffect = "deny"\nverb = "destroy"\n', 1, "verb 'destroy' matches nothing"),
        ('[[rule]]\neffect = "deny"\ntype = ["server", "sevrer"]\n', 1, "type 'sevrer' matches nothing"),
        ('[[rule]]\neffect = "deny"\nprovider = "azure*"\n', 1, "provider 'azure\\*' matches nothing"),
        ('[[rule]]\neffect = "deny"\naccount = []\n', 1, "account must be a text"),
        ('[[rule]]\neffect = "deny"\naccount = 12\n', 1, "account must be a text"),
        ('\n[rule]\neffect = "deny"\n', 2, r"rules begin with \[\[rule\]\]"),
        ('\n[[rules]]\neffect = "deny"\n', 2, "no 'rules' here"),
        ('effect = "deny"\n', 1, "no 'effect' here"),
    ],
)
def test_a_broken_file_is_named_with_its_line(write: Write, text: str, line: int, reason: str) -> None:
    path = write(text)
    with pytest.raises(UsageError, match=f"{path}:{line}: .*{reason}.*; nothing was done"):
        rules()


def test_a_file_that_is_named_must_be_there_and_readable(write: Write, tmp_path: Path) -> None:
    path = write("")
    assert rules() == []
    path.unlink()
    with pytest.raises(UsageError, match=f"{VARIABLE} names {path}, which is not there"):
        rules()
    path.mkdir()
    with pytest.raises(UsageError, match=f"{path}: the policy file cannot be read"):
        rules()
    path.rmdir()
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=f"{path}:1: .*not UTF-8"):
        rules()


def test_without_a_file_there_are_no_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    assert rules() == ()
    (tmp_path / "cloudmux").mkdir()
    (tmp_path / "cloudmux" / "policy.toml").write_text('[[rule]]\neffect = "deny"\n')
    assert [rule.effect for rule in rules()] == ["deny"]
    (tmp_path / "cloudmux" / "policy.toml").rename(tmp_path / "elsewhere")
    (tmp_path / "cloudmux" / "policy.toml").symlink_to(tmp_path / "not-mounted")
    with pytest.raises(UsageError, match="a link to what is not there"):
        rules()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.sampled_from("[]rule=\"deny\n*#\\{}'1.,é"), max_size=60))
def test_no_text_is_half_understood(write: Write, text: str) -> None:
    """Any text is rules, or an error in one line that names the file."""
    path = write(text)
    try:
        told = [rule.place for rule in rules()]
    except UsageError as error:
        told = [str(error)]
    assert all(each.startswith(str(path)) for each in told)
