"""An Alibaba Cloud account: regions and caller identity."""

from cloudmux_py.cloudprovider.region import Identity
from cloudmux_py.engine.account import Account

from .client import Api, RegionList, Rpc
from .region import SRegion


class Provider(Account[Api]):
    """An Alibaba Cloud account."""

    name = "aliyun"
    home_region = "cn-hangzhou"
    all_regions = RegionList(
        call=Rpc("ecs", "2014-05-26", "DescribeRegions"),
        params={},
        rows="Regions.Region",
        id="RegionId",
        name="LocalName",
        state="Status",
        open="available",
    )

    def region(self, id: str) -> SRegion:
        """A region of the account; no call is made."""
        return SRegion(self, id)

    def ask_identity(self) -> Identity:
        """STS 2015-04-01 GetCallerIdentity; it needs no permission."""
        raw = self.client.call(Rpc("sts", "2015-04-01", "GetCallerIdentity"), {}, self.home_region)
        return Identity(
            account_id=raw.text("AccountId"),
            user_id=raw.text("UserId", "") or raw.text("RoleId", "") or raw.text("PrincipalId", ""),
            arn=raw.text("Arn"),
            kind=raw.text("IdentityType", ""),
        )
