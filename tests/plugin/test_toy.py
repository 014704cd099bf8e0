"""A type from another distribution: one declaration, one binding, one emulator file; no line of ours.

Its paging style, id field and not-found code differ from Elasticsearch's.
"""

from .conftest import Run

FILES = {
    "toy_cloud/__init__.py": '"""Another distribution."""\n',
    "toy_cloud/search_index.py": '''
"""Search indexes."""

from cloudmux_py.cloudprovider.resource import ICloudResource, col


class SearchIndex(ICloudResource):
    """Search indexes."""

    shards: int | None = col("Number of shards", listed=True)
    hot: bool | None = col("Whether it is used much")
''',
    "toy_cloud/qcloud.py": '''
"""Search indexes of a toy service: idx 2030-01-01 (NextToken, IndexKey, NoSuchIndex)."""

from functools import partial

from cloudmux_py.engine.paging import Token
from cloudmux_py.engine.raw import Raw
from cloudmux_py.qcloud.client import Api, Binding

from .search_index import SearchIndex

api = partial(Api, "idx", "2030-01-01")


def parse(r: Raw) -> SearchIndex:
    return SearchIndex(
        external_id=r.text("IndexKey"),
        name=r.text("Title"),
        status="available",
        created_at=r.time("Born"),
        shards=r.number("Shards", None),
        hot=r.flag("Hot", None),
    )


BINDING = Binding[SearchIndex](
    parse=parse,
    list=api("ListIndexes"),
    rows="Page.Indexes",
    id="IndexKey",
    paging=Token(50, size="PageSize"),
    get=api("GetIndex"),
    get_by=lambda id: {"IndexKey": id},
    row="Index",
    delete=api("DropIndex"),
    delete_by=lambda id, options: {"IndexKey": id},
    gone=frozenset({"ResourceNotFound.NoSuchIndex"}),
)
''',
    "toy_cloud/emulated.py": '''
"""The toy service."""

from cloudmux_py.emulator.qcloud.wire import action
from cloudmux_py.emulator.seed import seeder
from cloudmux_py.emulator.wire import ApiError


@seeder("qcloud", "search_index", "idx-", 8)
def seed(rng, account, region, number, id):
    return {"IndexKey": id, "Title": f"index {number}", "Born": "2026-01-01T00:00:00Z", "Shards": number, "Hot": True}


@action("idx", "2030-01-01", "ListIndexes")
def list_indexes(call):
    start, size = int(call.params.get("NextToken", 0)), call.params["PageSize"]
    rows = call.visible("search_index")
    token = str(start + size) if start + size < len(rows) else None
    return {"Page": {"Indexes": rows[start : start + size]}, "NextToken": token}


def find(call):
    rows = [row for row in call.visible("search_index") if row["IndexKey"] == call.params["IndexKey"]]
    if not rows:
        raise ApiError("ResourceNotFound.NoSuchIndex")
    return rows[0]


@action("idx", "2030-01-01", "GetIndex")
def get_index(call):
    return {"Index": find(call)}


@action("idx", "2030-01-01", "DropIndex")
def drop_index(call):
    call.table("search_index").remove(find(call)["IndexKey"])
    return {}
''',
    "toy_cloud-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: toy-cloud\nVersion: 1.0\n",
    "toy_cloud-1.0.dist-info/entry_points.txt": (
        "[cloudmux_py.resources]\nsearch_index = toy_cloud.search_index\n"
        "[cloudmux_py.emulator]\nsearch_index = toy_cloud.emulated\n"
    ),
}


def test_both_programs_have_the_type_and_sync_has_it_too(run: Run) -> None:
    assert "search-index-list" in run("qcloudcli --help")
    assert "Number of shards" in run("climc search-index-list --help")
    listed = run("qcloudcli search-index-list -o json")
    assert listed["total"] == 120
    first = listed["data"][0]
    assert run(f"qcloudcli search-index-show {first['external_id']} -o json") == first
    assert run("aliyuncli search-index-list", expect=2) == ""
    assert "search_index" in run("qcloudcli capability-list")

    run("climc cloud-account-create-qcloud ten")
    states = {row["type"]: row["state"] for row in run("climc cloud-account-sync --all -o json")["data"]}
    assert states.keys() > {"elastic_search", "search_index"}
    assert set(states.values()) == {"complete"}
    cached = run("climc search-index-list --limit 0 -o json --region ap-guangzhou --order-by shards --order asc")
    assert [row["shards"] for row in cached["data"]] == list(range(120))

    run(f"qcloudcli search-index-delete {first['external_id']} --yes")
    run(f"qcloudcli search-index-show {first['external_id']}", expect=3)
    rows = run("climc cloud-account-sync ten --resources search-index --region ap-guangzhou -o json")["data"]
    assert [(row["removed"], row["state"]) for row in rows] == [(1, "complete")]
    second = cached["data"][1]["id"]
    run(f"climc search-index-update {second} --delete enable")
    run(f"climc search-index-delete {second}")
    assert run("climc search-index-list --limit 1 -o json --region ap-guangzhou")["total"] == 118
