"""A listing tells of the time when it began: what the cache learned since is newer, and stays."""

from collections.abc import Callable
from typing import Any

import pytest

from climc_py.models import row as rows
from climc_py.models.connection import reference
from climc_py.store.shape import shape_of
from climc_py.store.stage import Stage
from climc_py.sync.jobs import Job, list_scope, unpack
from climc_py.tasks.delete import Clouds
from cloudmux_py.resources.elastic_search import ElasticSearch

from ..conftest import World

PROVIDERS = pytest.mark.parametrize("provider", ["aliyun", "qcloud"])


@pytest.fixture
def small(make_world: Callable[..., World]) -> World:
    world = make_world(instances=4)
    for provider in ("aliyun", "qcloud"):
        world.sync(provider)
    return world


def listed(world: World, provider: str) -> Stage:
    """A listing as of now, which is merged later."""
    account = world.accounts[provider]
    shape = shape_of(ElasticSearch.keyword, provider, full=False)
    where = (account.id, account.region_id(world.region(provider)))
    stage = Stage(world.database, shape, *where, version=world.database.version())
    listing = list_scope(Job(reference(world.database, account), world.region(provider), ElasticSearch.keyword))
    assert listing.complete
    for page in listing.pages:
        stage.add(unpack(page))
    return stage


def cached(world: World, id: str) -> Any:
    found = world.database.one("SELECT * FROM elastic_searchs_tbl WHERE external_id = ?", [id])
    assert found
    return found


def got(world: World, provider: str, id: str) -> None:
    """Get a row anew, as syncstatus does."""
    found = cached(world, id)
    version = world.database.version()
    account, region = Clouds(world.database).region(found["account_id"], rows.region_of(found))
    rows.refresh(world.database, account, ElasticSearch, found, region.get(ElasticSearch, id), version)


def comes_back(world: World, provider: str) -> tuple[str, Stage]:
    """A row that a listing lacks, and that is there again, with another name."""
    id = world.ids(provider)[0]
    raw = dict(world.emulator.rows(provider, world.region(provider))[id])
    world.remove(provider, id)
    stage = listed(world, provider)
    world.emulator.table(provider, world.region(provider)).put(id, raw)
    world.rename(provider, id, "newer")
    return id, stage


@PROVIDERS
def test_a_row_that_came_since_the_listing_began_is_not_missing(small: World, provider: str) -> None:
    id, stage = comes_back(small, provider)
    assert [row.external_id for row in stage.missing()] == [id], "so far nobody knows better"
    got(small, provider, id)
    assert stage.missing() == []


@PROVIDERS
def test_a_row_that_was_got_since_the_listing_began_keeps_what_the_get_told(small: World, provider: str) -> None:
    id = small.ids(provider)[0]
    stage = listed(small, provider)
    small.rename(provider, id, "newer")
    got(small, provider, id)
    before = tuple(cached(small, id))
    counts = stage.merge({})
    assert (counts.updated, counts.unchanged) == (0, 4)
    assert tuple(cached(small, id)) == before


@PROVIDERS
def test_a_row_that_was_seen_while_its_id_was_asked_for_stays(small: World, provider: str) -> None:
    id, stage = comes_back(small, provider)
    (missing,) = stage.missing()
    got(small, provider, id)
    counts = stage.merge({missing.id: {"strength": "strong"}})
    assert counts.removed == 0
    assert (cached(small, id)["deleted"], cached(small, id)["cloud_name"]) == (0, "newer")


@PROVIDERS
def test_a_row_that_was_deleted_since_the_listing_began_does_not_come_back(small: World, provider: str) -> None:
    id = small.ids(provider)[0]
    stage = listed(small, provider)
    with small.database.transaction():
        assert rows.bury(small.database, ElasticSearch, cached(small, id), "delete", {"by": "delete"})
    counts = stage.merge({})
    assert (counts.added, counts.unchanged) == (0, 3)
    assert cached(small, id)["deleted"] == 1
