"""What becomes of rows that a complete listing lacks: who is asked, in what order, and what the answers are worth."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from climc_py.store.stage import Missing
from climc_py.sync.proving import SAMPLE, Verdict, judge
from cloudmux_py.cloudprovider.errors import AuthFailed, CloudError, Denied, TimedOut
from cloudmux_py.cloudprovider.resource import format_time
from cloudmux_py.engine.proof import Proof

STRONG = Proof("gone", "strong", "InstanceNotFound", "r1")
WEAK = Proof("gone", "weak", request_id="r2")
UNWITNESSED = Proof("gone", "unwitnessed", request_id="r3")
ALIVE = Proof("alive")
LISTING = {"pages": 3}


class Cloud:
    """Answers about ids, and remembers who was asked."""

    def __init__(self, usual: Proof, **special: Proof) -> None:
        self.usual = usual
        self.special = special
        self.asked: list[list[str]] = []

    def __call__(self, ids: Sequence[str]) -> Mapping[str, Proof]:
        self.asked.append(list(ids))
        return {id: self.special.get(id, self.usual) for id in ids}


def rows(count: int, since: timedelta | None = None) -> list[Missing]:
    time = format_time(datetime.now(UTC) - since) if since is not None else None
    return [Missing(f"local{n}", f"es{n}", f"name{n}", time) for n in range(count)]


def verdict(cloud: Cloud, missing: Sequence[Missing], living: int = 1000, *, accept: bool = False) -> Verdict:
    return judge(missing, living, cloud, accept=accept, told={"listing": LISTING})


def test_a_sample_of_twenty_is_asked_first_and_then_the_rest() -> None:
    cloud = Cloud(STRONG)
    found = verdict(cloud, rows(50))
    assert [len(ids) for ids in cloud.asked] == [20, 30] == [SAMPLE, 30]
    assert (len(found.removals), found.held) == (50, [])
    assert found.removals["local7"] == {
        "strength": "strong",
        "code": "InstanceNotFound",
        "request_id": "r1",
        "listing": LISTING,
    }


@pytest.mark.parametrize(("living", "asked"), [("es3", 1), ("es40", 2)])
def test_one_that_lives_means_that_the_listing_lied(living: str, asked: int) -> None:
    cloud = Cloud(STRONG, **{living: ALIVE})
    found = verdict(cloud, rows(50))
    assert (found.alive, found.removals, len(found.held)) == (living, {}, 50)
    assert len(cloud.asked) == asked, "after a sample that holds one alive nobody else is asked"


@pytest.mark.parametrize("error", [Denied("no", code="NoPermission"), AuthFailed("no", code="Signature")])
@pytest.mark.parametrize(("which", "asked"), [("es3", 1), ("es40", 2)])
def test_one_that_is_denied_holds_all(error: CloudError, which: str, asked: int) -> None:
    cloud = Cloud(STRONG, **{which: Proof("unknown", error=error)})
    found = verdict(cloud, rows(50))
    assert (found.alive, found.removals, len(found.held)) == ("", {}, 50)
    assert error.code in found.reason
    assert len(cloud.asked) == asked


def test_one_that_cannot_be_asked_is_held_alone() -> None:
    found = verdict(Cloud(STRONG, es2=Proof("unknown", error=TimedOut("no answer"))), rows(5))
    assert (found.held, len(found.removals)) == (["local2"], 4)
    assert "es2: no answer" in found.reason


@pytest.mark.parametrize(
    ("missing", "living", "held"),
    [(10, 10, 0), (10, 50, 0), (11, 50, 11), (11, 220, 0), (11, 219, 11), (50, 1000, 0), (51, 1000, 51)],
)
def test_weak_proofs_hold_beyond_ten_rows_and_five_percent(missing: int, living: int, held: int) -> None:
    found = verdict(Cloud(WEAK), rows(missing), living)
    assert (len(found.held), len(found.removals)) == (held, missing - held)
    if held:
        assert f"{missing} rows vanished at once" in found.reason
        assert "sync again after 10 minutes, or --accept-removals" in found.reason


def test_strong_proofs_need_no_number_and_do_not_count() -> None:
    found = verdict(Cloud(WEAK, **{f"es{n}": STRONG for n in range(60)}), rows(65), 65)
    assert (len(found.held), len(found.removals)) == (0, 65)


@pytest.mark.parametrize("proof", [WEAK, UNWITNESSED])
@pytest.mark.parametrize(("minutes", "removed"), [(0, 0), (9.9, 0), (10.1, 60)])
def test_a_second_complete_listing_agrees_only_after_ten_minutes(proof: Proof, minutes: float, removed: int) -> None:
    found = verdict(Cloud(proof), rows(60, timedelta(minutes=minutes)), 60)
    assert (len(found.removals), len(found.held)) == (removed, 60 - removed)


def test_without_a_witness_even_one_row_is_held_until_the_user_says_so() -> None:
    found = verdict(Cloud(UNWITNESSED), rows(1), 1)
    assert (found.held, found.removals) == (["local0"], {})
    assert "the list is empty, as it would be without permission" in found.reason
    assert len(verdict(Cloud(UNWITNESSED), rows(1), 1, accept=True).removals) == 1


def test_accepting_removals_accepts_no_life_and_no_doubt() -> None:
    doubtful = {"es1": Proof("unknown", error=TimedOut("no answer"))}
    found = verdict(Cloud(WEAK, **doubtful), rows(60), 60, accept=True)
    assert (found.held, len(found.removals)) == (["local1"], 59)
    assert verdict(Cloud(WEAK, es1=ALIVE), rows(60), 60, accept=True).removals == {}


PROOFS = st.sampled_from(
    [STRONG, WEAK, UNWITNESSED, ALIVE, *(Proof("unknown", error=e) for e in (TimedOut("t"), Denied("d")))]
)


@given(proofs=st.lists(PROOFS, min_size=1, max_size=60), living=st.integers(1, 2000), accept=st.booleans())
def test_a_row_goes_only_by_a_proof_of_its_own(proofs: list[Proof], living: int, accept: bool) -> None:
    answers = {f"es{n}": proof for n, proof in enumerate(proofs)}
    missing = rows(len(proofs))
    found = verdict(Cloud(WEAK, **answers), missing, max(living, len(proofs)), accept=accept)
    assert sorted([*found.removals, *found.held]) == sorted(row.id for row in missing), "each row is judged once"
    for row in missing:
        if row.id in found.removals:
            assert answers[row.external_id].state == "gone"
            assert accept or answers[row.external_id].strength != "unwitnessed"
    if any(proof.state == "alive" or isinstance(proof.error, Denied) for proof in proofs):
        assert not found.removals
    weak = sum(found.removals[id]["strength"] == "weak" for id in found.removals)
    assert accept or weak <= max(10, 0.05 * max(living, len(proofs)))
