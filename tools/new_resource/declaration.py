"""The text of a new type's declaration."""

from .columns import HELPS, NewType, annotation, proposals
from .layout import comment


def declaration(new: NewType) -> str:
    """``resources/<keyword>.py``."""
    bases = ["IBillingResource"] * new.bills + ["IVirtualResource" if new.belongs else "ICloudResource"]
    lines = [
        f'"""{new.words.capitalize()}."""',
        "",
        "from cloudmux_py.cloudprovider.region import methods",
        f"from cloudmux_py.cloudprovider.resource import {', '.join(bases)}, col",
        "",
        "",
        f"class {new.class_name}({', '.join(bases)}):",
        f'    """{new.words.capitalize()}."""',
        "",
        *(_reference(name) for name in new.references()),
        *_proposed(new),
        "",
        "",
        f"class {new.class_name}s:",
        f'    """What a region that has {new.words} can do."""',
        "",
        f"    get_{new.keyword}s, iter_{new.keyword}s, get_{new.keyword}, delete_{new.keyword} = "
        f"methods({new.class_name})",
    ]
    return "\n".join(lines) + "\n"


def _reference(name: str) -> str:
    help, keyword = HELPS[name]
    listed = ", listed=True" if name == "zone_id" else ""
    return f'    {name}: str | None = col("{help}"{listed}, references="{keyword}")'


def _proposed(new: NewType) -> list[str]:
    """Each column that could be, as a comment, with the clouds that have it."""
    sources: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for cloud in new.clouds:
        for name, (_, field) in proposals(cloud).items():
            sources.setdefault(name, []).append(cloud.name)
            kinds.setdefault(name, annotation(field))
    if not sources:
        return []
    said = (
        "DECIDE: keep what people list and filter by (about 5 to 12), under Cloudpods' name and in one unit whatever"
        " the cloud's, say in a few words what it holds, and mark the few that a table shows; strike the rest."
    )
    lines = [f'# {name}: {kinds[name]} | None = col("DECIDE")  # {", ".join(where)}' for name, where in sources.items()]
    return [*comment(said, 4), *(f"    {line}" for line in lines)]
