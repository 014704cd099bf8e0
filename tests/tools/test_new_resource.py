"""What ``make new-resource`` guesses is what the types written by hand say, and what it writes can be kept."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.new_resource.__main__ import main, read
from tools.new_resource.binding import binding
from tools.new_resource.columns import Cloud, snake
from tools.new_resource.facts import facts, says_billing
from tools.new_resource.layout import WIDTH, comment, headline, shorten, width
from tools.new_resource.model import Call, Field, Mistake, asked
from tools.new_resource.words import renewal_word

from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.resources import resource_type

ROOT = Path(__file__).parents[2]
SNAPSHOT = ("ecs:2014-05-26:DescribeSnapshots::DeleteSnapshot", "cbs:2017-03-12:DescribeSnapshots::DeleteSnapshots")
BY_HAND = [
    (provider, keyword)
    for keyword in ("elastic_search", "vpc", "kafka", "mongodb", "elastic_cache", "dbinstance", "server", "disk")
    for provider in ("aliyun", "qcloud")
]
KNOWN_BETTER: dict[tuple[str, str], dict[str, object]] = {
    ("qcloud", "elastic_search"): {"max": 20},  # the model does not say; the tool asks to decide
}


def guessed(provider: str, keyword: str) -> tuple[Cloud, Any]:
    """What the tool reads of the calls of a binding that was written by hand, and that binding."""
    binding = find_binding(resource_type(keyword), provider)
    assert binding
    get = "" if binding.get == binding.list else binding.get.action
    text = f"{binding.list.service}:{binding.list.version}:{binding.list.action}:{get}"
    new = read(keyword, {provider: text})
    return new.clouds[0], binding


@pytest.mark.parametrize(("provider", "keyword"), BY_HAND)
def test_the_guesses_are_what_was_written_by_hand(provider: str, keyword: str) -> None:
    cloud, binding = guessed(provider, keyword)
    found, paging = cloud.facts, binding.paging
    ours = {
        "rows": found.rows,
        "id": found.id,
        "style": found.paging.style,
        "max": found.paging.max,
        "total": found.paging.total,
        "row": found.get_row,
    }
    theirs = {
        "rows": binding.rows,
        "id": binding.id,
        "style": type(paging).__name__,
        "max": paging.max,
        "total": paging.total,
        "row": binding.row,
    }
    assert ours == theirs | KNOWN_BETTER.get((provider, keyword), {})


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with the new type in it."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    main(["snapshot", "--aliyun", SNAPSHOT[0], "--qcloud", SNAPSHOT[1], "--root", str(root)])
    return root


def written(tree: Path) -> list[Path]:
    return sorted(path.relative_to(tree) for path in tree.rglob("snapshot*") if path.suffix in {".py", ".json"})


def test_every_file_of_a_type_is_written(tree: Path) -> None:
    source = Path("src/cloudmux_py")
    files = [source / "resources" / "snapshot.py"]
    for cloud in ("aliyun", "qcloud"):
        files += [source / cloud / "snapshot.py"]
        files += [source / "emulator" / cloud / f"snapshot.{suffix}" for suffix in ("py", "json")]
        assert (tree / "tests" / "data" / cloud / "snapshot" / "list.json").exists()
        assert "    Servers,\n    Snapshots,\n    Vpcs,\n" in (tree / source / cloud / "region.py").read_text()
    assert written(tree) == sorted(files)


def test_what_is_written_passes_lint(tree: Path) -> None:
    python = [sys.executable, "-m"]
    code = [str(path) for path in written(tree) if path.suffix == ".py"]
    regions = [f"src/cloudmux_py/{cloud}/region.py" for cloud in ("aliyun", "qcloud")]
    for command in (
        [*python, "ruff", "format", "--check", *code, *regions],
        [*python, "ruff", "check", *code, *regions],
        [*python, "mypy", "--follow-imports=silent", *code],
    ):
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_every_field_is_mapped_or_proposed(tree: Path) -> None:
    for provider, calls in zip(("aliyun", "qcloud"), SNAPSHOT, strict=True):
        (cloud,) = read("snapshot", {provider: calls}).clouds
        text = (tree / "src" / "cloudmux_py" / provider / "snapshot.py").read_text()
        scalars = [field.key for field in cloud.facts.fields if field.kind != "object" and not field.many]
        assert [key for key in scalars if f'"{key}"' not in text] == []


def test_what_a_person_must_decide_is_marked(tree: Path) -> None:
    text = (tree / "src" / "cloudmux_py" / "aliyun" / "snapshot.py").read_text()
    for said in ("DECIDE: which of our words", "DECIDE: the exact codes", "DECIDE: whether it deletes at once"):
        assert said in text


CHECK = """
from pathlib import Path
from cloudmux_py import testing
for case in testing.cases(Path("tests/data"), "snapshot"):
    testing.check_nothing_is_undecided(case)
"""


@pytest.mark.parametrize("file", ["resources/snapshot.py", "aliyun/snapshot.py", "emulator/aliyun/snapshot.py"])
def test_the_contract_tests_fail_while_something_is_undecided(tree: Path, tmp_path: Path, file: str) -> None:
    root = tmp_path / "tree"
    shutil.copytree(tree, root)
    for path in (root / "src" / "cloudmux_py").rglob("snapshot.py"):
        if path != root / "src" / "cloudmux_py" / file:
            path.write_text(path.read_text("utf-8").replace("DECIDE", "decided"), "utf-8")
    command = [sys.executable, "-c", CHECK]
    environment = os.environ | {"PYTHONPATH": str(root / "src")}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert re.search(rf"AssertionError: aliyun-snapshot: left to decide: \S*/{file}:\d+", done.stderr), done.stderr


def test_nothing_is_ever_overwritten(tree: Path) -> None:
    before = {path: (tree / path).read_text() for path in written(tree)}
    with pytest.raises(SystemExit, match=r"error: .*snapshot\.py.* would be overwritten; nothing was written"):
        main(["snapshot", "--aliyun", SNAPSHOT[0], "--root", str(tree)])
    assert {path: (tree / path).read_text() for path in written(tree)} == before


@pytest.mark.parametrize(
    ("name", "aliyun", "qcloud", "said"),
    [
        ("Nas", "nas:2017-06-26:DescribeFileSystems", "", "must be a word in lower case"),
        ("nas", "", "", "give ALIYUN="),
        ("nas", "nas:DescribeFileSystems", "", "should be service:version:ListAction"),
        ("nas", "nas:2017-06-26:DescribeFileSystems", "", "not installed: alibabacloud-nas20170626; add it to the dev"),
        ("nat", "vpc:2016-04-28:DescribeNatGatewayz", "", "has no DescribeNatGatewayz; near: DescribeNatGateways"),
        ("nat", "", "vpc:2017-03-12:DescribeNatGatewayz", "has no DescribeNatGatewayz; near: DescribeNatGateways"),
        ("nat", "", "vpn:2017-03-12:DescribeNatGateways", "check product and version"),
        ("nat", "", "vpc:2017-03-12:DeleteNatGateway", "answers no list of objects"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_line(
    name: str, aliyun: str, qcloud: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit, match=re.escape(said)) as stopped:
        main([name, "--aliyun", aliyun, "--qcloud", qcloud, "--root", str(tmp_path)])
    assert "\n" not in str(stopped.value)
    assert list(tmp_path.iterdir()) == []


def test_a_get_of_its_own_is_bound_and_recorded() -> None:
    new = read("natgateway", {"aliyun": "vpc:2016-04-28:DescribeNatGateways:GetNatGatewayAttribute:DeleteNatGateway"})
    assert new.class_name == "NatGateway"
    facts = new.clouds[0].facts
    assert (facts.get_row, facts.by_id.form, facts.deletes) == (".", "one", ("NatGatewayId", False))


def test_what_no_model_says_of_a_load_balancer_is_not_made_up() -> None:
    new = read("loadbalancer", {"qcloud": "clb:2018-03-17:DescribeLoadBalancers::DeleteLoadBalancer"})
    text = binding(new, new.clouds[0], ROOT / "src" / "cloudmux_py" / "qcloud")
    assert "gone=frozenset()," in text  # the bare ResourceNotFound is said of anything
    assert "InvalidParameter.LBIdNotFound" in text
    assert 'zone_id=r.text("MasterZone.Zone", None) or None,' in text
    assert 'r.text("PrepaidAttributes.RenewFlag", "") == "AUTO_RENEW" if' in text
    assert 'BILLING = {"PREPAID": PREPAID, "POSTPAID_BY_HOUR": POSTPAID}' in text


@pytest.mark.parametrize(
    ("keyword", "word"),
    [
        ("disk", "NOTIFY_AND_AUTO_RENEW"),
        ("elastic_search", "RENEW_FLAG_AUTO"),
        ("dbinstance", "1"),
        ("elastic_cache", "1"),
        ("mongodb", "1"),
        ("kafka", ""),  # its text has no list of values
    ],
)
def test_the_renewal_word_is_a_documented_one(keyword: str, word: str) -> None:
    field = guessed("qcloud", keyword)[0].facts.usual["renew"]
    assert field
    assert renewal_word(field) == word


def test_billing_is_the_field_whose_values_say_so() -> None:
    traffic = Field("ChargeType", "str", doc="Values: **traffic**: by traffic.")
    paid = Field("PayType", "str", doc="- **PayOnDemand**: afterwards.\n- **PrePay**: before.")
    rows = Field("Rows", "object", many=True, fields=(Field("Id", "str"), traffic, paid))
    asked_by = (Field("Id", "str"),)
    assert facts("thing", Call("List", asked_by, (rows,)), None, None).paths["charge"] == "PayType"
    unsure = replace(rows, fields=(Field("Id", "str"), traffic))
    found = facts("thing", Call("List", asked_by, (unsure,)), None, None).usual["charge"]
    assert found
    assert not says_billing(found)


@given(st.lists(st.from_regex(r"Describe[A-Z][a-z]{5,30}", fullmatch=True), min_size=1, max_size=8))
def test_docstrings_of_modules_keep_to_their_width(actions: list[str]) -> None:
    lines = headline("Tencent Cloud things, thing 2018-03-17", ", ".join(actions))
    assert all(width(line) + 6 * (len(lines) == 1) <= WIDTH for line in lines)
    assert all(action in " ".join(lines) for action in actions)


def test_a_wrong_call_has_another_shape() -> None:
    with pytest.raises(Mistake):
        asked("ecs:2014-05-26")


WORDS = st.text(st.sampled_from("abcXYZ 中文。：-"), max_size=300)


@given(WORDS)
def test_lines_keep_to_their_width(text: str) -> None:
    assert all(width(line) <= WIDTH + 60 for line in comment(text.replace("中", "z").replace("文", "z"), 8))
    assert width(shorten(text, 40)) <= 40


@given(st.from_regex(r"[A-Z][A-Za-z0-9]{0,30}", fullmatch=True))
def test_names_of_columns_are_names(key: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", snake(key))


@given(st.lists(st.sampled_from(["AVAILABLE", "PENDING", "DELETING"]), unique=True, min_size=1))
def test_documented_values_are_found_in_both_vendors_texts(words: list[str]) -> None:
    chinese = Field("State", "str", doc="状态。" + "，".join(f"'{word}'：说明" for word in words))
    english = Field("State", "str", doc="Valid values:\n" + "\n".join(f"- **{word}**: said." for word in words))
    assert chinese.words() == english.words() == words
    assert chinese.meanings() == dict.fromkeys(words, "说明")
