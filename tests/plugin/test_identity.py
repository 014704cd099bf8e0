"""A cloud that changes the case of its ids from one answer to the next, as Azure does: they are one id all the same."""

from .conftest import Programs

BINDING = '''
"""{type}s of a service that folds the case of ids: odd 2030-01-01."""

from functools import partial

from cloudmux_py.engine.paging import Whole
from cloudmux_py.engine.raw import Raw
from cloudmux_py.qcloud.client import Api, Binding

from .{keyword} import {type}

api = partial(Api, "odd", "2030-01-01")


def parse(r: Raw) -> {type}:
    return {type}(external_id=r.text("Key"), name=r.text("Title"), status="available", created_at=None{more})


BINDING = Binding[{type}](
    parse=parse,
    list=api("List{type}"),
    rows="Rows",
    id="Key",
    paging=Whole(),
    get=api("Get{type}"),
    get_by=lambda id: {{"Keys": [id]}},
    batch=10,
    ask_by=lambda ids: {{"Keys": list(ids)}},
    delete=api("Drop{type}"),
    delete_by=lambda id, options: {{"Key": id}},
    identity=str.lower,
    lacks=frozenset({{"created_at"}}),
)
'''

FILES = {
    "odd_cloud/__init__.py": '"""Another distribution."""\n',
    "odd_cloud/racks/__init__.py": '"""Racks."""\n',
    "odd_cloud/racks/rack.py": '''
"""Racks."""

from cloudmux_py.cloudprovider.resource import ICloudResource


class Rack(ICloudResource):
    """Racks."""
''',
    "odd_cloud/racks/qcloud.py": BINDING.format(keyword="rack", type="Rack", more=""),
    "odd_cloud/machines/__init__.py": '"""Machines."""\n',
    "odd_cloud/machines/machine.py": '''
"""Machines."""

from cloudmux_py.cloudprovider.resource import ICloudResource, col


class Machine(ICloudResource):
    """Machines."""

    rack_id: str | None = col("Rack it stands in", references="rack")
''',
    "odd_cloud/machines/qcloud.py": BINDING.format(
        keyword="machine", type="Machine", more=', rack_id=r.text("Rack", None)'
    ),
    "odd_cloud/emulated.py": '''
"""A service whose every answer writes ids in another case than the one before."""

from itertools import count

from cloudmux_py.emulator.qcloud.wire import action
from cloudmux_py.emulator.seed import seeder
from cloudmux_py.emulator.wire import ApiError

answers = count()
twice = []


@seeder("qcloud", "rack", "rack-", 8)
def seed_rack(rng, account, region, number, id):
    return {"Key": id, "Title": f"rack {number}", "Number": number}


@seeder("qcloud", "machine", "vm-", 8)
def seed_machine(rng, account, region, number, id):
    return {"Key": id, "Title": f"machine {number}", "Number": number}


def rows_of(call, kind):
    turn = next(answers)
    ours, theirs = (str.upper, str.lower) if turn % 2 else (str.lower, str.upper)
    racks = {row["Number"]: theirs(row["Key"]) for row in call.visible("rack")}
    found = [{**row, "Key": ours(row["Key"]), "Rack": racks.get(row["Number"])} for row in call.visible(kind)]
    return found


def serve(kind, name):
    @action("odd", "2030-01-01", f"List{name}")
    def list_them(call):
        rows = rows_of(call, kind)
        return {"Rows": rows + [{**row, "Key": row["Key"].swapcase()} for row in rows[:1] if kind in twice]}

    @action("odd", "2030-01-01", f"Get{name}")
    def get_them(call):
        wanted = {key.lower() for key in call.params["Keys"]}
        return {"Rows": [row for row in rows_of(call, kind) if row["Key"].lower() in wanted]}

    @action("odd", "2030-01-01", f"Drop{name}")
    def drop(call):
        for row in call.visible(kind):
            if row["Key"].lower() == call.params["Key"].lower():
                if row["Number"] == 119:  # the last: from now on the list tells one of them twice
                    twice.append(kind)
                call.table(kind).remove(row["Key"])
                return {}
        raise ApiError("ResourceNotFound.NoSuchKey")


serve("rack", "Rack")
serve("machine", "Machine")
''',
    "odd_cloud-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: odd-cloud\nVersion: 1.0\n",
    "odd_cloud-1.0.dist-info/entry_points.txt": (
        "[cloudmux_py.resources]\nrack = odd_cloud.racks.rack\nmachine = odd_cloud.machines.machine\n"
        "[cloudmux_py.emulator]\nodd = odd_cloud.emulated\n"
    ),
}


def test_ids_in_changing_case_are_one_id(run: Programs) -> None:
    run("climc cloud-account-create-qcloud ten --region-id ap-guangzhou --no-delete-lock")

    def sync(expect: int = 0) -> dict[str, tuple[str, int, int, int]]:
        line = "climc cloud-account-sync ten --resources rack --resources machine -o json"
        rows = run(line, expect=expect)["data"]
        return {row["type"]: (row["state"], row["added"], row["updated"], row["removed"]) for row in rows}

    first = {"rack": ("complete", 120, 0, 0), "machine": ("complete", 120, 0, 0)}
    assert sync() == first
    nothing = {"rack": ("complete", 0, 0, 0), "machine": ("complete", 0, 0, 0)}
    assert [sync() for _ in range(3)] == [nothing] * 3

    # References: each machine names its rack, though neither was told in the case of the other.
    machines = run("climc machine-list --limit 0 -o json --columns id,external_id,name,rack_id,rack")["data"]
    assert {row["rack"].replace("rack", "machine") == row["name"] for row in machines} == {True}

    # Asking by id: what still answers, be it in another case, is not gone; what is gone is removed alone.
    lower, upper = machines[0]["external_id"].lower(), machines[0]["external_id"].upper()
    for id in (lower, upper):
        assert run(f"qcloudcli machine-show {id} -o json")["name"] == machines[0]["name"]
        run(f"climc machine-syncstatus {machines[0]['id']}")
    run(f"qcloudcli machine-delete {upper} --yes --wait")
    assert sync() == nothing | {"machine": ("complete", 0, 0, 1)}

    run(f"climc machine-delete {machines[1]['id']} --yes")
    assert run("climc machine-list -o json")["total"] == 118
    assert sync() == nothing


def test_ids_that_differ_in_case_alone_are_no_two_rows(run: Programs) -> None:
    """Two in one list are a refused proof, and are never merged."""
    run("climc cloud-account-create-qcloud ten --region-id ap-guangzhou")
    line = "climc cloud-account-sync ten --resources machine -o json"
    run(line)
    machines = run("qcloudcli machine-list -o json")["data"]
    last = next(machine["external_id"] for machine in machines if machine["name"] == "machine 119")
    run(f"qcloudcli machine-delete {last} --yes")
    (row,) = run(line, expect=1)["data"]
    assert row["state"] == "failed"
    assert "came twice" in row["error"]
    assert run("climc machine-list -o json")["total"] == 120
