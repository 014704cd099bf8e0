"""Recordings of AWS are held against botocore's service models: sessions with moto, and answers that are bent."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudmux_py.aws.client import Api, operation
from cloudmux_py.aws.provider import Provider
from cloudmux_py.cloudprovider.errors import CloudError, CloudmuxError
from cloudmux_py.console.exit_codes import PARTLY
from cloudmux_py.emulator import Emulator, Replay
from cloudmux_py.engine import client, recording
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.policy import changing_calls, reading_calls
from cloudmux_py.engine.region import Region
from cloudmux_py.evidence import Difference, check
from cloudmux_py.evidence.calls import Call
from cloudmux_py.evidence.model import TIME, made_up, on_wire
from cloudmux_py.evidence.modelled import Modelled
from cloudmux_py.evidence.shape import Shape
from cloudmux_py.resources import resource_type, resource_types

from .conftest import Aws, region_of
from .played import XML, Answer, Played, refusal, vpcs
from .test_types import SEEDS

MOTO = {
    f"SoftwareUpdateOptions.{field}"
    for field in (
        "AutomatedUpdateDate",
        "Cancellable",
        "CurrentVersion",
        "Description",
        "NewVersion",
        "OptionalDeployment",
        "UpdateAvailable",
        "UpdateStatus",
    )
}
"""Where moto deviates: these are fields of ServiceSoftwareOptions."""


@contextmanager
def recorded(path: Path) -> Iterator[None]:
    """Record meanwhile."""
    recording.start(str(path))
    try:
        yield
    finally:
        client.tap = None


def list_and_get(region: Region, keyword: str, *, get: bool = True) -> list[dict[str, Any]]:
    """All rows of a type, and some of them one by one."""
    row = resource_type(keyword)
    rows = list(region.iter(row))
    rows += [region.get(row, found.external_id) for found in rows[:2] if get]
    return [found.to_dict() for found in rows]


def of_moto(found: Difference) -> bool:
    """Whether it is one of those that moto is known for."""
    field = found.where.partition("].")[2] or found.where.partition(".")[2]
    return found.difference.endswith("the vendor's model no such field") and field in MOTO


def test_a_session_of_one_type_is_as_the_models_say_but_for_what_moto_does(aws: Aws, tmp_path: Path) -> None:
    seed, none = SEEDS["elastic_search"]
    _, deleted, *_ = seed(aws, 3)
    region, row, path = aws.region(), resource_type("elastic_search"), tmp_path / "wire.jsonl"
    with recorded(path):
        region.account.caller_identity()
        region.account.regions()
        live = list_and_get(region, "elastic_search")
        with pytest.raises(CloudmuxError):
            region.get(row, none)
        region.delete(row, deleted)
    checked = check([path])
    assert [found for found in checked.differences if not of_moto(found)] == []
    assert {found.action for found in checked.differences} == {"DescribeDomains", "DescribeDomain", "DeleteDomain"}
    assert len(checked.differences) == 3 * len(MOTO)
    assert (checked.compared, checked.skipped) == (12, {})
    with Emulator(replay=Replay(path)) as replayed:
        region = region_of(replayed.url)
        again = list_and_get(region, "elastic_search", get=False)
        assert [found["name"] for found in again] == [found["name"] for found in live[:3]]
        with pytest.raises(CloudError, match="NotRecorded: the recording holds no GET /2021-01-01/opensearch/domain/"):
            region.get(row, again[0]["external_id"])


CALLS = {
    call
    for row in resource_types()
    if (binding := find_binding(row, "aws"))
    for call in (*reading_calls(binding), *changing_calls(binding))
} | {Provider.identity, Provider.all_regions.call}


def element(name: str, model: Any) -> str:
    """An element of XML with all that a model has."""
    if model.type_name == "structure":
        inner = "".join(element(name, member) for name, member in on_wire(model).items())
    elif model.type_name == "list":
        inner = element(model.member.serialization.get("name", "member"), model.member)
    else:
        inner = json.dumps(made_up(model, 0)).strip('"')
    return f"<{name}>{inner}</{name}>"


def in_json(model: Any) -> Any:
    """A value of JSON with all that a model has."""
    if model.type_name == "structure":
        return {name: in_json(member) for name, member in on_wire(model).items()}
    if model.type_name in {"list", "map"}:
        return [in_json(model.member)] if model.type_name == "list" else {"key": in_json(model.value)}
    return TIME.timestamp() if model.type_name == "timestamp" else made_up(model, 0)


@pytest.mark.parametrize("api", sorted(CALLS, key=str), ids=lambda api: str(api.action))
def test_what_has_all_that_the_model_has_differs_in_nothing_and_is_read_whole(api: Api) -> None:
    model, belief = operation(api), Modelled("aws", ())
    output, protocol = model.output_shape, model.service_model.resolved_protocol
    text, body = "", None
    if protocol == "rest-json":
        body = in_json(output)
    elif protocol == "query":
        result = element(output.serialization["resultWrapper"], output)
        text = f"<R>{result}<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></R>"
    else:
        inner = "".join(element(name, member) for name, member in on_wire(output).items()) if output else ""
        text = f"<R><requestId>r</requestId>{inner or '<return>true</return>'}</R>"
    call = Call("aws", "us-east-1", api.service, "", api.action, {}, 200, {}, body, text)
    shape, believed = Shape(), belief.shape(call.api)
    shape.add(belief.fields(call))
    assert believed
    assert list(shape.differences(believed, "the model")) == []
    read = belief.read(call).data
    assert {name: read[name] for name in read if name != "RequestId"} == (made_up(output, 0) if output else {})


@pytest.fixture
def told(played: Played, tmp_path: Path) -> Callable[..., list[tuple[str, str]]]:
    """What differs where a type is listed, and the calls are answered so."""

    def differences(keyword: str, *answers: Answer) -> list[tuple[str, str]]:
        played.script(*answers)
        path = tmp_path / "wire.jsonl"
        with recorded(path), suppress(CloudmuxError):
            list(region_of(played.url).iter(resource_type(keyword)))
        assert len(path.read_text("utf-8").splitlines()) > len(answers)
        return [(found.where, found.difference) for found in check([path]).differences]

    return differences


def xml(action: str, inner: str) -> Answer:
    """A reply of EC2."""
    root = f"{action}Response"
    return Answer(f'<{root} xmlns="{XML}"><requestId>r-1</requestId>{inner}</{root}>')


def vpc(inner: str) -> Answer:
    """One VPC with what else it has."""
    return xml("DescribeVpcs", f"<vpcSet><item><vpcId>vpc-1</vpcId>{inner}</item></vpcSet>")


READY = "<state>available</state>"
NO_FIELD = "the vendor's model no such field"


@pytest.mark.parametrize(
    ("inner", "where", "difference"),
    [
        (READY, "", ""),
        (f"{READY}<tagSet/><isDefault>true</isDefault><encryptionControl/>", "", ""),
        (f"{READY}<mood>good</mood>", "vpcSet[].mood", f"the cloud sends a text, {NO_FIELD}"),
        (f"{READY}<mood><of>me</of></mood>", "vpcSet[].mood", f"the cloud sends an object, {NO_FIELD}"),
        (f"{READY}<mood><item>good</item></mood>", "vpcSet[].mood", f"the cloud sends a list, {NO_FIELD}"),
        (
            f"{READY}<isDefault>perhaps</isDefault>",
            "vpcSet[].isDefault",
            "the cloud sends a text, the vendor's model true or false",
        ),
        (
            f"{READY}<tagSet>none</tagSet>",
            "vpcSet[].tagSet",
            "the cloud sends a text, the vendor's model a list",
        ),
        (
            f"{READY}<dhcpOptionsId>dopt-1</dhcpOptionsId><dhcpOptionsId>dopt-2</dhcpOptionsId>",
            "vpcSet[].dhcpOptionsId",
            "the cloud sends a list, the vendor's model a text",
        ),
        (
            "<state>hibernating</state>",
            "status",
            "'hibernating' is a word that nobody knows: a row of vpc shows it as it came",
        ),
        (
            "",
            "Vpcs[].State",
            "a row of vpc cannot be read: Vpcs[].State should be a text, but is nothing",
        ),
    ],
)
def test_fields_types_and_words(told: Any, inner: str, where: str, difference: str) -> None:
    assert told("vpc", vpc(inner)) == ([(where, difference)] if difference else [])


def test_a_number_and_a_time_that_are_none_are_named_though_botocore_reads_nothing_then(told: Any) -> None:
    inner = "<volumeSet><item><size>much</size><createTime>soon</createTime></item></volumeSet>"
    assert told("disk", xml("DescribeVolumes", inner)) == [
        ("", "HTTP 200 with what botocore cannot read"),
        ("volumeSet[].size", "the cloud sends a text, the vendor's model a number"),
        ("volumeSet[].createTime", "the cloud sends a text, the vendor's model a time"),
    ]


@pytest.mark.parametrize("status", [400, 409, 503])
def test_a_code_that_nobody_knows_is_named(told: Any, status: int) -> None:
    found = told("vpc", refusal("InvalidVpcID.Vanished", status))
    assert found == [("InvalidVpcID.Vanished", "an error code that no binding knows")]


@pytest.mark.parametrize("code", ["InvalidVpcID.NotFound", "UnauthorizedOperation", "RequestLimitExceeded"])
def test_codes_of_a_binding_and_of_the_cloud_are_known(told: Any, code: str) -> None:
    assert told("vpc", refusal(code)) == []


@pytest.mark.parametrize(
    ("pages", "where", "difference"),
    [
        ([vpcs("vpc-1", token="n"), vpcs("vpc-2", token="n")], "NextToken", "a page names itself as the next one"),
        (
            [vpcs("vpc-1", token="n"), vpcs("vpc-2", token="o"), vpcs("vpc-3", token="n")],
            "NextToken",
            "a page names one before it as the next one",
        ),
        ([vpcs(token="n"), vpcs("vpc-1", token="")], "NextToken", "an empty page names a next one"),
        ([vpcs("vpc-1", token="n"), vpcs("vpc-1")], "VpcId", "an id came twice in one list"),
        ([vpcs(*(f"vpc-{number}" for number in range(1001)))], "Vpcs", "1001 rows on a page of 1000"),
    ],
)
def test_broken_rules_of_pages(told: Any, pages: list[Answer], where: str, difference: str) -> None:
    assert told("vpc", *pages) == [(where, difference)]


def test_a_list_that_comes_whole_has_each_row_once_and_no_next_page(told: Any) -> None:
    item = "<item><allocationId>eipalloc-1</allocationId></item>"
    inner = f"<addressesSet>{item}{item}</addressesSet><nextToken>n</nextToken>"
    assert told("eip", xml("DescribeAddresses", inner)) == [
        ("AllocationId", "an id came twice in one list"),
        ("nextToken", f"the cloud sends a text, {NO_FIELD}"),
    ]


def test_a_gateway_s_page_is_named(told: Any) -> None:
    page = Answer("<html><body>Bad Gateway<br></body>", 502, {"Content-Type": "text/html"})
    assert told("vpc", page) == [("", "HTTP 502 with what is no XML")]


DOMAIN: dict[str, Any] = {
    "ARN": "arn:aws:es:us-east-1:123456789012:domain/logs",
    "DomainId": "123456789012/logs",
    "DomainName": "logs",
    "ClusterConfig": {"InstanceType": "r6g.large.search", "InstanceCount": 2},
    "EngineVersion": "OpenSearch_2.11",
    "Endpoints": {"vpc": "vpc-logs.us-east-1.es.amazonaws.com"},
    "Endpoint": None,
    "ServiceSoftwareOptions": {"AutomatedUpdateDate": 1767225600},
}
NAMES = Answer('{"DomainNames": [{"DomainName": "logs", "EngineType": "OpenSearch"}]}')


@pytest.mark.parametrize(
    ("changed", "where", "difference"),
    [
        ({}, "", ""),
        ({"Mood": 1}, "DomainStatusList[].Mood", f"the cloud sends a number, {NO_FIELD}"),
        (
            {"Endpoints": {"vpc": 1}},
            "DomainStatusList[].Endpoints.*",
            "the cloud sends a number, the vendor's model a text or null",
        ),
        (
            {"ServiceSoftwareOptions": {"AutomatedUpdateDate": "soon"}},
            "DomainStatusList[].ServiceSoftwareOptions.AutomatedUpdateDate",
            "the cloud sends a text, the vendor's model a time or null",
        ),
        (
            {"DomainId": None},
            "DomainStatusList[].DomainId",
            "the cloud sends null, the vendor's model a text",
        ),
        (
            {"DomainProcessingStatus": "Hibernating"},
            "status",
            "'Hibernating' is a word that nobody knows: a row of elastic-search shows it as it came",
        ),
        (
            {"EngineVersion": "ClosedSearch_1.0"},
            "category",
            "'ClosedSearch' is a word that nobody knows: a row of elastic-search shows it as it came",
        ),
    ],
)
def test_json_is_compared_as_well(told: Any, changed: dict[str, Any], where: str, difference: str) -> None:
    domain = json.dumps({"DomainStatusList": [DOMAIN | changed]})
    found = told("elastic_search", NAMES, Answer(domain))
    unread = [("", "HTTP 200 with what botocore cannot read")] if "a time" in difference else []
    assert found == unread + ([(where, difference)] if difference else [])


def test_a_field_that_the_model_requires_is_missed(told: Any) -> None:
    domain = {name: value for name, value in DOMAIN.items() if name != "DomainId"}
    assert told("elastic_search", NAMES, Answer(json.dumps({"DomainStatusList": [domain, DOMAIN]})))[-1] == (
        "DomainStatusList[].DomainId",
        "absent 1 of 2 times, the vendor's model always sends it",
    )


@pytest.mark.parametrize("header", ["TeapotException", "TeapotException:http://internal.amazon.com/coral/"])
def test_a_code_that_a_header_has_is_named(told: Any, header: str) -> None:
    answer = Answer('{"message": "no"}', 400, {"X-Amzn-ErrorType": header})
    assert told("elastic_search", answer) == [("TeapotException", "an error code that no binding knows")]


@pytest.fixture
def lines(played: Played, tmp_path: Path) -> list[Any]:
    """A recording of one list."""
    played.script(vpc(f"{READY}<isDefault>true</isDefault>"))
    path = tmp_path / "whole.jsonl"
    with recorded(path):
        list(region_of(played.url).iter(resource_type("vpc")))
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


pieces = st.sampled_from(["<item>", "</item>", "<vpcSet>", "</vpcSet>", "<vpcId/>", "<state>", "&", "x", "<!--", "1"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 200), st.integers(0, 40), st.lists(pieces, max_size=6), st.sampled_from([200, 400, 404, 503]))
def test_whatever_xml_came_it_is_compared(
    lines: list[Any], tmp_path: Path, start: int, cut: int, added: list[str], status: int
) -> None:
    head, call = lines
    xml = call["came"]["body"]["xml"]
    came = {"status": status, "headers": {}, "body": {"xml": xml[:start] + "".join(added) + xml[start + cut :]}}
    path = tmp_path / "damaged.jsonl"
    path.write_text(f"{json.dumps(head)}\n{json.dumps(call | {'came': came})}\n", "utf-8")
    assert check([path]).compared == 1


def test_xml_that_is_nested_without_end_is_none(lines: list[Any], tmp_path: Path) -> None:
    head, call = lines
    call["came"]["body"]["xml"] = "<a>" * 5000 + "</a>" * 5000
    path = tmp_path / "deep.jsonl"
    path.write_text(f"{json.dumps(head)}\n{json.dumps(call)}\n", "utf-8")
    assert [found.difference for found in check([path]).differences] == ["HTTP 200 with what is no XML"]


WITHOUT = """
import sys
sys.modules["botocore"] = None
from cloudmux_py.shell import main
sys.argv = sys.argv[1:]
main()
"""


def test_without_the_extra_aws_s_calls_are_skipped_and_it_is_said_why(played: Played, tmp_path: Path) -> None:
    played.script(vpc(READY))
    path = tmp_path / "wire.jsonl"
    with recorded(path):
        list(region_of(played.url).iter(resource_type("vpc")))
    words = ["cloudcli", "emulator", "check", str(path)]
    done = subprocess.run([sys.executable, "-c", WITHOUT, *words], capture_output=True, text=True)
    assert done.returncode == PARTLY, done.stderr
    assert "not compared: aws DescribeVpcs (1 times): aws needs botocore: pip install 'cloudmux-py[aws]'" in done.stderr
    path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    done = subprocess.run([sys.executable, "-c", WITHOUT, *words], capture_output=True, text=True)
    assert (done.returncode, "botocore" in done.stderr) == (PARTLY, False), "no call of AWS, no need of it"
