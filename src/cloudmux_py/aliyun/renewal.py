"""Whether a subscription of Alibaba Cloud's databases renews itself: DescribeInstanceAutoRenewalAttribute."""

from collections.abc import Callable

from cloudmux_py.engine.binding import Extra
from cloudmux_py.engine.raw import Raw

from .client import Api

UNDER = "Renewal"


def renewal(call: Api, prepaid: Callable[[Raw], bool]) -> Extra[Api]:
    """The further call of a get; made for subscriptions alone, as only they have an answer."""
    return Extra(
        call=call, by=lambda id: {"DBInstanceId": id, "PageSize": 30}, holds="Items", under=UNDER, when=prepaid
    )


def auto_renew(r: Raw, id: str, key: str = "DBInstanceId") -> bool | None:
    """What it told about a row, or None where it was not made; the flag is a text of any case, `key` an id's."""
    told = r.at(UNDER)
    items = told.each("Items.Item") if told.any("Items.Item") is not None else ()
    return next((item.flag("AutoRenew", None) for item in items if item.any(key) == id), None)
