"""An AWS account: regions and caller identity."""

from cloudmux_py.cloudprovider.region import Identity
from cloudmux_py.engine.account import Account

from .client import Api, Client, RegionList
from .region import SRegion

HOMES = {"cn-": "cn-north-1", "us-gov-": "us-gov-west-1"}
"""Home regions of the partitions that have accounts of their own."""


class Provider(Account[Api]):
    """An AWS account. The region of its credentials says which partition it belongs to; without one, the public one."""

    name = "aws"
    client_type = Client
    home_region = "us-east-1"
    identity = Api("sts", "GetCallerIdentity")
    # Without AllRegions it lists those alone that are enabled for the account.
    all_regions = RegionList(call=Api("ec2", "DescribeRegions"), rows="Regions", id="RegionName", name="")

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        region = client.credentials().region
        self.home_region = next((home for prefix, home in HOMES.items() if region.startswith(prefix)), "us-east-1")

    def region(self, id: str) -> SRegion:
        """A region of the account; no call is made."""
        return SRegion(self, id)

    def ask_identity(self) -> Identity:
        """STS GetCallerIdentity; it needs no permission."""
        raw = self.client.call(self.identity, {}, self.home_region)
        arn = raw.text("Arn")
        kind = arn.split(":", 5)[-1].partition("/")[0]  # user, assumed-role, root, …
        return Identity(account_id=raw.text("Account"), user_id=raw.text("UserId", ""), arn=arn, kind=kind)
