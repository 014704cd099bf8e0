"""How Tencent Cloud is configured. Source of the profile file: tencentcloud-cli ``tccli/configure.py``."""

from cloudmux_py.cloudprovider.config import ProviderConfig, Variables, Word

CONFIG = ProviderConfig(
    title="Tencent Cloud",
    environment=(
        Variables("QCLOUD_SECRET_ID", "QCLOUD_SECRET_KEY", "", "QCLOUD_REGION"),
        Variables("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN", "TENCENTCLOUD_REGION"),
    ),
    endpoint="QCLOUD_ENDPOINT",
    words=(
        Word("app_id", "", "Accepted as climc does; the keys tell it already."),
        Word("secret_id", "access_key", "Found or asked for if left out."),
        Word("secret_key", "secret", "Better left out: asked for."),
    ),
    file=lambda home: home / ".tccli" / "default.credential",
    aliases={"instance": "server", "mysql-instance": "dbinstance", "redis": "elastic_cache"},
)
