"""What is tested: one resource type on one provider, with its recorded replies."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cloudmux_py import providers
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.engine.binding import Binding
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources import distribution_of, modules, resource_type


class Case(NamedTuple):
    """One type on one provider.

    Attributes:
        row: The type.
        provider: The provider's name.
        folder: Its recorded replies.
    """

    row: type[ICloudResource]
    provider: str
    folder: Path

    def __str__(self) -> str:
        return f"{self.provider}-{self.row.keyword}"

    @property
    def binding(self) -> Binding[Any, Any]:
        """How the provider has the type."""
        found = find_binding(self.row, self.provider)
        assert found, f"{self} has no binding"
        return found

    def replies(self, kind: str) -> list[dict[str, Any]]:
        """The recorded replies of a kind, such as ``list`` or ``extra-…``, without a cloud's envelope."""
        found = [json.loads(file.read_text("utf-8")) for file in sorted(self.folder.glob(f"{kind}*.json"))]
        return [reply.get("Response", reply) for reply in found]

    def listed(self) -> list[Raw]:
        """The rows of the recorded lists, or of what answers for their names."""
        details = self.binding.details
        kind, path = ("rows", details.rows) if details else ("list", self.binding.rows)
        return [raw for reply in self.replies(kind) for raw in Raw(reply).each(path)]

    def detailed(self) -> list[Raw]:
        """The rows of the recorded details, joined with what the further calls of a get told."""
        binding, path = self.binding, self.binding.row or self.binding.rows
        found = []
        for reply in self.replies("detail") or self.replies("list"):
            raw = Raw(reply)
            if path == ".":
                found.append(raw)
            else:
                found += [raw.at(path)] if isinstance(raw.any(path), dict) else list(raw.each(path))
        for extra in binding.extras:
            (reply,) = self.replies(f"extra-{extra.under}")
            for raw in filter(extra.wanted, found):
                raw.data[extra.under] = Raw(reply).at(extra.row).data if extra.row else reply
        return found


def cases(data: Path, *keywords: str) -> Iterator[Case]:
    """These types on every provider that has them; without any, all of this distribution's own.

    Args:
        data: Recorded replies are in ``data/<provider>/<type>``.
        keywords: The types.
    """
    for keyword in keywords or (name for name in modules() if not distribution_of(name)):
        row = resource_type(keyword)
        for provider in providers():
            if find_binding(row, provider):
                yield Case(row, provider, data / provider / keyword)
