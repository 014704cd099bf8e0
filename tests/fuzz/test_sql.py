"""No text becomes SQL: an option gives the rows that it means, and nothing else is read or changed."""

import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from climc_py.errors import Refused, RowNotFound
from climc_py.models import account as accounts
from climc_py.models import event, row, tag, task, why
from climc_py.models.account import Account
from climc_py.store import schema
from climc_py.store.database import Database
from climc_py.store.filters import OPERATORS, convert
from climc_py.store.history import rewind
from climc_py.store.query import ListQuery, distinct, find, list_rows, summary
from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.console.output import show_query
from cloudmux_py.console.settings import Settings, _check_query
from cloudmux_py.emulator import Emulator
from cloudmux_py.resources import resource_type

from ..conftest import World
from ..unit.test_text import TEXTS
from .mutation import few

KIND = resource_type("elastic_search")
COLUMNS = list(schema.view_kinds(KIND))
ATTACKS = [
    "'; DROP TABLE elastic_searchs_tbl; --",
    '" OR 1=1 --',
    "x' OR '1'='1",
    "x') OR (1=1",
    'name" DESC; DELETE FROM opslog_tbl; --',
    "(SELECT secret FROM cloudaccounts_tbl)",
    "0 UNION SELECT secret, token FROM cloudaccounts_tbl",
    "name.equals('x') OR 1=1",
    "name.in('a','b'); ATTACH '/tmp/x' AS y",
    "%",
    "_",
    "\\",
    "\\'",
    "a;b=c;=;",
    "*",
    "?",
    ":text",
    "@x",
    "$x",
    "2026-01-01'--",
    "NaN",
    "9" * 40,
]
WORDS = st.sampled_from([*ATTACKS, *COLUMNS]) | TEXTS | st.text("'\"\\%_;()-*/. ?:=,nameORSELECT", max_size=20)


def allowed(action: int, first: str | None, second: str | None, *_: Any) -> int:
    """What a list may do: read, though no secret, and nothing else."""
    if action == sqlite3.SQLITE_READ and first == "cloudaccounts_tbl" and second in {"secret", "token"}:
        return sqlite3.SQLITE_DENY
    reading = {sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_TRANSACTION}
    return sqlite3.SQLITE_OK if action in reading else sqlite3.SQLITE_DENY


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of two clouds' rows, of a few of each."""
    folder = tmp_path_factory.mktemp("cache")
    regions = {"aliyun": ["cn-beijing"], "qcloud": ["ap-beijing"]}
    with pytest.MonkeyPatch.context() as patch, Emulator(instances=4, regions=regions) as emulator:
        patch.setenv("CLIMC_KEY_FILE", str(folder / "key"))
        with Database.write(folder / "cache.db") as database:
            world = World(emulator, database)
            for provider in world.accounts:
                world.sync(provider)
        yield folder / "cache.db"


@pytest.fixture(scope="module")
def guarded(cache: Path) -> Iterator[Database]:
    """The cache as a list reads it; more than reading is an error."""
    with Database.read(cache) as database:
        database.connection.set_authorizer(allowed)
        yield database


@pytest.fixture(scope="module")
def everything(cache: Path) -> set[str]:
    with Database.read(cache) as database:
        return {row["id"] for row in list_rows(database, KIND, ListQuery(limit=0), ["id"])[0]}


Place = tuple[Callable[[str], ListQuery], Callable[[dict[str, Any], str], bool]]
PLACES: dict[str, Place] = {
    "ids": (lambda t: ListQuery(ids=[t]), lambda r, t: t in {r["id"], r["external_id"], r["name"]}),
    "status": (lambda t: ListQuery(status=[t]), lambda r, t: r["status"] == t),
    "accounts": (lambda t: ListQuery(accounts=[t]), lambda r, t: t in {r["account"], r["manager_id"]}),
    "providers": (lambda t: ListQuery(providers=[t]), lambda r, t: r["provider"].lower() == t.lower()),
    "regions": (lambda t: ListQuery(regions=[t]), lambda r, t: t in {r["cloudregion"], r["cloudregion_id"]}),
    "vpc": (lambda t: ListQuery(references={"vpc": [t]}), lambda r, t: t in {r["vpc_id"], r["vpc"]}),
    "search": (
        lambda t: ListQuery(search=t),
        lambda r, t: any(t.lower() in str(r[name]).lower() for name in ("name", "cloud_name", "external_id", "id")),
    ),
    "tags": (lambda t: ListQuery(tags=[t]), lambda r, t: any(k.partition(":")[2] in t for k in r["metadata"])),
    "user_tags": (lambda t: ListQuery(user_tags=[t]), lambda r, t: False),
    "filter": (lambda t: ListQuery(filters=[t]), lambda r, t: True),
    "equals": (lambda t: ListQuery(filters=[f"name.equals({t})"]), lambda r, t: True),
    "order_by": (lambda t: ListQuery(order_by=[t]), lambda r, t: t in COLUMNS),
    "order": (lambda t: ListQuery(order=t), lambda r, t: t in {"asc", "desc"}),
}


@few
@given(word=WORDS)
@example(word="\x00")
@example(word="\ud800")
def test_a_word_means_only_itself(word: str, guarded: Database, everything: set[str]) -> None:
    for make, matches in PLACES.values():
        query = make(word)
        with suppress(UsageError):
            found = list(list_rows(guarded, KIND, query, COLUMNS)[0])
            assert {row["id"] for row in found} <= everything
            assert all(matches(row, word) for row in found)
            summary(guarded, KIND, query)
    for ask in (_column, _distinct):
        try:
            ask(guarded, word)
        except UsageError:
            assert word not in COLUMNS
        else:
            assert word in COLUMNS


def _column(database: Database, word: str) -> Any:
    return list(list_rows(database, KIND, ListQuery(), [word])[0])


def _distinct(database: Database, word: str) -> Any:
    return distinct(database, KIND, ListQuery(), word)


@few
@given(field=st.sampled_from(COLUMNS), name=st.sampled_from(list(OPERATORS)), values=st.lists(WORDS, max_size=3))
def test_a_filter_s_values_are_values(field: str, name: str, values: list[str], guarded: Database) -> None:
    text = f"{field}.{name}({','.join(values)})"
    with suppress(UsageError):
        list(list_rows(guarded, KIND, ListQuery(filters=[text, "id.isnotnull()"]), ["id"])[0])


@pytest.mark.parametrize("word", ["\0", "a\0", "\0-", "%\0%"])
def test_nul_ends_no_pattern(word: str, guarded: Database) -> None:
    """SQLite's patterns end there, and would match all that fits what stands before it."""
    for query in (
        ListQuery(search=word),
        *(
            ListQuery(filters=[f"external_id.{name}({word})"])
            for name in ("contains", "startswith", "endswith", "like")
        ),
    ):
        assert list_rows(guarded, KIND, query, ["id"])[1] == 0


@few
@given(word=WORDS)
def test_an_id_is_looked_for_and_nothing_else(word: str, guarded: Database) -> None:
    missing = (RowNotFound, UsageError)
    with suppress(*missing):
        assert word in tuple(find(guarded, KIND, word))
    with suppress(*missing):
        assert why.why(guarded, word)
    with suppress(*missing):
        assert task.get(guarded, word).id == word
    with suppress(UsageError):
        for found in event.events(guarded, ids=[word], kinds=[])[0]:
            assert word in {found["obj_id"], found["obj_name"]}
        event.events(guarded, kinds=[word], actions=[word], since=word, until=word)
        assert task.tasks(guarded, stages=[word], obj_ids=[word]) == []


@few
@given(word=WORDS | st.datetimes().map(str))
def test_a_time_is_a_time(word: str, cache: Path) -> None:
    try:
        time = convert("--at", word, "time")
    except UsageError:
        return
    with Database.read(cache) as database, suppress(UsageError):
        rewind(database, KIND, time)
        list(list_rows(database, KIND, ListQuery(limit=0), COLUMNS)[0])


@few
@given(name=WORDS, key=WORDS, value=WORDS)
@example(name="x", key="a=b", value="\x00")
def test_what_users_write_is_kept_and_changes_nothing_else(name: str, key: str, value: str, cache: Path) -> None:
    with Database.write(cache) as database:
        others = "SELECT id, name, description FROM elastic_searchs_tbl WHERE id <> ? ORDER BY id"
        (target, *_) = database.rows("SELECT * FROM elastic_searchs_tbl ORDER BY id")
        before = [tuple(each) for each in database.rows(others, [target["id"]])]
        with suppress(UsageError, Refused):
            row.update(database, KIND, target, {"name": name, "description": value})
            found = database.one("SELECT name, description FROM elastic_searchs_tbl WHERE id = ?", [target["id"]])
            assert found
            assert tuple(found) == (name, value)
        with suppress(UsageError, Refused):
            tags = tag.parse([f"{key}={value}"])
            tag.apply(database, KIND, target, tags, replace=True)
            kept = {each["key"]: each["value"] for each in database.rows("SELECT * FROM metadata_tbl")}
            wanted = {each: text for each, text in tags.items() if text not in {None, "none"}}
            assert {each.removeprefix("user:"): text for each, text in kept.items()} == {
                each.removeprefix("user:"): text for each, text in wanted.items()
            }
        assert [tuple(each) for each in database.rows(others, [target["id"]])] == before


@few
@given(name=WORDS)
def test_an_account_s_name_is_a_name(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Database.write(tmp_path_factory.getbasetemp() / "accounts.db") as database:
        database.execute("DELETE FROM cloudaccounts_tbl")
        with suppress(UsageError):
            added = accounts.add(database, Account(name=name, provider="aliyun", cloud_account_id="1"))
            assert [each.name for each in accounts.accounts(database)] == [name]
            assert accounts.find(database, added.id).name == name
            accounts.update(database, added, {"description": name})


@few
@given(query=st.text("abc.[]|{}:*?@&`'\"\\,()0123- <=!>", max_size=30) | TEXTS | WORDS)
@example(query="[" * 5000)
@example(query="length(`1`)")
@example(query="`" + "[" * 5000 + "`")
@example(query="data[*].{a: b, c: d}")
@example(query="sort_by(data, &tags)")
@example(query="data[::0]")
@example(query="99999999999999999999999999")
def test_a_query_is_an_answer_or_wrong_usage(query: str) -> None:
    document = {"data": [{"a": "x", "tags": {"k": "\x1b"}}, {"a": None, "tags": {}}], "total": 2}
    out = io.StringIO()
    with redirect_stdout(out), suppress(UsageError):
        _check_query(query)
        for output in ("table", "json", "csv"):
            show_query(Settings(output=output, query=query), document)
    assert "\x1b" not in out.getvalue()
