"""Names of Tencent Cloud's resources."""

from cloudmux_py.engine.raw import Raw

UNNAMED = frozenset({"", "未命名"})
"""What stands for no name; cvm, cbs and eip fill the second in."""


def name_of(r: Raw, name: str, id: str) -> str:
    """The name under a key; the id under another where nobody gave one."""
    text = r.text(name, "")
    return r.text(id) if text in UNNAMED else text
