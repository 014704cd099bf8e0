"""How AWS is configured: as its own command line is. Source: botocore ``configprovider.py`` and ``credentials.py``."""

from cloudmux_py.cloudprovider.config import ProviderConfig, Variables, Word

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")

CONFIG = ProviderConfig(
    title="AWS",
    environment=(Variables(*KEYS, "AWS_REGION"), Variables(*KEYS, "AWS_DEFAULT_REGION")),
    endpoint="AWS_ENDPOINT_URL",
    words=(
        Word("access_key_id", "access_key", "Found or asked for if left out."),
        Word("access_key_secret", "secret", "Better left out: asked for."),
    ),
    file=lambda home: home / ".aws" / "credentials",
    aliases={"instance": "server"},
    needs="botocore",
)
