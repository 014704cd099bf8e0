"""What to do with rows that a complete listing lacks: absence needs proof."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudmux_py.cloudprovider.errors import AuthFailed, CloudmuxError, Denied
from cloudmux_py.cloudprovider.resource import format_time
from cloudmux_py.engine.proof import Proof

from ..store.stage import Missing

SAMPLE = 20
"""How many missing rows are asked for first: one that lives means that the listing lied."""

FEW = 10
SHARE = 0.05
AGREEMENT = timedelta(minutes=10)
"""How much later a second complete listing must lack a row for a weak proof to count."""

Ask = Callable[[Sequence[str]], Mapping[str, Proof]]


@dataclass
class Verdict:
    """What becomes of the missing rows.

    Attributes:
        removals: Local ids that are proved gone, with the proof that their event keeps.
        held: Local ids that stay, for want of proof.
        alive: A cloud id that still answers, though the listing lacks it: it must be made anew.
        reason: Why rows are held.
    """

    removals: dict[str, dict[str, Any]] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    alive: str = ""
    reason: str = ""


def judge(missing: Sequence[Missing], living: int, ask: Ask, *, accept: bool, told: Mapping[str, Any]) -> Verdict:
    """Ask for missing rows by id, and decide.

    Args:
        missing: Rows of the cache that the complete listing lacks.
        living: How many rows the scope has in the cache.
        ask: Asks the cloud about ids.
        accept: The user accepts weak proofs.
        told: The rest of the proof: the listing's pages and request ids, and who asked.
    """
    verdict = Verdict()
    answers = dict(ask([row.external_id for row in missing[:SAMPLE]]))
    if stop := _stopped(missing, answers):
        return stop
    answers |= ask([row.external_id for row in missing[SAMPLE:]]) if len(missing) > SAMPLE else {}
    if stop := _stopped(missing, answers):
        return stop
    weak = [row for row in missing if answers[row.external_id].strength == "weak"]
    many = len(weak) > max(FEW, SHARE * living)
    for row in missing:
        proof = answers[row.external_id]
        if proof.state != "gone":
            verdict.held.append(row.id)
            verdict.reason = verdict.reason or f"{row.external_id}: {proof.error}"
        elif proof.strength == "strong" or accept or _agreed(row) or (proof.strength == "weak" and not many):
            verdict.removals[row.id] = evidence(proof, told)
        else:
            verdict.held.append(row.id)
            verdict.reason = verdict.reason or _why_held(many, len(weak))
    return verdict


def evidence(proof: Proof, told: Mapping[str, Any]) -> dict[str, Any]:
    """What a removal's event keeps."""
    return {"strength": proof.strength, "code": proof.code, "request_id": proof.request_id, **told}


def _stopped(missing: Sequence[Missing], answers: Mapping[str, Proof]) -> Verdict | None:
    alive = next((id for id, proof in answers.items() if proof.state == "alive"), "")
    if alive:
        return Verdict(alive=alive, held=[row.id for row in missing])
    refused = next((p.error for p in answers.values() if isinstance(p.error, AuthFailed | Denied)), None)
    if refused:
        return Verdict(held=[row.id for row in missing], reason=_one_line(refused))
    return None


def _agreed(row: Missing) -> bool:
    """Whether an earlier complete listing lacked it too, long enough ago."""
    return row.missing_since is not None and row.missing_since <= format_time(datetime.now(UTC) - AGREEMENT)


def _why_held(many: bool, weak: int) -> str:
    minutes = int(AGREEMENT.total_seconds() // 60)
    later = f"sync again after {minutes} minutes, or --accept-removals"
    if many:
        return f"{weak} rows vanished at once, and the cloud proves it weakly: {later}"
    return f"the list is empty, as it would be without permission: {later}"


def _one_line(error: CloudmuxError) -> str:
    return " ".join(str(error).split())
