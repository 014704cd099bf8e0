"""Every type on moto: listed whole, got, gone by its own code, deleted by one call."""

from collections.abc import Callable

import pytest

from cloudmux_py.cloudprovider.errors import Conflict, NotFound
from cloudmux_py.engine.paging import Token, pages
from cloudmux_py.resources import modules, resource_type
from cloudmux_py.resources.disk import Disk
from cloudmux_py.resources.eip import Eip
from cloudmux_py.resources.elastic_search import ElasticSearch
from cloudmux_py.resources.network import Network
from cloudmux_py.resources.server import Server
from cloudmux_py.resources.vpc import Vpc
from cloudmux_py.resources.zone import Zone

from .conftest import Aws

Seed = Callable[[Aws, int], list[str]]


def vpcs(aws: Aws, count: int) -> list[str]:
    ec2 = aws.sdk("ec2")
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "生产"}, {"Key": "env", "Value": "prod"}]}]
    made = [ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16", TagSpecifications=tags) for number in range(count)]
    return [reply["Vpc"]["VpcId"] for reply in made]


def domains(aws: Aws, count: int) -> list[str]:
    opensearch = aws.sdk("opensearch")
    nodes = {"InstanceType": "r6g.large.search", "InstanceCount": 2}
    disks = {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 100}
    options = {"ClusterConfig": nodes, "EBSOptions": disks, "TagList": [{"Key": "env", "Value": "prod"}]}
    made = [
        opensearch.create_domain(DomainName=f"logs-{number}", EngineVersion="OpenSearch_2.11", **options)
        for number in range(count)
    ]
    return [reply["DomainStatus"]["ARN"] for reply in made]


def networks(aws: Aws, count: int) -> list[str]:
    ec2 = aws.sdk("ec2")
    (vpc,) = vpcs(aws, 1)
    tags = [{"ResourceType": "subnet", "Tags": [{"Key": "env", "Value": "prod"}]}]
    made = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", TagSpecifications=tags) for number in range(count)
    ]
    return [reply["Subnet"]["SubnetId"] for reply in made]


def eips(aws: Aws, count: int) -> list[str]:
    ec2 = aws.sdk("ec2")
    tags = [{"ResourceType": "elastic-ip", "Tags": [{"Key": "env", "Value": "prod"}]}]
    return [ec2.allocate_address(Domain="vpc", TagSpecifications=tags)["AllocationId"] for number in range(count)]


def servers(aws: Aws, count: int) -> list[str]:
    """Two to a reservation, so that a page of reservations holds more rows than its size."""
    ec2 = aws.sdk("ec2")
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "网站"}, {"Key": "env", "Value": "prod"}]}]
    made: list[str] = []
    while len(made) < count:
        number = min(2, count - len(made))
        options = {"ImageId": "ami-12345678", "InstanceType": "m5.xlarge", "TagSpecifications": tags}
        reply = ec2.run_instances(MinCount=number, MaxCount=number, **options)
        made += [instance["InstanceId"] for instance in reply["Instances"]]
    return made


def disks(aws: Aws, count: int) -> list[str]:
    ec2 = aws.sdk("ec2")
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "env", "Value": "prod"}]}]
    options = {"AvailabilityZone": f"{aws.home}a", "Size": 8, "VolumeType": "gp3", "TagSpecifications": tags}
    return [ec2.create_volume(**options)["VolumeId"] for number in range(count)]


SEEDS: dict[str, tuple[Seed, str]] = {
    # keyword: (what makes rows, an id that is not there)
    "disk": (disks, "vol-0123456789abcdef0"),
    "eip": (eips, "eipalloc-0123456789abcdef0"),
    "elastic_search": (domains, "arn:aws:es:us-east-1:123456789012:domain/none"),
    "network": (networks, "subnet-0123456789abcdef0"),
    "server": (servers, "i-0123456789abcdef0"),
    "vpc": (vpcs, "vpc-0123456789abcdef0"),
}
READ_ONLY = {"zone"}

every_type = pytest.mark.parametrize("keyword", SEEDS)


def test_no_type_is_without_a_test(aws: Aws) -> None:
    assert aws.region().account.capabilities() & modules().keys() == SEEDS.keys() | READ_ONLY


@every_type
def test_all_rows_come_and_each_can_be_got(aws: Aws, keyword: str) -> None:
    row, (seed, _) = resource_type(keyword), SEEDS[keyword]
    made = seed(aws, 7)
    region = aws.region()
    listed = {item.external_id: item for item in region.iter(row)}
    assert listed.keys() >= set(made)
    assert len(list(region.iter(row))) == len(listed)
    known = region.binding(row).get_only
    for id in made[:2]:
        found = region.get(row, id)
        names = row.columns.keys() - known
        assert {name: getattr(found, name) for name in names} == {name: getattr(listed[id], name) for name in names}
        assert "env" in getattr(found, "tags", {"env": ""})
    assert not {item.external_id for item in aws.region("eu-west-1").iter(row)} & set(made)


@every_type
def test_what_is_not_there_is_proved_so_by_its_own_code(aws: Aws, keyword: str) -> None:
    row, (seed, none) = resource_type(keyword), SEEDS[keyword]
    (living,) = seed(aws, 1)
    region = aws.region()
    with pytest.raises(NotFound) as caught:
        region.get(row, none)
    assert caught.value.code in region.binding(row).gone
    proofs = region.ask(row, [none, living])
    assert (proofs[none].state, proofs[none].strength) == ("gone", "strong")
    assert proofs[living].state == "alive"


@every_type
def test_a_row_is_deleted_and_then_gone(aws: Aws, keyword: str) -> None:
    row, (seed, _) = resource_type(keyword), SEEDS[keyword]
    first, second = seed(aws, 2)
    region = aws.region()
    assert region.refusal(row, first)[1] == ""
    region.delete(row, first)
    assert region.wait_gone(row, first, timeout=5) == "gone"
    with pytest.raises(NotFound):
        region.get(row, first).refresh()
    listed = {item.external_id for item in region.iter(row)}
    assert first not in listed
    assert second in listed


def test_a_domain_s_fields(aws: Aws) -> None:
    (arn,) = domains(aws, 1)
    found = aws.region().get(ElasticSearch, arn)
    assert (found.name, found.status, found.version, found.category) == ("logs-0", "available", "2.11", "opensearch")
    assert (found.instance_type, found.node_count, found.disk_size_gb) == ("r6g.large.search", 2, 100)
    assert found.tags == {"env": "prod"}
    access = aws.region().access_info(ElasticSearch, arn)
    assert access.port == 443
    assert access.kibana_url == f"https://{access.domain}/_dashboards/"


def test_domains_of_the_older_service_are_listed_too_and_once(aws: Aws) -> None:
    aws.sdk("es").create_elasticsearch_domain(DomainName="old", ElasticsearchVersion="7.10")
    assert [found.name for found in aws.region().iter(ElasticSearch)] == ["old"]


def test_a_vpc_s_fields_and_the_region_s_own_one(aws: Aws) -> None:
    (id,) = vpcs(aws, 1)
    found = {row.external_id: row for row in aws.region().iter(Vpc)}
    assert (found[id].name, found[id].status, found[id].cidr_block) == ("生产", "available", "10.0.0.0/16")
    assert found[id].is_default is False
    (default,) = [row for row in found.values() if row.is_default]
    assert (default.name, default.tags) == (default.external_id, {})


def test_a_vpc_in_use_is_refused_by_the_cloud(aws: Aws) -> None:
    (id,) = vpcs(aws, 1)
    aws.sdk("ec2").create_subnet(VpcId=id, CidrBlock="10.0.1.0/24")
    with pytest.raises(Conflict) as caught:
        aws.region().delete(Vpc, id)
    assert caught.value.code == "DependencyViolation"


def test_a_subnet_s_fields(aws: Aws) -> None:
    (id,) = networks(aws, 1)
    found = aws.region().get(Network, id)
    assert (found.name, found.cidr_block, found.available_ip_count) == (id, "10.0.0.0/24", 251)
    assert found.vpc_id in {row.external_id for row in aws.region().iter(Vpc)}
    assert found.zone_id in {row.external_id for row in aws.region().iter(Zone)}


def test_an_address_in_use_is_not_released(aws: Aws) -> None:
    """In a default VPC, and with moto everywhere, the cloud itself would unbind and release it."""
    (id,) = eips(aws, 1)
    (subnet,) = networks(aws, 1)
    ec2 = aws.sdk("ec2")
    interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    ec2.associate_address(AllocationId=id, NetworkInterfaceId=interface)
    found, refusal = aws.region().refusal(Eip, id)
    assert (found.associate_type, found.associate_id) == ("network_interface", interface)
    assert refusal == f"it is bound to {interface}: unbind it first"


def test_reservations_are_paged_and_their_instances_are_the_rows(aws: Aws) -> None:
    """moto counts reservations in MaxResults, as the cloud does: a page holds more rows than it was asked for."""
    made = servers(aws, 24)
    region = aws.region()
    page = region.page(Server, size=5)
    assert (len(page.items), page.total) == (10, None)
    binding = region.binding(Server)
    style = Token(5, least=5)
    client = region.account.client
    fetched = list(
        pages(lambda params: client.call(binding.list, params, region.id), style, binding.rows, binding.key_of)
    )
    assert [len(page.rows) for page in fetched] == [10, 10, 4]
    assert sorted(binding.key_of(raw) for page in fetched for raw in page.rows) == sorted(made)


def test_a_server_s_fields(aws: Aws) -> None:
    (id,) = servers(aws, 1)
    listed, got = next(aws.region().iter(Server)), aws.region().get(Server, id)
    assert (got.name, got.status, got.instance_type, got.os_type) == ("网站", "running", "m5.xlarge", "linux")
    assert (listed.vmem_size_mb, got.vmem_size_mb) == (None, 16384)
    assert got.private_ips
    assert got.created_at
    assert got.network_id in {row.external_id for row in aws.region().iter(Network)}
    (disk,) = aws.region().iter(Disk)
    assert disk.server_ids == [id]
    assert aws.region().refusal(Disk, disk.external_id)[1] == f"it is attached to {id}: detach it first"
    with pytest.raises(Conflict) as caught:
        aws.region().delete(Disk, disk.external_id)
    assert caught.value.code == "VolumeInUse"


def test_a_terminated_server_is_gone_though_it_is_listed(aws: Aws) -> None:
    gone, living = servers(aws, 2)
    aws.sdk("ec2").terminate_instances(InstanceIds=[gone])
    region = aws.region()
    assert [row.external_id for row in region.iter(Server)] == [living]
    with pytest.raises(NotFound) as caught:
        region.get(Server, gone)
    assert caught.value.code == "terminated"
    proof = region.ask(Server, [gone])[gone]
    assert (proof.state, proof.strength, proof.code) == ("gone", "strong", "terminated")


def test_a_protected_server_is_refused_here_and_there(aws: Aws) -> None:
    (id,) = servers(aws, 1)
    aws.sdk("ec2").modify_instance_attribute(InstanceId=id, DisableApiTermination={"Value": True})
    region = aws.region()
    assert region.refusal(Server, id)[1] == "termination protection is on; switch it off first"
    with pytest.raises(Conflict) as caught:
        region.delete(Server, id)
    assert caught.value.code == "OperationNotPermitted"
    assert region.get(Server, id).status == "running"


def test_a_server_is_stopped_first_where_that_is_asked_for(aws: Aws) -> None:
    (id,) = servers(aws, 1)
    region = aws.region()
    region.stop(Server, id, timeout=5)
    assert region.get(Server, id).status == "ready"


def test_zones(aws: Aws) -> None:
    region = aws.region()
    names = [zone.external_id for zone in region.iter(Zone)]
    assert "us-east-1a" in names
    assert region.get(Zone, "us-east-1a").status == "available"
    proofs = region.ask(Zone, ["us-east-1z"], witness="us-east-1a")
    assert (proofs["us-east-1z"].state, proofs["us-east-1z"].strength) == ("gone", "weak")


def test_the_account(aws: Aws) -> None:
    account = aws.region().account
    identity = account.caller_identity()
    assert (identity.account_id, identity.kind) == ("123456789012", "user")
    assert {"us-east-1", "eu-west-1"} < {region.id for region in account.regions()}
