"""Tags of Tencent Cloud."""

SYSTEM_PREFIX = "tencentcloud:"


def split_tags(tags: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The tags that users set, and those that the cloud set itself; the value ``null`` stands for empty."""
    clean = {key: "" if value == "null" else value for key, value in tags.items()}
    system = {key: value for key, value in clean.items() if key.startswith(SYSTEM_PREFIX)}
    return {key: value for key, value in clean.items() if key not in system}, system
