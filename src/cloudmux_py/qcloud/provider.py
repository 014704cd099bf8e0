"""A Tencent Cloud account: regions and caller identity."""

from cloudmux_py.cloudprovider.region import Identity
from cloudmux_py.engine.account import Account

from .client import Api, Client
from .region import SRegion
from .regions import regions_of


class Provider(Account[Api]):
    """A Tencent Cloud account."""

    name = "qcloud"
    client_type = Client
    home_region = "ap-guangzhou"
    identity = Api("sts", "2018-08-13", "GetCallerIdentity")
    all_regions = regions_of("cvm")

    def region(self, id: str) -> SRegion:
        """A region of the account; no call is made."""
        return SRegion(self, id)

    def ask_identity(self) -> Identity:
        """Sts 2018-08-13 GetCallerIdentity."""
        raw = self.client.call(self.identity, {}, self.home_region)
        return Identity(
            account_id=raw.text("AccountId"),
            user_id=raw.text("UserId", ""),
            arn=raw.text("Arn"),
            kind=raw.text("Type", ""),
        )
