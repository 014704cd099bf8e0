"""Tags of Alibaba Cloud."""

SYSTEM_PREFIXES = ("acs:", "aliyun")


def split_tags(tags: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The tags that users set, and those that the cloud set itself."""
    system = {key: value for key, value in tags.items() if key.startswith(SYSTEM_PREFIXES)}
    return {key: value for key, value in tags.items() if key not in system}, system
