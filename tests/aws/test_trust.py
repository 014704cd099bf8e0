"""As tests/e2e/test_trust.py, of AWS: whatever the command, nothing that changes anything arrives at moto."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from climc_py.models import account as accounts
from climc_py.models import task as tasks
from climc_py.models.account import Account
from climc_py.store.database import Database
from climc_py.store.query import find
from climc_py.tasks.delete import Clouds, plan, validate
from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import CloudmuxError, Refused
from cloudmux_py.cloudprovider.region import DEFAULTS
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.client import READING
from cloudmux_py.resources import resource_type, resource_types

from ..e2e.test_trust import EVERY, FLAGS, Commands, group, of_accounts, of_cloudcli, of_types
from .conftest import KEY, SECRET, Aws
from .played import Answer, Asked, Played, refusal
from .test_types import SEEDS

REGION = "us-east-1"
ASKING = ("/2021-01-01/opensearch/domain-info",)
"""Paths of REST calls that only read although they are posted."""


class Watch:
    """Stands before moto, hands on what comes, and can refuse an action.

    Attributes:
        refused: The answer to an action, instead of moto's.
    """

    def __init__(self, played: Played, moto: str) -> None:
        self.played, self.moto = played, moto
        self.url = played.url
        self.refused: dict[str, Answer] = {}
        played.play = self.hand_on

    def hand_on(self, asked: Asked) -> Answer:
        """Moto's answer."""
        if asked.action in self.refused:
            return self.refused[asked.action]
        request = Request(self.moto + asked.path, asked.body.encode() or None, asked.headers, method=asked.method)
        try:
            with urlopen(request) as reply:
                return Answer(reply.read().decode(), reply.status, _kept(reply.headers))
        except HTTPError as error:
            return Answer(error.read().decode(), error.code, _kept(error.headers))

    def changed(self) -> list[str]:
        """The calls that change something, among those that arrived."""
        return [
            f"{asked.method} {asked.action}"
            for asked in self.played.calls
            if not (asked.action.startswith(READING) or asked.method == "GET" or asked.action in ASKING)
        ]


def _kept(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() in {"content-type", "x-amzn-errortype"}}


class Trial(Commands):
    """The commands of an account at moto, whose rows are in the cache and unlocked."""

    def __init__(self, aws: Aws, watch: Watch, database: Database, folder: Path, patch: pytest.MonkeyPatch) -> None:
        super().__init__(database, folder, patch)
        self.aws, self.watch = aws, watch
        self.made = {keyword: seed(aws, 2) for keyword, (seed, _) in SEEDS.items()}
        assert self.code("climc", f"cloud-account-create-aws ama --region-id {REGION} --no-delete-lock") == 0
        assert self.code("climc", "cloud-account-sync ama") == 0
        watch.played.calls.clear()

    def words(self, provider: str) -> str:
        return f"{KEY} {SECRET}"

    def account(self, **changes: Any) -> Account:
        """The account, changed."""
        accounts.update(self.database, accounts.find(self.database, "ama"), changes)
        return accounts.find(self.database, "ama")

    def planned(self, keyword: str) -> str:
        """A task that is planned, and of which nothing was sent."""
        row = resource_type(keyword)
        found = find(self.database, row, self.made[keyword][0])
        target = validate(self.database, Clouds(self.database), row, found, DEFAULTS)
        ((_, task),) = plan(self.database, row, [target], DEFAULTS)
        return task.id

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that is in the cache."""
        names = [row["name"] for row in self.database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [tuple(row) for row in self.database.rows(f"SELECT * FROM {name}")] for name in names}

    def there(self) -> dict[str, set[str]]:
        """What moto holds, asked past the watch."""
        region = self.aws.region()
        return {keyword: {row.external_id for row in region.iter(resource_type(keyword))} for keyword in SEEDS}


@pytest.fixture
def trial(aws: Aws, played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    watch = Watch(played, aws.url)
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION}
    own = {"HOME": str(tmp_path), "CLIMC_KEY_FILE": str(tmp_path / "key"), "AWS_ENDPOINT_URL": watch.url}
    for name, value in (keys | own).items():
        monkeypatch.setenv(name, value)
    with Database.write(tmp_path / "cache.db") as database:
        yield Trial(aws, watch, database, tmp_path, monkeypatch)


def test_a_read_only_account_changes_nothing_whatever_the_command(trial: Trial) -> None:
    before, task = trial.there(), trial.planned("vpc")
    account = trial.account(read_only=True)
    codes: dict[str, set[int]] = {}
    for line in [*of_types(trial, account), *(of_accounts(trial, account, task))]:
        codes.setdefault(line.split()[0], set()).add(trial.code("climc", line))
    assert trial.watch.changed() == []
    assert trial.there() == before
    assert len(trial.watch.played.calls) > 20
    for keyword in SEEDS:
        found = codes[f"{resource_type(keyword).word()}-delete"]
        assert found <= {2, 3, 6}
        assert 6 in found
    assert tasks.get(trial.database, task).stage == "planned"


def test_a_read_only_region_and_cloudcli_refuse_every_step_of_every_type(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = connect("aws", access_key=KEY, secret=SECRET, endpoint=trial.watch.url, read_only=True).region(REGION)
    for keyword, (id, *_) in trial.made.items():
        row = resource_type(keyword)
        binding = find_binding(row, "aws")
        assert binding
        steps: list[Callable[[Any, str], object]] = [where.refusal, where.prepare_delete, where.delete]
        for step in [*steps, where.stop] if binding.stop else steps:
            with pytest.raises(Refused, match="read-only"):
                step(row, id)
        line = f"{row.word()}-delete {id} --yes {{}} --provider aws --region {REGION}"
        for flag in FLAGS if EVERY else FLAGS[:2]:
            assert trial.code("cloudcli", f"--read-only {line.format(flag)}") in {2, 6}
            monkeypatch.setenv("CLOUDCLI_READ_ONLY", "1")
            assert trial.code("cloudcli", line.format(flag)) in {2, 6}
            monkeypatch.delenv("CLOUDCLI_READ_ONLY")
    assert trial.code("cloudcli", f"vpc-list --read-only --provider aws --region {REGION}") == 0
    assert trial.watch.changed() == []


def test_a_rule_that_denies_all_stops_every_command_of_both_programs(trial: Trial) -> None:
    account, task = trial.account(), trial.planned("vpc")
    trial.rules.write_text('[[rule]]\neffect = "deny"\n')
    trial.watch.played.calls.clear()
    before = trial.state()
    lines = [*of_types(trial, account), *of_accounts(trial, account, task), f"cloud-account-delete {account.id} --yes"]
    for line in lines:
        assert trial.code("climc", line) == 6, line
    for line in of_cloudcli("aws", REGION):
        assert trial.code("cloudcli", line) == 6, line
    assert trial.state() == before
    assert trial.watch.played.calls == []


def test_rules_for_aws_hold_in_both_programs_and_for_no_other_cloud(trial: Trial) -> None:
    for rule, code in (
        ('effect = "deny"\nprovider = "aws"\nverb = "delete"', 6),
        ('effect = "confirm"\nprovider = "aws"\nverb = "delete"', 6),
        ('effect = "deny"\naccount = "123456789012"\nverb = "delete"', 6),
    ):
        trial.rules.write_text(f"[[rule]]\n{rule}\n")
        for keyword, (id, *_) in trial.made.items():
            word = resource_type(keyword).word()
            assert trial.code("climc", f"{word}-delete {id} --yes --wait-timeout 0") == code, (rule, keyword)
            assert trial.code("cloudcli", f"--provider aws --region {REGION} {word}-delete {id} --yes") == code
            assert trial.code("climc", f"{word}-show {id}") == 0
    assert trial.watch.changed() == []
    trial.rules.write_text('[[rule]]\neffect = "deny"\nprovider = "aliyun"\n')
    (id, other) = trial.made["disk"]
    assert trial.code("climc", f"disk-delete {id} --yes --wait-timeout 0") in {0, 5}
    assert trial.code("cloudcli", f"--provider aws --region {REGION} disk-delete {other} --yes") == 0
    assert trial.watch.changed() == ["POST DeleteVolume"] * 2


# Permissions.

READS = {
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstanceAttribute",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeRegions",
    "ec2:DescribeSubnets",
    "ec2:DescribeVolumes",
    "ec2:DescribeVpcs",
    "es:DescribeDomain",
    "es:DescribeDomains",
    "es:ListDomainNames",
    "es:ListTags",
}
DELETES = {
    "ec2:DeleteSubnet",
    "ec2:DeleteVolume",
    "ec2:DeleteVpc",
    "ec2:ReleaseAddress",
    "ec2:StopInstances",
    "ec2:TerminateInstances",
    "es:DeleteDomain",
}


def test_the_policy_is_just_what_is_called(trial: Trial, capsys: Any) -> None:
    def actions(purpose: str) -> list[str]:
        assert trial.code("climc", f"cloud-account-policy ama --for {purpose}") == 0
        policy = json.loads(capsys.readouterr().out)
        (statement,) = policy["Statement"]
        assert (policy["Version"], statement["Effect"], statement["Resource"]) == ("2012-10-17", "Allow", "*")
        found: list[str] = statement["Action"]
        assert len(found) == len(set(found))
        return found

    capsys.readouterr()
    assert set(actions("read")) == READS
    assert set(actions("delete")) == READS | DELETES
    assert trial.watch.played.calls == [], "nobody need be asked"


DENIED = {
    "DescribeVolumes": (refusal("UnauthorizedOperation", 403), "ec2:DescribeVolumes", "disk"),
    "DescribeInstanceTypes": (refusal("UnauthorizedOperation", 403), "ec2:DescribeInstanceTypes", "server"),
    "/2021-01-01/opensearch/domain-info": (
        Answer('{"Message": "not authorized"}', 403, {"X-Amzn-ErrorType": "AccessDeniedException"}),
        "es:DescribeDomains",
        "elastic-search",
    ),
}


def test_check_names_each_missing_permission_and_changes_nothing(trial: Trial, capsys: Any) -> None:
    def results(code: int, types: str = "") -> dict[str, str]:
        capsys.readouterr()
        assert trial.code("climc", f"cloud-account-policy ama --for delete --check -o json {types}") == code
        return {row["permission"]: row["result"] for row in json.loads(capsys.readouterr().out)["data"]}

    before = trial.there()
    assert results(0) == dict.fromkeys(READS, "granted") | dict.fromkeys(DELETES, "not tried")
    for action, (answer, permission, word) in DENIED.items():
        trial.watch.refused = {action: answer}
        found = results(4, "" if EVERY else f"--resources {word}")
        assert {name for name, result in found.items() if result == "denied"} == {permission}
    assert trial.watch.changed() == []
    assert trial.there() == before


@pytest.mark.parametrize("action", ["DescribeVolumes", "/2021-01-01/opensearch/domain-info"])
def test_denied_names_the_action_of_iam_and_where_the_policy_is(action: str, trial: Trial, capsys: Any) -> None:
    answer, permission, word = DENIED[action]
    trial.watch.refused = {action: answer}
    advice = f"IAM grants it as {permission}; cloudcli policy, or climc cloud-account-policy, prints the whole policy"
    with pytest.raises(CloudmuxError) as caught:
        group("cloudcli").main(
            args=f"--provider aws --region {REGION} {word}-list".split(), prog_name="cloudcli", standalone_mode=False
        )
    assert caught.value.exit_code == 4
    assert advice in str(caught.value)
    with suppress(SystemExit):
        group("climc").main(
            args=["cloud-account-sync", "ama", "--resources", word], prog_name="climc", standalone_mode=False
        )
    told = capsys.readouterr()
    assert advice in told.out + told.err


def test_every_type_that_can_be_deleted_was_tried() -> None:
    deletable = {row.keyword for row in resource_types() if (b := find_binding(row, "aws")) and b.deletes}
    assert deletable == SEEDS.keys()
