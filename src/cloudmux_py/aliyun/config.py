"""How Alibaba Cloud is configured. Source of the profile file: aliyun-cli ``config/profile.go``."""

from cloudmux_py.cloudprovider.config import ProviderConfig, Variables, Word

CONFIG = ProviderConfig(
    title="Alibaba Cloud",
    environment=(
        Variables("ALIYUN_ACCESS_KEY", "ALIYUN_SECRET", "", "ALIYUN_REGION"),
        Variables(
            "ALIBABA_CLOUD_ACCESS_KEY_ID",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
            "ALIBABA_CLOUD_SECURITY_TOKEN",
            "ALIBABA_CLOUD_REGION_ID",
        ),
    ),
    endpoint="ALIYUN_ENDPOINT",
    words=(
        Word("access_key_id", "access_key", "Found or asked for if left out."),
        Word("access_key_secret", "secret", "Better left out: asked for."),
    ),
    file=lambda home: home / ".aliyun" / "config.json",
    aliases={"elasticcache": "elastic_cache", "instance": "server", "vswitch": "network"},
)
