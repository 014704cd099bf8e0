"""Why a row is gone, or that it is not: its state, and the evidence that the event of its removal keeps."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.console.text import mention

from ..errors import RowNotFound
from ..store import schema
from ..store.database import Database

Found = tuple[type[ICloudResource], sqlite3.Row]

COLUMNS = (
    "id",
    "type",
    "name",
    "external_id",
    "account",
    "cloud_account_id",
    "region",
    "gone",
    "gone_at",
    "by",
    "locked",
    "strength",
    "code",
    "request_id",
    "listing_began",
    "listing_pages",
    "listing_request_ids",
    "caller_account_id",
    "caller_user_id",
    "task",
    "task_stage",
    "synced_at",
    "stale_since",
    "missing_since",
    "why",
)
"""What is told; ``why`` is the same as three lines for people."""

STRENGTHS = {
    "strong": "the cloud named it as gone by its own code",
    "weak": "the cloud's answer by id lacked it, and had a row beside it that lives",
    "unwitnessed": "the cloud's answer by id was empty, and no row that lives could be asked for beside it",
    "accepted": "the cloud had accepted the deletion, and its answer by id lacked it afterwards",
}


def why(database: Database, text: str) -> dict[str, Any]:
    """What became of the row that a word means: an id of ours or the cloud's, or a name.

    Raises:
        RowNotFound: The cache has none, living or gone.
        UsageError: There are several.
    """
    candidates = _candidates(database, text)
    if not candidates:
        raise RowNotFound(f"no row {text!r} in the cache, living or gone; climc event-list may still tell of it")
    if len(candidates) > 1:
        raise UsageError(f"{text!r} may be any of {_named(candidates)}: give the id")
    row, item = candidates[0]
    told = _state(database, row, item)
    if told["gone"]:
        told |= _evidence(database, row, item)
    lines = _gone_lines(told) if told["gone"] else _living_lines(told)
    told["why"] = [" ".join(line.split()) for line in lines]
    return {name: told.get(name) for name in COLUMNS}


def _candidates(database: Database, text: str) -> list[Found]:
    """An id wins over a name, a name here over one in the cloud, and what lives over what is gone."""
    for names in (("id", "external_id"), ("name",), ("cloud_name",)):
        where = " OR ".join(f"{name} = :text" for name in names)
        found = [
            (row, item)
            for row in schema.all_types()
            for item in database.rows(
                f"SELECT * FROM {schema.table(row)} WHERE {where} ORDER BY deleted_at DESC, id", {"text": text}
            )
        ]
        if found:
            return [(row, item) for row, item in found if not item["deleted"]] or found
    return []


def _named(candidates: Sequence[Found]) -> str:
    each = [
        f"{item['id']} ({row.word()} {item['name']}, {'gone ' + item['deleted_at'] if item['deleted'] else 'there'})"
        for row, item in candidates[:10]
    ]
    return ", ".join(each) + (" …" if len(candidates) > 10 else "")


def _state(database: Database, row: type[ICloudResource], item: sqlite3.Row) -> dict[str, Any]:
    account = database.one("SELECT name, cloud_account_id FROM cloudaccounts_tbl WHERE id = ?", [item["account_id"]])
    scope = database.one(
        "SELECT synced_at, stale_since FROM scopes_tbl WHERE account_id = ? AND cloudregion_id = ? AND keyword = ?",
        (item["account_id"], item["cloudregion_id"], row.keyword),
    )
    task = database.one(
        "SELECT id, stage FROM tasks_tbl WHERE obj_id = ? ORDER BY created_at DESC, rowid DESC LIMIT 1", [item["id"]]
    )
    return {
        "type": row.keyword,
        **{name: item[name] for name in ("id", "name", "external_id", "missing_since")},
        "account": account["name"] if account else item["account_id"],
        "cloud_account_id": account["cloud_account_id"] if account else None,
        "region": str(item["cloudregion_id"]).partition("/")[2],
        "gone": bool(item["deleted"]),
        "gone_at": item["deleted_at"],
        "locked": bool(item["disable_delete"]),
        "task": task["id"] if task else None,
        "task_stage": task["stage"] if task else None,
        **{name: scope[name] if scope else None for name in ("synced_at", "stale_since")},
    }


def _evidence(database: Database, row: type[ICloudResource], item: sqlite3.Row) -> dict[str, Any]:
    """What the last removal's event keeps; nothing where it was pruned. Events of older versions keep less."""
    event = database.one(
        "SELECT notes FROM opslog_tbl WHERE obj_id = ? AND obj_type = ? AND action = 'delete' ORDER BY id DESC LIMIT 1",
        (item["id"], row.keyword),
    )
    notes: Mapping[str, Any] = json.loads(event["notes"]) if event else {}
    proof, by = notes.get("proof", {}), notes.get("by", "")
    listing, caller = proof.get("listing", {}), proof.get("caller", {})
    told = {
        "by": by,
        **{name: proof.get(name) for name in ("strength", "code", "request_id")},
        **{f"listing_{name}": listing.get(name) for name in ("began", "pages", "request_ids")},
        **{f"caller_{name}": caller.get(name) for name in ("account_id", "user_id")},
        "task": notes.get("task"),
    }
    return told if told["task"] else told | {"task_stage": None}


# The three lines: what happened and when; what was looked at; what proved it, and who asked.


def _gone_lines(told: Mapping[str, Any]) -> tuple[str, str, str]:
    what = f"{_what(told)} is gone since {told['gone_at']}"
    if told["by"] == "sync":
        locked = ", although it was locked here: the cache follows the cloud" if told["locked"] else ""
        return f"{what}: a sync found it gone{locked}.", _listing(told), _proof(told)
    if told["by"] == "delete" and told["task"]:
        return f"{what}: climc deleted it.", f"Task {told['task']} ended as {told['task_stage']}.", _proof(told)
    if told["by"] == "delete":
        return f"{what}: climc was to delete it, and found it gone.", "No deletion was sent.", _proof(told)
    here = {
        "purge": "it was forgotten here, by purge",
        "account deletion": "its account was deleted here, and all its rows with it",
    }
    if told["by"] in here:
        lives = "No cloud was asked: it may well exist."
        back = "A sync of its account brings back what the cloud still has."
        return f"{what}: {here[told['by']]}.", lives, back
    return f"{what}.", "The event of its removal was pruned.", "Nothing else is kept of it."


def _living_lines(told: Mapping[str, Any]) -> tuple[str, str, str]:
    synced = f"synced completely at {told['synced_at']}" if told["synced_at"] else "never synced completely"
    stale = f", and could not be since {told['stale_since']}" if told["stale_since"] else ""
    missing = told["missing_since"]
    second = (
        f"The cloud's list lacks it since {missing}, without proof that it is gone; a sync asks again."
        if missing
        else f"Its scope was {synced}{stale}."
    )
    task = f"Its last task: {told['task']}, {told['task_stage']}." if told["task"] else "No task was made for it."
    return f"{_what(told)} is not gone.", second, task


def _what(told: Mapping[str, Any]) -> str:
    word = told["type"].replace("_", "-")
    return f"{word} {mention(told['name'])} ({told['external_id']}, account {told['account']}, region {told['region']})"


def _listing(told: Mapping[str, Any]) -> str:
    ids, pages = told["listing_request_ids"] or [], told["listing_pages"]
    if not pages:
        return "The listing that lacked it is not on record."
    counted = "1 page" if pages == 1 else f"{pages} pages"
    more = ", …" if len(ids) < pages else ""
    return (
        f"A complete list of {counted}, begun {told['listing_began']}, lacked it; request ids {', '.join(ids)}{more}."
    )


def _proof(told: Mapping[str, Any]) -> str:
    strength = told["strength"] or "none"
    code = f" {told['code']}" if told["code"] else ""
    request = f", request id {told['request_id']}" if told["request_id"] else ""
    user = f" (user {told['caller_user_id']})" if told["caller_user_id"] else ""
    caller = f"cloud account {told['caller_account_id']}{user}" if told["caller_account_id"] else "not on record"
    return f"Proof: {strength}{code}: {STRENGTHS.get(strength, 'not on record')}{request}. Caller: {caller}."
