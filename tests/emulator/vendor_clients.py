"""The vendors' own clients, each behind one call: an action and its parameters in, the typed model's answer out."""

import importlib
import inspect
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

from alibabacloud_tea_openapi.utils_models import Config
from aliyunsdkcore.acs_exception.exceptions import ServerException
from darabonba.exceptions import DaraException
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

TCCLI = Path(__file__).parents[2] / ".venv-clients/bin/tccli"
"""`make test-clients` puts it there."""


class RefusedError(Exception):
    """What the cloud answered instead; the status is 0 where a client does not tell it."""

    def __init__(self, code: str, status: int = 0) -> None:
        super().__init__(code, status)
        self.code, self.status = code, status


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the vendors' own exceptions into one."""
    try:
        yield
    except ServerException as error:
        raise RefusedError(error.get_error_code(), error.get_http_status()) from None
    except DaraException as error:
        raise RefusedError(str(error.code), int(getattr(error, "status_code", 0) or 0)) from None
    except TencentCloudSDKException as error:
        raise RefusedError(error.get_code()) from None


class Keys(NamedTuple):
    """Whose calls they are."""

    id: str
    secret: str


def tea_config(url: str, keys: Keys, region: str, algorithm: str | None = None) -> Config:
    """How the newer alibabacloud clients are pointed at one plain address."""
    return Config(
        access_key_id=keys.id,
        access_key_secret=keys.secret,
        region_id=region,
        endpoint=url.removeprefix("http://"),
        protocol="http",
        signature_algorithm=algorithm,
    )


def tencent_profile(url: str, method: str = "POST", signature: str = "TC3-HMAC-SHA256") -> ClientProfile:
    """How Tencent's clients are pointed at one plain address."""
    http = HttpProfile(protocol="http", endpoint=url.removeprefix("http://"), reqMethod=method)
    return ClientProfile(signMethod=signature, httpProfile=http)


class Client(Protocol):
    """One vendor client of one service."""

    provider: ClassVar[str]
    signs_as: ClassVar[tuple[str, str]]
    """A request header that shows who sent it, and a part of its value."""

    def __init__(self, service: str, version: str, url: str, keys: Keys, region: str) -> None: ...

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's body as the client's typed model gives it; raises RefusedError."""


def told(value: Any) -> Any:
    """A value without what is empty: a model leaves out some of it, and adds other such."""
    if isinstance(value, list):
        return [told(item) for item in value]
    if not isinstance(value, dict):
        return value
    inside = {key: told(item) for key, item in value.items()}
    return {key: item for key, item in inside.items() if item not in (None, [], {})}


class TeaSdk:
    """An alibabacloud package: ACS3-HMAC-SHA256, a method an action, request and reply as models."""

    provider: ClassVar[str] = "aliyun"
    signs_as: ClassVar[tuple[str, str]] = ("Authorization", "ACS3-HMAC-SHA256")

    def __init__(self, service: str, version: str, url: str, keys: Keys, region: str) -> None:
        package = f"alibabacloud_{service}{version.replace('-', '')}"
        self.models = importlib.import_module(f"{package}.models")
        self.client = importlib.import_module(f"{package}.client").Client(tea_config(url, keys, region))
        self.region = region
        self.replies: list[Any] = []  # as they came: the models drop what they do not know
        call_api = self.client.call_api

        def kept(*args: Any) -> Any:
            reply = call_api(*args)
            self.replies.append(reply["body"])
            return reply

        self.client.call_api = kept

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        [name] = [name for name in dir(self.client) if name.replace("_", "") == action.lower()]
        method, left, args = getattr(self.client, name), dict(params), list[Any]()
        for parameter in inspect.signature(method).parameters:
            if parameter == "request":
                args.append(self._request(action, left))
            else:  # a part of the path: instance_id
                args.append(left.pop("".join(word.title() for word in parameter.split("_"))))
        with refusals():
            body: dict[str, Any] = method(*args).body.to_map()
        assert told(body) == told(self.replies[-1]), "the model does not know a field of the reply"
        return body

    def _request(self, action: str, params: Mapping[str, Any]) -> Any:
        request = getattr(self.models, f"{action}Request")()
        known = {"RegionId": self.region, **params} if hasattr(request, "region_id") else params
        request.from_map(known)
        assert told(request.to_map()) == known, "the model does not know a parameter"
        return request


class TencentSdk:
    """tencentcloud-sdk-python: TC3-HMAC-SHA256, a client a service; unknown fields of either side are a warning."""

    provider: ClassVar[str] = "qcloud"
    signs_as: ClassVar[tuple[str, str]] = ("X-TC-RequestClient", "SDK_PYTHON")

    def __init__(self, service: str, version: str, url: str, keys: Keys, region: str) -> None:
        package = f"tencentcloud.{service}.v{version.replace('-', '')}"
        self.models = importlib.import_module(f"{package}.models")
        kind = getattr(importlib.import_module(f"{package}.{service}_client"), f"{service.capitalize()}Client")
        self.client = kind(Credential(*keys), region, tencent_profile(url))

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        request = getattr(self.models, f"{action}Request")()
        request.from_json_string(json.dumps(params))
        with refusals():
            reply = getattr(self.client, action)(request)
        body: dict[str, Any] = json.loads(reply.to_json_string())
        return body


class Tccli:
    """Tencent's command line, a process a call.

    ``--endpoint`` is documented to take a host name, which is then called by HTTPS, with certificates of a bundle that
    no option changes. The SDK under it takes a whole URL all the same, sends it as ``Host`` too, and signs that.
    """

    provider: ClassVar[str] = "qcloud"
    signs_as: ClassVar[tuple[str, str]] = ("X-TC-RequestClient", "_CLI_")

    def __init__(self, service: str, version: str, url: str, keys: Keys, region: str) -> None:
        assert TCCLI.exists(), "run `make test-clients`, which installs tccli"
        self.words = [str(TCCLI), service]
        self.options = ["--version", version, "--region", region, "--endpoint", url, "--output", "json"]
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ["TCCLI_HOME"],  # it writes its configuration there
            "TENCENTCLOUD_SECRET_ID": keys.id,
            "TENCENTCLOUD_SECRET_KEY": keys.secret,
        }

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        words = [*self.words, action, *self.options]
        for name, value in params.items():
            words += [f"--{name}", value if isinstance(value, str) else json.dumps(value)]
        done = subprocess.run(words, env=self.env, capture_output=True, text=True, timeout=50)
        told = done.stdout + done.stderr
        if done.returncode:
            refused = re.search(r"\[TencentCloudSDKException\] code:(\S+) ", told)
            assert refused, told
            raise RefusedError(refused[1])
        body: dict[str, Any] = json.loads(done.stdout)
        return body
