"""What may be shown of a cloud's wire: nothing that says whose it is survives, in whatever field and spelling."""

import base64
import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmux_py.engine.raw import Raw
from cloudmux_py.engine.redact import Kind, Redactor, kind_of, spellings
from cloudmux_py.testing import Case, cases

DATA = Path(__file__).parents[2] / "data"
HIDDEN = {
    "cidr_block",
    "endpoint",
    "image_id",
    "internal_connection_str",
    "ip_addr",
    "ipv6_cidr_block",
    "network_address",
    "private_dns",
    "private_ip_addr",
    "private_ips",
    "public_ips",
    "elastic_ips",
}
"""Columns that hold addresses, or ids that cannot be told from such."""


def keys_of(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in keys_of(inner)}
    return {key for inner in value for key in keys_of(inner)} if isinstance(value, list) else set()


KEYS = sorted({key for file in DATA.rglob("*.json") for key in keys_of(json.loads(file.read_text("utf-8")))})

letters = st.text(string.ascii_lowercase, min_size=3, max_size=10)
alphanumeric = st.text(string.ascii_letters + string.digits, min_size=16, max_size=30)
domains = st.builds("{}.{}.{}".format, letters, letters, st.sampled_from(["com", "cn", "net", "internal", "io"]))
accounts = st.one_of(
    st.integers(10**15, 10**16 - 1),
    st.integers(10**11, 10**12 - 1),
    st.integers(1_250_000_000, 1_400_000_000),
)
addresses = st.one_of(
    st.ip_addresses(v=4).map(str).filter(lambda value: not value.startswith("198.1")),
    st.ip_addresses(v=6).map(str).filter(lambda value: len(value) > 8 and not value.startswith("2001:db8")),
)
plants = st.one_of(
    addresses,
    accounts.map(str),
    domains,
    st.builds("{}@{}".format, letters, domains),
    st.builds("https://{}/x".format, domains),
    st.builds("arn:aws:es:us-east-1:{}:domain/{}".format, accounts, letters),
    st.integers(13_000_000_000, 19_999_999_999).map("+86{}".format),
    st.builds("{}{}".format, st.sampled_from(["LTAI5t", "AKID", "AKIA"]), alphanumeric),
)
ENCODINGS: list[Callable[[str], str]] = [
    str,
    lambda text: quote(text, safe=""),
    lambda text: text.encode().hex(),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
]
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=12))
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
)


@st.composite
def planted(draw: st.DrawFn) -> tuple[str, Any]:
    """Something private, spelled in some way, and a document that holds it somewhere."""
    spelled = draw(st.sampled_from(ENCODINGS))(draw(plants))
    text = draw(st.sampled_from(["{}", "see {}", "{} it", "a,{}", "a {} b"])).format(spelled)
    places = [
        text,
        [text],
        {draw(st.sampled_from(KEYS)): text},
        {text: draw(scalars)},
        {"Tags": [{"Key": "owner", "Value": text}]},
        {draw(st.sampled_from(KEYS)): json.dumps({"inner": text})},
    ]
    value = draw(st.sampled_from(places))
    for key in draw(st.lists(st.sampled_from(KEYS), max_size=3)):
        value = {key: value, draw(st.sampled_from(KEYS)): draw(documents)} if draw(st.booleans()) else {key: [value]}
    return spelled, value


def shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@settings(max_examples=80, deadline=None)
@given(planted(), st.booleans())
def test_nothing_private_survives(found: tuple[str, Any], hash_names: bool) -> None:
    spelled, document = found
    assert spelled not in shown(Redactor(b"salt", hash_names=hash_names).value(document))


@settings(max_examples=60, deadline=None)
@given(accounts, st.sampled_from(KEYS))
def test_the_number_of_an_account_does_not_survive_as_a_number(number: int, key: str) -> None:
    redacted = Redactor(b"salt").value({key: [number]})
    assert str(number) not in shown(redacted)
    (items,) = redacted.values()
    assert all(isinstance(item, int) for item in items)


OURS = set("redacted-name0123456789abcdef/")
secrets = st.text(string.printable.strip(), min_size=6, max_size=20).filter(lambda text: set(text) - OURS)
"""Keys have neither spaces nor other alphabets; what looks like our own replacements is found in any."""


@settings(max_examples=60, deadline=None)
@given(
    secrets,
    documents,
    st.sampled_from(KEYS),
    st.data(),
)
def test_a_known_secret_survives_in_no_spelling(secret: str, document: Any, key: str, data: st.DataObject) -> None:
    redactor = Redactor(b"salt")
    redactor.learn(secret)
    spelled = data.draw(st.sampled_from(sorted(spellings(secret))))
    found = redactor.value({key: [document, spelled, f"x{spelled}"], f"k{spelled}": 1})
    assert not [text for text in texts_of(found) if spelled in text]
    assert spelled not in redactor.xml(f"<{key}>{spelled}</{key}>")
    assert spelled not in redactor.path(f"/openapi/{spelled}")


def texts_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in [key, *texts_of(inner)]]
    if isinstance(value, list):
        return [text for inner in value for text in texts_of(inner)]
    return [value] if isinstance(value, str) else []


@settings(max_examples=50, deadline=None)
@given(documents)
def test_structure_and_types_stay(document: Any) -> None:
    assert outline(Redactor(b"salt").value(document)) == outline(document)


def outline(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted(str(outline(inner)) for inner in value.values())
    if isinstance(value, list):
        return [outline(inner) for inner in value]
    return type(value).__name__


@given(plants)
def test_the_same_reads_the_same_in_one_recording_and_differs_in_another(value: str) -> None:
    one, other = Redactor(b"one"), Redactor(b"other")
    assert one.replaced(value) == one.replaced(value)
    assert one.digest(value) != other.digest(value)


@pytest.mark.parametrize("case", [*cases(DATA)], ids=str)
def test_a_redacted_row_reads_as_before(case: Case) -> None:
    redactor = Redactor(b"salt")
    for raw in (*case.listed(), *case.detailed()):
        before = case.binding.parse(raw).to_dict()
        after = case.binding.parse(Raw(redactor.value(raw.data))).to_dict()
        for name in before.keys() - HIDDEN:
            assert outline(after[name]) == outline(before[name]), name
        for name in ("status", "billing_type", "created_at", "expired_at", "instance_type", "version"):
            assert after.get(name) == before.get(name), name


def test_words_that_the_parsers_must_know_are_kept() -> None:
    redactor = Redactor(b"salt", hash_names=True)
    kept = {
        "Status": ["Running", "LAUNCH_FAILED", "DBInstanceClassChanging"],
        "Code": ["InvalidDBInstanceId.NotFound", "InvalidParameterValue.PrePaidInstanceUnableToIsolate"],
        "NodeType": ["ES.S1.MEDIUM8", "elasticsearch.sn2ne.2xlarge", "mysql.n2.medium.2c"],
        "ZoneId": ["cn-hangzhou-MAZ10(h,i)", "ap-guangzhou-6"],
        "EngineVersion": ["7.10_with_X-Pack", "8.0"],
        "TagKey": ["acs:rm:rgId"],
        "CreateTime": ["2024-04-25T07:15Z", "2024-07-06 20:52:48", "1714528800123"],
        "OSName": ["TencentOS Server 3.1 (TK4)"],
    }
    assert redactor.value(kept) == kept


def test_ids_and_names_are_hashed_on_demand_and_agree() -> None:
    redactor = Redactor(b"salt", hash_names=True)
    listed = redactor.value({"InstanceId": "es-cn-ed52w1p1vztmx", "InstanceName": "orders"})
    asked = redactor.path("/openapi/instances/es-cn-ed52w1p1vztmx")
    assert listed["InstanceId"].startswith("es-cn-")
    assert "ed52w1p1vztmx" not in shown(listed)
    assert "orders" not in shown(listed)
    assert asked == f"/openapi/instances/{listed['InstanceId']}"
    assert redactor.text("acmesearch", "InstanceId") != "acmesearch", "an id may be a name of letters alone"
    path = redactor.path("/2021-01-01/opensearch/domain/acmesearch")
    assert path.startswith("/2021-01-01/opensearch/domain/")
    assert "acmesearch" not in path


@pytest.mark.parametrize("key", ["Reason", "Status", "ZoneName", "Name", "OSName", "InstanceId", "Foo"])
@pytest.mark.parametrize("number", ["138-1234-5678", "+86 138 1234 5678", "(415) 555-0100", "+49 30 901820"])
def test_a_telephone_number_does_not_survive_its_spelling(number: str, key: str) -> None:
    assert number not in Redactor(b"salt").text(number, key)


def test_a_state_s_name_and_truth_values_of_xml_are_kept_though_names_are_hashed() -> None:
    redactor = Redactor(b"salt", hash_names=True)
    state = "<R><instanceState><code>16</code><name>running</name></instanceState></R>"
    assert redactor.xml(state) == state
    truth = "<R><mapPublicIpOnLaunch>true</mapPublicIpOnLaunch><ipOwner>false</ipOwner></R>"
    assert redactor.xml(truth) == truth
    assert "alice" not in redactor.xml("<R><user><name>alice</name></user></R>")
    assert "true" not in redactor.xml("<R><password>true</password></R>")


def test_a_list_of_names_is_redacted_as_one_name() -> None:
    found = Redactor(b"salt").value({"DomainName": "logs-0", "DomainNames": ["logs-0", "logs.example.com"]})
    assert found["DomainNames"][0] == found["DomainName"] == "logs-0"
    assert "example" not in found["DomainNames"][1]


def test_xml_keeps_its_elements_and_loses_what_is_private() -> None:
    text = (
        '<?xml version="1.0"?><R xmlns="http://x/"><item><vpcId>vpc-0a1b2c3d</vpcId><ownerId>123456789012</ownerId>'
        "<state>available</state><cidrBlock>10.0.0.0/16</cidrBlock></item></R>"
    )
    redacted = Redactor(b"salt").xml(text)
    assert "<R><item><vpcId>vpc-0a1b2c3d</vpcId><ownerId>" in redacted
    assert "<state>available</state>" in redacted
    assert "123456789012" not in redacted
    assert "10.0.0.0" not in redacted


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("AccessKeyId", Kind.SECRET),
        ("SecurityToken", Kind.SECRET),
        ("OwnerId", Kind.PERSON),
        ("AppId", Kind.PERSON),
        ("VpcUid", Kind.ID),
        ("AddressId", Kind.ID),
        ("AddressStatus", Kind.WORD),
        ("PrivateIpAddress", Kind.PLACE),
        ("InstanceName", Kind.NAME),
        ("OSName", Kind.LABEL),
        ("CreateTime", Kind.TIME),
        ("ErrorCode", Kind.CODE),
        ("DiskSize", Kind.OTHER),
    ],
)
def test_a_key_says_what_its_value_is(key: str, kind: Kind) -> None:
    assert kind_of(key) is kind
