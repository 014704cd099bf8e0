"""What the cloud answers about ids, as proofs."""

from collections.abc import Sequence
from typing import Any

from cloudmux_py.cloudprovider.errors import CloudError, NotFound

from .binding import Binding
from .calling import Calling, R
from .paging import rows_of
from .proof import Proof


class Asking(Calling):
    """Asks for ids, one by one or many at once."""

    def ask(self, row: type[R], ids: Sequence[str], witness: str = "") -> dict[str, Proof]:
        """What the cloud answers about ids, as proofs; never raises for what one id meets.

        Args:
            row: The resource type.
            ids: The ids in question.
            witness: An id known to live, asked for in the same requests; without it an empty answer is weaker.
        """
        binding = self.binding(row)
        if not binding.ask_by:
            return {id: self._ask_one(binding, id) for id in ids}
        size = binding.batch - 1
        answers: dict[str, Proof] = {}
        for start in range(0, len(ids), size):
            answers |= self._ask_many(binding, ids[start : start + size], witness)
        return answers

    def _ask_one(self, binding: Binding[Any, Any], id: str) -> Proof:
        try:
            self._find(binding, id)
        except NotFound as error:
            return Proof("gone", "strong" if error.code else "unwitnessed", error.code, error.request_id)
        except CloudError as error:
            return Proof("unknown", error=error)
        return Proof("alive")

    def _ask_many(self, binding: Binding[Any, Any], ids: Sequence[str], witness: str) -> dict[str, Proof]:
        assert binding.ask_by
        asked = [*ids, witness] if witness else list(ids)
        try:
            reply = self._call(binding, binding.get, binding.ask_by(asked))
            total = reply.number(binding.paging.total, None) if binding.paging.total else None
            raws = rows_of(reply, binding.rows, total)
            if total is not None and len(raws) < total:
                raise reply.malformed(binding.rows, f"{total} rows", f"{len(raws)}")
            words = {binding.key_of(raw): binding.gone_word(raw) for raw in raws}
        except CloudError as error:
            if error.code in binding.gone:  # one of them is gone, and the code does not say which
                return {id: self._ask_one(binding, id) for id in ids}
            return dict.fromkeys(ids, Proof("unknown", error=error))
        request = reply.text("RequestId", "")
        if not witness:
            absent = Proof("gone", "unwitnessed", request_id=request)
        elif words.get(binding.identity(witness)) == "":
            absent = Proof("gone", "weak", request_id=request)
        else:
            absent = Proof("unknown", request_id=request, error=_no_witness(self, binding))
        return {id: _answer(words.get(binding.identity(id)), absent, request) for id in ids}


def _answer(word: str | None, absent: Proof, request: str) -> Proof:
    """What the answer about one of several ids proves; `word` is the cloud's if it says that the row is gone."""
    if word is None:
        return absent
    return Proof("gone", "strong", word, request) if word else Proof("alive")


def _no_witness(region: Calling, binding: Binding[Any, Any]) -> CloudError:
    where = {"provider": region.provider, "region": region.id, "action": binding.get.action}
    return CloudError("the answer lacks a row that is known to live: it proves nothing", **where)
