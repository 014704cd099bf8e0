"""Every type on every cloud, asked by the vendors' own clients; `make test` takes one type a client.

The rest is marked `clients`, and so is all of tccli, which lives in an environment of its own: `make test-clients`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.seed import kinds

from .vendor_apis import APIS, Api, Row, Step, at, filled
from .vendor_clients import Client, Keys, RefusedError, Tccli, TeaSdk, TencentSdk

ROWS = 50
REGIONS = {"aliyun": "cn-hangzhou", "qcloud": "ap-guangzhou"}
"""Where the types that belong to no region live as well."""

CLIENTS: list[type[Client]] = [TeaSdk, TencentSdk, Tccli]
SHORT = {(TeaSdk, "kafka"), (TencentSdk, "disk")}
WRONG_KEY = {"aliyun": ("InvalidAccessKeyId.NotFound", 404), "qcloud": ("AuthFailure.SecretIdNotFound", 200)}


pytestmark = pytest.mark.timeout(180)
"""Each call of tccli is a process that imports for a second."""


def _each(which: Callable[[Api], Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("client", "kind"),
        [
            pytest.param(client, kind, marks=[] if (client, kind) in SHORT else pytest.mark.clients)
            for client in CLIENTS
            for kind, api in APIS[client.provider].items()
            if which(api)
        ],
        ids=lambda value: value if isinstance(value, str) else value.__name__,
    )


every = _each(lambda api: True)
every_deletable = _each(lambda api: api.delete)


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(instances=ROWS, regions={provider: [region] for provider, region in REGIONS.items()}) as started:
        yield started


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset()
    return running


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.getbasetemp() / "tccli"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("TCCLI_HOME", str(home))


class Witness:
    """A client that is asked about one type."""

    def __init__(self, client: type[Client], kind: str, emulator: Emulator) -> None:
        self.make, self.emulator = client, emulator
        self.provider, self.type = client.provider, kind
        self.api: Api = APIS[client.provider][kind]
        account = emulator.world.of(client.provider)[0]
        self.keys = Keys(account.access_key, account.secret)

    def client(self, keys: Keys | None = None, region: str = "") -> Client:
        where = region or REGIONS[self.provider]
        return self.make(self.api.service, self.api.version, self.emulator.url, keys or self.keys, where)

    def rows(self) -> dict[str, Row]:
        return self.emulator.rows(self.provider, REGIONS[self.provider], self.type)

    def where(self, fields: Any) -> str:
        """The id of the first row that has these values."""
        return next(id for id, row in self.rows().items() if all(row[key] == fields[key] for key in fields))

    def listed(self) -> tuple[list[str], int]:
        """All ids, and the pages that they came in; each page tells the same right total."""
        client, ids, pages = self.client(), list[str](), 0
        for more in self.api.kinds:
            found, told, done, reply = list[str](), set[int](), 0, None
            while (page := self.api.paging.next(done, reply)) is not None:
                reply = client.call(self.api.list.action, {**self.api.list.params, **more, **page})
                rows = self.api.list.found(reply)
                found += [str(row[self.api.id]) for row in rows]
                told |= {at(reply, self.api.paging.total)} if self.api.paging.total else set()
                done += 1
                if self.api.paging.total and len(rows) < self.api.paging.size:
                    break
            assert told == ({len(found)} if self.api.paging.total else set())
            ids, pages = ids + found, pages + done
        return ids, pages

    def get(self, id: str) -> list[Row]:
        """The row of an id; none where it is not there."""
        rows = self.api.get.found(self.client().call(self.api.get.action, filled(self.api.get.params, id)))
        if self.api.get == self.api.list:  # nothing asks for one
            rows = [row for row in rows if row[self.api.id] == id]
        return rows

    def delete(self, id: str) -> None:
        for step in self.api.delete:
            self.client().call(step.action, filled(step.params, id))
            self.emulator.clock.advance(60)


@pytest.mark.parametrize("provider", APIS)
def test_every_emulated_type_is_declared(provider: str, emulator: Emulator) -> None:
    outside = {kind for kind in kinds(provider) if kind not in APIS[provider]}
    assert not {kind for kind in outside if _is_ours(provider, kind)}


def _is_ours(provider: str, kind: str) -> bool:
    return (Path(__file__).parents[2] / f"src/cloudmux_py/emulator/{provider}/{kind}.py").exists()


@every
def test_lists_past_a_page(client: type[Client], kind: str, emulator: Emulator) -> None:
    witness = Witness(client, kind, emulator)
    ids, pages = witness.listed()
    assert len(ids) == len(set(ids)) == ROWS
    assert set(ids) == set(witness.rows())
    assert pages > len(witness.api.kinds) or witness.api.paging.size > ROWS
    header, value = client.signs_as
    assert all(value in request.headers[header.title()] for request in emulator.requests)


@every
def test_gets_one(client: type[Client], kind: str, emulator: Emulator) -> None:
    witness = Witness(client, kind, emulator)
    id = list(witness.rows())[-1]
    assert [str(row[witness.api.id]) for row in witness.get(id)] == [id]


@every_deletable
def test_deletes_one(client: type[Client], kind: str, emulator: Emulator) -> None:
    witness = Witness(client, kind, emulator)
    id = witness.where(witness.api.deletable)
    witness.delete(id)
    gone = witness.api.gone
    if gone.code:
        with pytest.raises(RefusedError) as caught:
            witness.get(id)
        assert caught.value.code == gone.code
    elif gone.left:
        [row] = witness.get(id)
        assert {key: row[key] for key in gone.left} == gone.left
    else:
        assert witness.get(id) == []


@every
def test_is_refused_with_the_cloud_s_code(client: type[Client], kind: str, emulator: Emulator) -> None:
    witness = Witness(client, kind, emulator)
    refused = witness.api.refused
    id = witness.where(refused.where)
    step: Step = refused.step or witness.api.delete[0]
    with pytest.raises(RefusedError) as caught:
        witness.client(region=refused.region).call(step.action, filled(step.params, id))
    assert caught.value.code == refused.code
    assert emulator.requests[-1].status == refused.status
    assert caught.value.status in {0, refused.status}
    assert witness.get(id), "it was refused, and is there all the same"


@every
def test_a_wrong_key_is_refused(client: type[Client], kind: str, emulator: Emulator) -> None:
    witness = Witness(client, kind, emulator)
    keys = witness.keys._replace(id=witness.keys.id + "x")
    with pytest.raises(RefusedError) as caught:
        witness.client(keys).call(witness.api.list.action, {**witness.api.list.params, **_first(witness.api)})
    code, status = WRONG_KEY[client.provider]
    assert (caught.value.code, emulator.requests[-1].status) == (code, status)


def _first(api: Api) -> dict[str, Any]:
    return {**api.kinds[0], **(api.paging.next(0, None) or {})}
