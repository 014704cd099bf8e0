"""An Alibaba Cloud account: regions and caller identity."""

from datetime import datetime

from cloudmux_py.cloudprovider.region import Identity
from cloudmux_py.credentials import Credentials
from cloudmux_py.engine.account import Account

from .client import Api, Client, RegionList, Rpc
from .region import SRegion


class Provider(Account[Api]):
    """An Alibaba Cloud account."""

    name = "aliyun"
    client_type = Client
    home_region = "cn-hangzhou"
    identity = Rpc("sts", "2015-04-01", "GetCallerIdentity")
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

    def assume(self, keys: Credentials) -> tuple[Credentials, datetime]:
        """STS 2015-04-01 AssumeRole: temporary keys of a role."""
        assert keys.role
        role = {
            "RoleArn": keys.role.arn,
            "RoleSessionName": keys.role.session_name,
            "DurationSeconds": keys.role.duration,
        }
        raw = self.client.call(Rpc("sts", "2015-04-01", "AssumeRole"), role, self.home_region).at("Credentials")
        ends = raw.time("Expiration")
        if ends is None:
            raise raw.malformed("Expiration", "a time", None)
        temporary = (raw.text("AccessKeyId"), raw.text("AccessKeySecret"), raw.text("SecurityToken"))
        return keys._replace(access_key=temporary[0], secret=temporary[1], token=temporary[2], role=None), ends

    def ask_identity(self) -> Identity:
        """STS 2015-04-01 GetCallerIdentity; it needs no permission."""
        raw = self.client.call(self.identity, {}, self.home_region)
        return Identity(
            account_id=raw.text("AccountId"),
            user_id=raw.text("UserId", "") or raw.text("RoleId", "") or raw.text("PrincipalId", ""),
            arn=raw.text("Arn"),
            kind=raw.text("IdentityType", ""),
        )
