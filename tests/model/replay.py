"""Events played forward, by rules of the test's own: what a table was, and what happened, gives what it is."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

Rows = dict[str, dict[str, Any]]

UNTOLD = {"name", "name_set", "updated_at", "row_version", "missing_since", "imported_at", "deleted_at"}
"""No event tells these: names are told of after a change, the others are kept for the cache itself."""


def told(rows: Mapping[str, Mapping[str, Any]]) -> Rows:
    """Rows without what events do not tell."""
    return {id: {name: value for name, value in row.items() if name not in UNTOLD} for id, row in rows.items()}


def stored(value: Any) -> Any:
    """A value of an event as the table keeps it."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return value


def replay(before: Rows, events: Iterable[Mapping[str, Any]], after: Rows) -> None:
    """Assert that events lead from one table to the other: nothing changes that no event tells."""
    rows, fresh, touched = told(before), set[str](), set[str]()
    for event in events:
        id, notes = event["obj_id"], json.loads(event["notes"])
        if id not in touched and id in before:
            assert event["obj_name"] == before[id]["name"], "an event has the name that the row had before it"
        touched.add(id)
        if event["action"] == "create" and not notes.get("revived"):
            assert id not in rows, f"{id} was created twice"
            rows[id] = dict(told(after)[id])  # the event of a new row tells no values
            fresh.add(id)
        assert id in rows, f"an event about an unknown row: {event}"
        if event["action"] in {"create", "delete"}:
            expected = int(event["action"] == "create") if id not in fresh else rows[id]["deleted"]
            assert rows[id]["deleted"] == expected, f"{event['action']} of what was so already: {id}"
            rows[id]["deleted"] = int(event["action"] == "delete")
        for name, change in notes.items():
            if name in UNTOLD or not isinstance(change, dict) or change.keys() != {"old", "new"}:
                continue
            if name not in rows[id]:  # a tag of the user's own
                continue
            if id not in fresh:
                assert rows[id][name] == stored(change["old"]), f"{id}: {name} was not as its event tells"
            rows[id][name] = stored(change["new"])
    assert rows == told(after), "what changed is not what the events tell"
    for id in before.keys() - touched:
        assert after[id]["name"] == before[id]["name"], f"{id} was renamed, and no event tells"
