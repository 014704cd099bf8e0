"""Tencent Cloud's signatures: TC3-HMAC-SHA256, and HmacSHA1 and HmacSHA256 of the older style.

Sources: "Signature method v3" and "Signature method" of the API 3.0 documentation.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..state import Account, World
from ..wire import ApiError

TOLERANCE = 5 * 60


def _account(world: World, key: str, token: str) -> Account:
    account = world.account("qcloud", key)
    if account is None:
        raise ApiError("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
    if account.token and token != account.token:
        raise ApiError("AuthFailure.TokenFailure", "The token is not correct.")
    return account


def _fresh(world: World, timestamp: str) -> int:
    if not timestamp.isdecimal():
        raise ApiError("AuthFailure.InvalidAuthorization", "The timestamp is not valid.")
    if abs(int(timestamp) - world.clock.now()) > TOLERANCE:
        raise ApiError("AuthFailure.SignatureExpire", "The provided credentials have expired.")
    return int(timestamp)


def _sign(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def check_tc3(world: World, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Account:
    """The account whose key signed a TC3 request.

    The documents have a slash as the path for good, here and in the older style; that another one is refused by this
    code is a guess.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    parts = dict(
        part.strip().split("=", 1) for part in lower["authorization"].removeprefix("TC3-HMAC-SHA256 ").split(",")
    )
    try:
        key, date, service, _ = parts["Credential"].split("/")
        names, found = parts["SignedHeaders"].split(";"), parts["Signature"]
    except (KeyError, ValueError):
        raise ApiError("AuthFailure.InvalidAuthorization", "The Authorization header is not valid.") from None
    account = _account(world, key, lower.get("x-tc-token", ""))
    timestamp = _fresh(world, lower.get("x-tc-timestamp", ""))
    if datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d") != date:
        raise ApiError("AuthFailure.SignatureExpire", "The date of the credential is not that of the timestamp.")
    canonical = "".join(f"{name}:{lower.get(name, '').strip().lower()}\n" for name in names)
    text = "\n".join([method, path, query, canonical, ";".join(names), hashlib.sha256(body).hexdigest()])
    scope = f"{date}/{service}/tc3_request"
    string = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(text.encode()).hexdigest()}"
    signing = _sign(_sign(_sign(f"TC3{account.secret}".encode(), date), service), "tc3_request")
    expected = hmac.new(signing, string.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, found):
        raise ApiError("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")
    return account


def check_old(world: World, method: str, host: str, path: str, params: Mapping[str, Any]) -> Account:
    """The account whose key signed a request of the older style.

    Args:
        world: The clouds.
        method: What is signed is this, the host, the path, and all parameters but the signature, sorted by their bytes
            and not encoded ("Signature", 2.3).
        host: As the request names it.
        path: As the request has it.
        params: Those of query and form together (a guess: no document tells of a request that has both).
    """
    account = _account(world, str(params.get("SecretId", "")), str(params.get("Token", "")))
    _fresh(world, str(params.get("Timestamp", "")))
    pairs = sorted((name, value) for name, value in params.items() if name != "Signature")
    string = f"{method}{host}{path}?" + "&".join(f"{name}={value}" for name, value in pairs)
    algorithm = hashlib.sha256 if params.get("SignatureMethod") == "HmacSHA256" else hashlib.sha1
    expected = b64encode(hmac.new(account.secret.encode(), string.encode(), algorithm).digest()).decode()
    if not hmac.compare_digest(expected, str(params.get("Signature", ""))):
        raise ApiError("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")
    return account
