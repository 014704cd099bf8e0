"""A session over real HTTP is recorded, replayed, and held against what is believed; then the recording is bent."""

import base64
import json
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import CloudError, UsageError
from cloudmux_py.console.exit_codes import FAILED, OK, PARTLY, USAGE
from cloudmux_py.emulator import Emulator, Replay
from cloudmux_py.emulator.replay import read
from cloudmux_py.engine import client, recording
from cloudmux_py.engine.redact import spellings
from cloudmux_py.engine.region import Region
from cloudmux_py.evidence import Difference, check
from cloudmux_py.resources import resource_type

from .. import programs

HOME = {"aliyun": "cn-hangzhou", "qcloud": "ap-guangzhou"}
TYPES = {"aliyun": ["elastic_search"], "qcloud": ["zone"]}
Line = dict[str, Any]
Bend = Callable[[list[Line]], None]


class Session:
    """What a session of the library did, and its recording."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self.path = folder / "wire.jsonl"
        self.emulator = emulator
        self.rows: dict[tuple[str, str], list[Line]] = {}
        self.errors: dict[str, CloudError] = {}

    def region(self, provider: str, url: str) -> Region:
        keys = self.emulator.world.of(provider)[0]
        cloud = connect(provider, access_key=keys.access_key, secret=keys.secret, endpoint=url, timeout=3.0)
        region = cloud.region(HOME[provider])
        assert isinstance(region, Region)
        return region

    def look(self, url: str) -> dict[tuple[str, str], list[Line]]:
        """List all, get one, and get one that is not there."""
        found = {}
        for provider, keywords in TYPES.items():
            region = self.region(provider, url)
            region.account.caller_identity()
            for keyword in keywords:
                row = resource_type(keyword)
                rows = list(region.iter(row))
                rows.append(region.get(row, rows[1].external_id))
                found[provider, keyword] = [item.to_dict() for item in rows]
            if provider == "aliyun":
                with pytest.raises(CloudError):
                    region.get(resource_type("elastic_search"), "es-cn-nosuchone")
        return found


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Emulator(instances=105) as emulator:
        session = Session(tmp_path_factory.mktemp("session"), emulator)
        recording.start(str(session.path))
        try:
            session.rows = session.look(emulator.url)
        finally:
            client.tap = None
        yield session


@pytest.fixture
def bent(session: Session, tmp_path: Path) -> Callable[[Bend], list[Difference]]:
    """What differs in the recording once it was bent."""

    def differences(bend: Bend) -> list[Difference]:
        lines = [json.loads(line) for line in session.path.read_text("utf-8").splitlines()]
        bend(lines[1:])
        path = tmp_path / "bent.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        return check([path]).differences

    return differences


def instances(lines: list[Line], page: int = 0) -> Any:
    """The body of a page of Alibaba Cloud's Elasticsearch."""
    return [line for line in lines if line["action"] == "ListInstance"][page]["came"]["body"]["json"]


def told(differences: list[Difference]) -> list[tuple[str, str]]:
    return [(found.where, found.difference) for found in differences]


def test_a_recording_is_its_owner_s_alone_and_is_never_overwritten(session: Session) -> None:
    assert stat.S_IMODE(session.path.stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="never overwritten"):
        recording.start(str(session.path))


def test_a_line_says_what_was_sent_and_what_came(session: Session) -> None:
    lines = [json.loads(line) for line in session.path.read_text("utf-8").splitlines()]
    assert lines[0] | {"began": ""} == {"recording": 1, "began": "", "names": "kept"}
    first = next(line for line in lines if line.get("action") == "ListInstance")
    assert first["sent"]["query"] == [["page", "1"], ["size", "100"], ["RegionId", "cn-hangzhou"]]
    assert (first["sent"]["method"], first["sent"]["path"]) == ("GET", "/openapi/instances")
    assert first["sent"]["headers"]["Authorization"] == "redacted"
    assert first["came"]["body"]["json"]["Headers"] == {"X-Total-Count": 105}
    (missing,) = (line for line in lines[1:] if line["error"])
    assert missing["error"] == {"kind": "CloudError", "left": True}
    assert missing["came"]["body"]["json"]["Code"] == "InstanceNotFound"


def test_no_key_account_or_address_is_in_it(session: Session) -> None:
    text = session.path.read_text("utf-8")
    for account in session.emulator.world.accounts[::2]:
        for private in (account.access_key, account.secret, account.account_id, account.user_id):
            assert not [spelled for spelled in spellings(private) if spelled in text], private
    for private in ("aliyuncs.com", "192.168.", "10.10.4.", "127.0.0.1", "acs:ram", "qcs::cam", "uin/"):
        assert private not in text
        assert base64.b64encode(private.encode()).decode().rstrip("=")[:-2] not in text
        assert quote(private, safe="") not in text


def test_what_is_recorded_differs_in_nothing_from_what_is_believed(session: Session) -> None:
    checked = check([session.path])
    assert checked.differences == []
    assert checked.skipped == {}
    assert checked.compared == 8


def test_a_replay_gives_what_the_session_gave(session: Session) -> None:
    with Emulator(replay=Replay(session.path)) as replayed:
        assert session.look(replayed.url) == session.rows
        with pytest.raises(CloudError, match=r"NotRecorded: the recording holds no DescribeVSwitches in cn-hangzhou"):
            list(session.region("aliyun", replayed.url).iter(resource_type("network")))


def test_a_renamed_field_is_named(bent: Callable[[Bend], list[Difference]]) -> None:
    def rename(lines: list[Line]) -> None:
        for row in instances(lines)["Result"]:
            row["nodeCount"] = row.pop("nodeAmount")

    assert told(bent(rename)) == [
        ("Result[].nodeCount", "the cloud sends a number, the emulator no such field"),
        ("Result[].nodeAmount", "absent 100 of 105 times, the emulator always sends it"),
    ]


def test_another_type_is_named(bent: Callable[[Bend], list[Difference]]) -> None:
    def retype(lines: list[Line]) -> None:
        instances(lines)["Result"][3]["nodeAmount"] = "3"

    assert told(bent(retype)) == [("Result[].nodeAmount", "the cloud sends a text, the emulator a number")]


def test_a_row_that_cannot_be_read_is_named(bent: Callable[[Bend], list[Difference]]) -> None:
    def spoil(lines: list[Line]) -> None:
        instances(lines)["Result"][3]["nodeAmount"] = "several"

    assert told(bent(spoil))[0] == (
        "Result[].nodeAmount",
        'a row of elastic-search cannot be read: Result[].nodeAmount should be a whole number, but is "several"',
    )


@pytest.mark.parametrize(("field", "column"), [("status", "status"), ("paymentType", "billing_type")])
def test_a_new_word_is_named(bent: Callable[[Bend], list[Difference]], field: str, column: str) -> None:
    def reword(lines: list[Line]) -> None:
        instances(lines)["Result"][0][field] = "hibernating"

    text = "'hibernating' is a word that nobody knows: a row of elastic-search shows it as it came"
    assert told(bent(reword)) == [(column, text)]


def test_a_code_that_nobody_knows_is_named(bent: Callable[[Bend], list[Difference]]) -> None:
    def recode(lines: list[Line]) -> None:
        (missing,) = (line for line in lines if line["error"] and line["action"] == "DescribeInstance")
        missing["came"]["body"]["json"]["Code"] = "InstanceVanished"

    assert told(bent(recode)) == [("InstanceVanished", "an error code that no binding knows")]


@pytest.mark.parametrize(
    ("total", "text"),
    [
        (106, "the total is 106, but a page of 100 from 100 on has 5 rows"),
        (104, "the total is 104, but 105 rows came"),
    ],
)
def test_a_total_that_lies_is_named(bent: Callable[[Bend], list[Difference]], total: int, text: str) -> None:
    def lie(lines: list[Line]) -> None:
        for page in (0, 1):
            instances(lines, page)["Headers"]["X-Total-Count"] = total

    assert told(bent(lie)) == [("Headers.X-Total-Count", text)]


def test_other_broken_rules_of_pages_are_named(bent: Callable[[Bend], list[Difference]]) -> None:
    def bend(lines: list[Line]) -> None:
        instances(lines, 1)["Headers"]["X-Total-Count"] = 999
        instances(lines, 1)["Result"][0]["instanceId"] = instances(lines, 0)["Result"][0]["instanceId"]

    assert told(bent(bend)) == [
        ("Headers.X-Total-Count", "the total changed from 105 to 999 between pages"),
        ("Headers.X-Total-Count", "the total is 999, but a page of 100 from 100 on has 5 rows"),
        ("instanceId", "an id came twice in one list"),
    ]


def test_a_missing_total_and_what_is_no_json_are_named(bent: Callable[[Bend], list[Difference]]) -> None:
    def bend(lines: list[Line]) -> None:
        del instances(lines, 0)["Headers"]
        lines[-1]["came"] |= {"body": {"bytes": 12}, "status": 502}

    found = told(bent(bend))
    assert ("", "HTTP 502 with what is no JSON object") in found
    assert (
        "Headers.X-Total-Count",
        "the reply cannot be read: Headers.X-Total-Count should be a whole number, but is nothing",
    ) in found
    assert ("Headers", "absent 1 of 2 times, the emulator always sends it") in found


def test_calls_of_which_nothing_is_believed_are_counted(session: Session, tmp_path: Path) -> None:
    lines = session.path.read_text("utf-8").splitlines()
    others = [json.loads(lines[1]) | {"provider": name, "action": "Muse"} for name in ("aliyun", "aws", "azure")]
    (tmp_path / "others.jsonl").write_text("\n".join([*lines, *map(json.dumps, others)]), "utf-8")
    assert check([tmp_path / "others.jsonl"]).skipped == {
        ("aliyun", "Muse", "the emulator has no such call"): 1,
        ("aws", "Muse", "the vendor's model has no such call"): 1,
        ("azure", "Muse", "nothing is believed of this cloud"): 1,
    }


@pytest.mark.parametrize("text", ["", "{}", '{"recording": 2}', '{"recording": 1}\n{"provider": 1}', "[1]", "no"])
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text, "utf-8")
    with pytest.raises(UsageError, match="no recording of format 1"):
        check([tmp_path / "file"])
    with pytest.raises(ValueError, match="no recording of format 1"):
        Replay(tmp_path / "file")


def test_a_list_that_comes_whole_names_no_next_page(bent: Callable[[Bend], list[Difference]]) -> None:
    def bend(lines: list[Line]) -> None:
        zones = next(line for line in lines if line["action"] == "DescribeZones")
        zones["came"]["body"]["json"]["Response"]["NextToken"] = "more"

    assert told(bent(bend)) == [
        ("NextToken", "a list that comes whole names a next page"),
        ("Response.NextToken", "the cloud sends a text, the emulator no such field"),
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_recording_is_refused_or_read(session: Session, tmp_path: Path, data: st.DataObject) -> None:
    lines = [json.loads(line) for line in session.path.read_text("utf-8").splitlines()]
    line = data.draw(st.sampled_from([line for line in lines[1:] if line["action"] == "DescribeInstance"]))
    holder = data.draw(st.sampled_from([line, line["sent"], line["came"], line["came"]["body"]]))
    holder[data.draw(st.sampled_from(sorted(holder)))] = data.draw(json_values)
    path = tmp_path / "damaged.jsonl"
    path.write_text(f"{json.dumps(lines[0])}\n{json.dumps(line)}\n", "utf-8")
    for use in (lambda: check([path]), lambda: Replay(path)):
        with suppress(UsageError, ValueError):
            use()


def test_a_last_line_that_was_cut_is_left_out(session: Session, tmp_path: Path) -> None:
    text = session.path.read_text("utf-8")
    path = tmp_path / "cut.jsonl"
    path.write_text(text[:-300], "utf-8")
    assert len(read(path).calls) == len(read(session.path).calls) - 1


def test_threads_write_whole_lines(session: Session, tmp_path: Path) -> None:
    recorder = recording.Recorder(str(tmp_path / "many.jsonl"), hash_names=True)
    seen: list[client.Exchange] = []
    client.tap = seen.append
    try:
        list(session.region("aliyun", session.emulator.url).iter(resource_type("vpc")))
    finally:
        client.tap = None

    def write() -> None:
        for exchange in seen * 3:
            recorder(exchange)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (tmp_path / "many.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 1 + 4 * 3 * len(seen)
    bodies = {json.dumps(json.loads(line)["came"]["body"]) for line in lines[1:]}
    assert len(bodies) == len(seen), "the same answer reads the same"


def test_a_recording_that_fails_changes_nothing_else(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    client.tap = recorder = recording.Recorder(str(session.path.parent / "full.jsonl"))
    recorder.file = -1  # as if the disk took no more
    try:
        rows = list(session.region("aliyun", session.emulator.url).iter(resource_type("vpc")))
    finally:
        client.tap = None
    assert len(rows) == 105
    assert [record.message for record in caplog.records if "ended" in record.message] != []
    assert sum("ended" in record.message for record in caplog.records) == 1


def test_a_call_that_got_no_answer_is_recorded_and_replayed_as_such(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "faults.jsonl"
    recording.start(str(path))
    session.emulator.fault("reset-before", action="DescribeVpcs", times=1)
    try:
        list(session.region("aliyun", session.emulator.url).iter(resource_type("vpc")))
    finally:
        client.tap = None
    first = json.loads(path.read_text("utf-8").splitlines()[1])
    assert first["came"] is None
    assert first["error"] == {"kind": "ConnectFailed", "left": True}
    with Emulator(replay=Replay(path)) as replayed:
        assert len(list(session.region("aliyun", replayed.url).iter(resource_type("vpc")))) == 105


class Shell:
    """The programs, with the emulator's keys."""

    def __init__(self, emulator: Emulator, home: Path) -> None:
        from cloudmux_py.emulator.server import exports

        lines = [line.removeprefix("export ") for line in exports(emulator).splitlines()]
        self.home = home
        self.env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        self.env |= dict(line.split("=", 1) for line in lines)

    def __call__(self, *words: str, code: int = 0) -> programs.Done:
        done = programs.run(words, env=self.env)
        assert done.returncode == code, done.stderr
        return done


@pytest.fixture
def shell(session: Session, tmp_path: Path) -> Shell:
    return Shell(session.emulator, tmp_path)


def test_the_programs_record_check_and_say_how_it_went(shell: Shell, tmp_path: Path) -> None:
    wire = str(tmp_path / "wire.jsonl")
    live = shell("cloudcli", "--record", wire, "--provider", "qcloud", "zone-list", "-o", "csv").stdout
    assert shell("cloudcli", "emulator", "check", wire, code=OK).stderr == "1 calls compared, 0 differences\n"
    with Emulator(replay=Replay(Path(wire))) as replayed:
        shell.env["QCLOUD_ENDPOINT"] = replayed.url
        assert shell("cloudcli", "--provider", "qcloud", "zone-list", "-o", "csv").stdout == live
    text = Path(wire).read_text("utf-8")
    Path(wire).write_text(text.replace('"ZoneState"', '"ZoneMood"'), "utf-8")
    done = shell("cloudcli", "emulator", "check", wire, "-o", "tsv", code=FAILED)
    assert "qcloud\tDescribeZones\tResponse.ZoneSet[].ZoneMood\t" in done.stdout
    Path(wire).write_text(text.replace('"qcloud"', '"aws"'), "utf-8")
    assert "not compared: aws DescribeZones" in shell("cloudcli", "emulator", "check", wire, code=PARTLY).stderr
    shell("cloudcli", "emulator", "check", code=USAGE)
    Path(wire).write_text(text.splitlines(keepends=True)[0], "utf-8")
    assert shell("cloudcli", "emulator", "check", wire, code=PARTLY).stderr.startswith("0 calls compared")
    Path(wire).write_text(text[:-300], "utf-8")
    assert "cut short" in shell("cloudcli", "emulator", "check", wire, code=PARTLY).stderr
    done = shell("cloudcli", "--provider", "qcloud", "zone-list", "--record", "", code=USAGE)
    assert done.stdout == "", "an empty variable is no wish to go unrecorded"
    shell("cloudcli", "--provider", "qcloud", "zone-list", "--record", wire, code=USAGE)


def test_a_sync_is_recorded_with_hashed_names(shell: Shell, session: Session, tmp_path: Path) -> None:
    shell.env |= {"CLIMC_DB": str(tmp_path / "cache.db"), "CLIMC_KEY_FILE": str(tmp_path / "key")}
    shell("climc", "cloud-account-create-aliyun", "ali", "--record", str(tmp_path / "create"))
    sync = ("climc", "cloud-account-sync", "ali", "--resources", "elastic_search", "--region", "cn-hangzhou")
    shell(*sync, "--record", str(tmp_path / "sync"), "--record-hash-names")
    written = (tmp_path / "create").read_text("utf-8") + (tmp_path / "sync").read_text("utf-8")
    secret = session.emulator.secret
    assert not [spelled for spelled in spellings(secret) if spelled in written]
    hashed = (tmp_path / "sync").read_text("utf-8")
    for id, row in session.emulator.rows("aliyun", "cn-hangzhou").items():
        assert id not in hashed
        assert not row["description"] or json.dumps(row["description"]) not in hashed
    assert {line["action"] for line in map(json.loads, hashed.splitlines()[1:])} >= {"ListInstance", "DescribeRegions"}
    checked = check([tmp_path / "create", tmp_path / "sync"])
    assert checked.differences == []
