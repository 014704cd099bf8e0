"""Tags of AWS: lists of ``Key`` and ``Value``; an absent list and an empty one both mean none."""

from cloudmux_py.engine.raw import Raw


def split_tags(r: Raw, key: str = "Tags") -> tuple[dict[str, str], dict[str, str]]:
    """The tags that users set, and those of AWS itself, whose keys begin with ``aws:``."""
    tags = r.tags(key, "Key", "Value")
    system = {name: value for name, value in tags.items() if name.startswith("aws:")}
    return {name: value for name, value in tags.items() if name not in system}, system
