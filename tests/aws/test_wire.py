"""What AWS, or something in its place, may answer: pages, proofs, errors, and deletions that lose their answer."""

import json
import socket
from typing import Any

import pytest

from cloudmux_py import connect
from cloudmux_py.aws.provider import Provider
from cloudmux_py.cloudprovider.errors import (
    AuthFailed,
    CloudError,
    Conflict,
    ConnectFailed,
    Denied,
    Drift,
    InvalidParam,
    MalformedResponse,
    NotFound,
    PaginationError,
    ServerFault,
    ServiceNotOpen,
    Throttled,
    UnknownRegion,
)
from cloudmux_py.credentials import Credentials
from cloudmux_py.engine.region import Region
from cloudmux_py.resources.elastic_search import ElasticSearch
from cloudmux_py.resources.vpc import Vpc

from .conftest import KEY, SECRET, region_of
from .played import XML, Answer, Asked, Played, refusal, vpcs


def region(played: Played) -> Region:
    return region_of(played.url)


# Pages and their proofs.


def test_a_chain_of_tokens_is_followed_to_its_end(played: Played) -> None:
    played.script(vpcs("vpc-1", "vpc-2", token="a"), vpcs(token="b"), vpcs("vpc-3"))
    assert [row.external_id for row in region(played).iter(Vpc)] == ["vpc-1", "vpc-2", "vpc-3"]
    assert [call.params.get("NextToken") for call in played.calls] == [None, "a", "b"]
    assert {call.params["MaxResults"] for call in played.calls} == {"1000"}


def test_an_empty_token_ends_the_chain(played: Played) -> None:
    played.script(vpcs("vpc-1", token=""))
    assert len(list(region(played).iter(Vpc))) == 1
    assert len(played.calls) == 1


@pytest.mark.parametrize("tokens", ["aa", "aba"])
def test_a_token_that_comes_again_is_refused(played: Played, tokens: str) -> None:
    played.script(*(vpcs(f"vpc-{number}", token=token) for number, token in enumerate(tokens)))
    with pytest.raises(PaginationError, match="names a page that was fetched already"):
        list(region(played).iter(Vpc))
    assert len(played.calls) == len(tokens)


def test_a_row_that_comes_twice_is_drift(played: Played) -> None:
    played.script(vpcs("vpc-1", token="a"), vpcs("vpc-1"))
    with pytest.raises(Drift, match="vpc-1 came twice"):
        list(region(played).iter(Vpc))


@pytest.mark.parametrize(
    "body",
    [
        f'<DescribeVpcsResponse xmlns="{XML}"><requestId>r</requestId></DescribeVpcsResponse>',
        f'<DescribeSubnetsResponse xmlns="{XML}"><subnetSet/></DescribeSubnetsResponse>',
        "<html><body>Welcome</body></html>",
        '{"Vpcs": []}',
        "",
    ],
    ids=["no key", "another call's", "a page", "JSON", "nothing"],
)
def test_a_good_status_without_the_result_is_no_empty_list(played: Played, body: str) -> None:
    played.script(Answer(body))
    with pytest.raises(MalformedResponse):
        list(region(played).iter(Vpc))


@pytest.mark.parametrize("body", ["{}", "null", "<html></html>", "garbage", '{"DomainNames": null}'])
def test_names_that_are_not_there_are_no_empty_list(played: Played, body: str) -> None:
    played.script(Answer(body))
    with pytest.raises(MalformedResponse):
        list(region(played).iter(ElasticSearch))


# Rows that are asked for by name.


def domain(name: str) -> dict[str, Any]:
    return {"DomainName": name, "ARN": f"arn:aws:es:us-east-1:1:domain/{name}", "DomainId": f"1/{name}"}


def domains(names: list[str], *, lost: str = "", added: str = "") -> Any:
    """A service of domains; it forgets one, or answers one more."""

    def play(asked: Asked) -> Answer:
        if asked.action.endswith("/domain"):
            return Answer(json.dumps({"DomainNames": [{"DomainName": name} for name in names]}))
        wanted = json.loads(asked.body)["DomainNames"]
        found = [domain(name) for name in wanted if name != lost] + ([domain(added)] if added else [])
        return Answer(json.dumps({"DomainStatusList": found}))

    return play


@pytest.mark.parametrize("count", [0, 1, 5, 6, 12])
def test_rows_are_asked_for_by_name_five_at_a_time(played: Played, count: int) -> None:
    names = [f"logs-{number}" for number in range(count)]
    played.play = domains(names)
    assert [row.name for row in region(played).iter(ElasticSearch)] == names
    sizes = [len(json.loads(call.body)["DomainNames"]) for call in played.calls if call.body]
    assert sizes == [5] * (count // 5) + ([count % 5] if count % 5 else [])


def test_a_name_without_an_answer_is_drift(played: Played) -> None:
    played.play = domains(["a-1", "a-2"], lost="a-2")
    with pytest.raises(Drift, match="did not answer a-2"):
        list(region(played).iter(ElasticSearch))
    listing = region(played)
    with pytest.raises(Drift):
        listing.list(ElasticSearch)
    assert sum(call.action.endswith("/domain") for call in played.calls) == 1 + 3


@pytest.mark.parametrize("added", ["b-1", "a-1"], ids=["unasked", "twice"])
def test_an_answer_too_many_is_refused(played: Played, added: str) -> None:
    played.play = domains(["a-1"], added=added)
    with pytest.raises(PaginationError, match=f"answered {added} unasked, or twice"):
        list(region(played).iter(ElasticSearch))


def test_an_arn_of_another_region_deletes_nothing_here(played: Played) -> None:
    played.script(Answer(json.dumps({"DomainStatus": domain("logs")})))
    with pytest.raises(MalformedResponse, match="should be the id arn:aws:es:eu-west-1:1:domain/logs"):
        region(played).delete(ElasticSearch, "arn:aws:es:eu-west-1:1:domain/logs")
    assert len(played.calls) == 1


# Errors.


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AuthFailure", 401, AuthFailed),
        ("InvalidClientTokenId", 403, AuthFailed),
        ("UnauthorizedOperation", 403, Denied),
        ("OptInRequired", 401, ServiceNotOpen),
        ("DependencyViolation", 400, Conflict),
        ("MissingParameter", 400, InvalidParam),
        ("InvalidVpcID.NotFound", 400, NotFound),
    ],
)
def test_codes_are_mapped_whole(played: Played, code: str, status: int, kind: type[CloudError]) -> None:
    played.script(refusal(code, status))
    with pytest.raises(kind) as caught:
        region(played).get(Vpc, "vpc-1")
    assert (caught.value.code, caught.value.request_id, caught.value.action) == (code, "r-2", "DescribeVpcs")
    assert len(played.calls) == 1


@pytest.mark.parametrize("code", ["InvalidVpcID.NotFoundAnymore", "InvalidSubnetID.NotFound", "NotFound", "404"])
def test_a_code_that_only_looks_like_absence_is_none(played: Played, code: str) -> None:
    played.script(refusal(code, 404))
    with pytest.raises(CloudError) as caught:
        region(played).get(Vpc, "vpc-1")
    assert type(caught.value) is CloudError


@pytest.mark.parametrize(
    "answer",
    [
        refusal("RequestLimitExceeded", 503),
        refusal("Unavailable", 503),
        refusal("SomethingNew", 500),
        Answer("<!doctype html><title>500</title>", 500),
        Answer("<html>Bad gateway</html>", 502),
        Answer("slow down", 429),
        Answer("", 0),
    ],
    ids=["throttled", "unavailable", "new", "page", "gateway", "too many", "dropped"],
)
def test_what_may_pass_is_tried_again(played: Played, answer: Answer) -> None:
    played.script(answer, answer, vpcs("vpc-1"))
    assert len(list(region(played).iter(Vpc))) == 1
    assert len(played.calls) == 3


@pytest.mark.parametrize(
    ("answer", "kind"), [(refusal("RequestLimitExceeded", 503), Throttled), (Answer("<html>", 500), ServerFault)]
)
def test_retries_are_ours_alone(played: Played, answer: Answer, kind: type[CloudError]) -> None:
    """Eight attempts at most: botocore's own three would make them twenty-four."""
    played.script(answer)
    with pytest.raises(kind):
        list(region(played).iter(Vpc))
    assert 1 < len(played.calls) <= 8


def test_a_name_that_cannot_be_is_refused_before_it_is_sent(played: Played) -> None:
    with pytest.raises(InvalidParam, match="DomainName") as caught:
        region(played).get(ElasticSearch, "x")
    assert not caught.value.sent
    assert not played.calls


def test_a_region_that_cannot_be_one_is_unknown(played: Played) -> None:
    with pytest.raises(UnknownRegion, match="no such region; did you mean us-east-1"):
        next(region_of(played.url, "us-east 1").iter(Vpc))
    assert not played.calls


def test_a_refused_signature_does_not_show_what_was_signed(played: Played) -> None:
    text = "The signature does not match. The Canonical String for this request: x-amz-security-token:planted"
    played.script(refusal("SignatureDoesNotMatch", 403, text))
    with pytest.raises(AuthFailed) as caught:
        list(region(played).iter(Vpc))
    assert "planted" not in str(caught.value)


# Deletions.


def test_a_deletion_that_loses_its_answer_is_not_sent_again(played: Played) -> None:
    played.script(Answer("", 0))
    with pytest.raises(ConnectFailed) as caught:
        region(played).delete(Vpc, "vpc-1")
    assert caught.value.sent
    assert [call.action for call in played.calls] == ["DeleteVpc"]


def test_a_deletion_that_was_throttled_is(played: Played) -> None:
    deleted = f'<DeleteVpcResponse xmlns="{XML}"><requestId>r-3</requestId><return>true</return></DeleteVpcResponse>'
    played.script(refusal("RequestLimitExceeded", 503), Answer(deleted))
    assert region(played).delete(Vpc, "vpc-1").request_id == "r-3"
    assert len(played.calls) == 2


def test_a_refused_connection_is_known_to_have_sent_nothing() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(ConnectFailed) as caught:
        region_of(url, timeout=1.0).delete(Vpc, "vpc-1")
    assert not caught.value.sent


# Requests.


def test_temporary_keys_go_along_and_nothing_of_the_environment_does(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "not there")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of the environment")
    played.script(vpcs())
    assert list(region_of(played.url, "eu-west-1", token="temporary").iter(Vpc)) == []
    (call,) = played.calls
    assert call.headers["X-Amz-Security-Token"] == "temporary"
    assert f"Credential={KEY}/" in call.headers["Authorization"]
    assert "/eu-west-1/ec2/aws4_request" in call.headers["Authorization"]


@pytest.mark.parametrize(
    ("region", "home"), [("", "us-east-1"), ("eu-west-1", "us-east-1"), ("cn-north-1", "cn-north-1")]
)
def test_each_partition_has_a_home_region(region: str, home: str) -> None:
    keys = Credentials("aws", KEY, SECRET, region=region)
    cloud = connect("aws", credentials=keys)
    assert isinstance(cloud, Provider)
    assert cloud.home_region == home
