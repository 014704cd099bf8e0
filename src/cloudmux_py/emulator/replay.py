"""Serving a recording: the answers of a real session, to whoever makes the same calls again.

The format is read here on its own, from its description (docs/recordings.md): what writes it is the client's. No
signature is checked, since the keys that made them are not in a recording.
"""

import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

from .wire import Reset

FORMAT = 1
IGNORED = frozenset(
    {
        "AccessKeyId",
        "Action",
        "ClientToken",
        "Format",
        "Region",
        "RegionId",
        "SecurityToken",
        "Signature",
        "SignatureMethod",
        "SignatureNonce",
        "SignatureType",
        "SignatureVersion",
        "Timestamp",
        "Version",
        "clientToken",
    }
)
"""Parameters that differ from one sending of a call to the next, or say what else is known of it."""

KEPT = ("Content-Type", "Date", "Retry-After", "x-acs-retry-after", "x-amzn-ErrorType")
"""Headers of an answer that are served as recorded."""

Key = tuple[str, str, str, str, str, str]
"""Provider, action, region, method, path, parameters: what makes a call the same."""


class Recorded(NamedTuple):
    """What a recording holds.

    Attributes:
        calls: Its calls.
        cut: Whether its last line was cut short, and is left out.
    """

    calls: list[dict[str, Any]]
    cut: bool


def read(path: Path) -> Recorded:
    """A recording, or several joined together.

    Raises:
        ValueError: It is no recording, or of another version of the format; names the line.
    """
    calls: list[dict[str, Any]] = []
    begun = False
    try:
        *lines, rest = path.read_text("utf-8").split("\n")
    except UnicodeDecodeError:
        raise ValueError(f"{path}: this is no recording: it is not UTF-8") from None
    whole = rest.endswith("}")
    if whole:
        lines.append(rest)
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        if isinstance(entry, dict) and entry.get("recording") == FORMAT:
            begun = True
        elif begun and _sound(entry):
            calls.append(entry)
        else:
            raise ValueError(f"{path}, line {number}: this is no recording of format {FORMAT}")
    if not begun:
        raise ValueError(f"{path}: this is no recording of format {FORMAT}")
    return Recorded(calls, bool(rest) and not whole)


def _sound(entry: Any) -> bool:
    """Whether a line holds a call, with all in it that is read."""
    texts = ("provider", "region", "service", "version", "action")
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in texts):
        return False
    sent, came = entry.get("sent"), entry.get("came")
    asked = sent is None or (
        isinstance(sent, dict)
        and all(isinstance(sent.get(name), str) for name in ("method", "path"))
        and _pairs(sent.get("query"))
        and _body(sent.get("body"))
    )
    answered = came is None or (
        isinstance(came, dict)
        and type(came.get("status")) is int
        and 100 <= came["status"] < 1000
        and isinstance(came.get("headers"), dict)
        and all(isinstance(value, str) for value in came["headers"].values())
        and _body(came.get("body"))
    )
    return asked and answered


def _pairs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair) for pair in value
    )


def _body(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and _pairs(value.get("form", [])))


class Replay:
    """The answers of a recording, each as often as recorded; the last one to a call also whenever it comes again.

    Args:
        path: The recording.

    Raises:
        ValueError: It is none.
    """

    def __init__(self, path: Path) -> None:
        self.answers: dict[Key, list[dict[str, Any]]] = defaultdict(list)
        self.regions: dict[str, list[str]] = {}
        self.lock = threading.Lock()
        for call in read(path).calls:
            regions = self.regions.setdefault(call["provider"], [])
            if call["region"] not in regions:
                regions.append(call["region"])
            if call["sent"]:
                self.answers[_recorded(call)].append(call)

    def answer(self, request: Request) -> Response:
        """The next answer to a call.

        Raises:
            Reset: None came when it was recorded.
        """
        key = _incoming(request)
        with self.lock:
            calls = self.answers.get(key)
            call = calls.pop(0) if calls and len(calls) > 1 else calls[0] if calls else None
        if call is None:
            return _unknown(key)
        came = call["came"]
        if not came:
            raise Reset
        headers = {name.lower(): value for name, value in came["headers"].items()}
        response = Response(_bytes(came["body"]), came["status"])
        for name in KEPT:
            if name.lower() in headers:
                response.headers[name] = headers[name.lower()]
        return response


def _recorded(call: Mapping[str, Any]) -> Key:
    sent = call["sent"]
    body = sent["body"] or {}
    action = call["action"]
    if call["provider"] == "aws" and "form" not in body:  # its REST services name no action: method and path tell it
        action = ""
    where = (call["provider"], action, call["region"], sent["method"], sent["path"])
    return (*where, _parameters(sent["query"], body))


def _incoming(request: Request) -> Key:
    body = request.get_data(cache=True)
    query = [[name, value] for name, value in parse_qsl(request.query_string.decode(), keep_blank_values=True)]
    form = request.content_type and request.content_type.startswith("application/x-www-form-urlencoded")
    try:
        sent = {"form": parse_qsl(body.decode(), keep_blank_values=True)} if form else {"json": json.loads(body)}
    except ValueError:
        sent = {}
    named = dict([*query, *sent.get("form", [])])
    scope = re.match(r"AWS4-HMAC-SHA256 Credential=[^/]*/\d+/([^/]*)/", request.headers.get("Authorization", ""))
    provider = "aws" if scope else "qcloud" if "X-TC-Action" in request.headers else "aliyun"
    action = request.headers.get("X-TC-Action") or request.headers.get("x-acs-action") or named.get("Action", "")
    region = request.headers.get("X-TC-Region") or request.headers.get("x-acs-region-id") or named.get("RegionId", "")
    where = (provider, action, scope[1] if scope else region, request.method, request.path)
    return (*where, _parameters(query, sent))


def _parameters(query: Iterable[Any], body: Mapping[str, Any]) -> str:
    pairs = sorted([name, _plain(value)] for name, value in [*query, *body.get("form", [])] if name not in IGNORED)
    json_body = body.get("json")
    return json.dumps([pairs, json_body if isinstance(json_body, dict) else {}], sort_keys=True, ensure_ascii=False)


def _plain(value: str) -> str:
    """A parameter that holds JSON, in one spelling."""
    if value[:1] in "[{":
        try:
            return json.dumps(json.loads(value), sort_keys=True)
        except ValueError:
            pass
    return value


def _bytes(body: Mapping[str, Any] | None) -> bytes:
    if not body:
        return b""
    if "json" in body:
        return json.dumps(body["json"]).encode()
    return str(body.get("xml", "(what came was not recorded)")).encode()


def _unknown(key: Key) -> Response:
    """An error in the words of the cloud that was asked."""
    provider, action, region, method, path, parameters = key
    pairs, body = json.loads(parameters)
    shown = ", ".join(
        [*(f"{name}={value}" for name, value in pairs), *(f"{k}={json.dumps(v)}" for k, v in body.items())]
    )
    text = f"the recording holds no {action or f'{method} {path}'} in {region or 'no region'} with {shown or 'nothing'}"
    error = {"Code": "NotRecorded", "Message": text}
    if provider == "qcloud":
        return Response(
            json.dumps({"Response": {"Error": error, "RequestId": "replay"}}), content_type="application/json"
        )
    if provider == "aws" and not action:
        return Response(
            json.dumps({"message": text}), 404, {"x-amzn-ErrorType": "NotRecorded"}, content_type="application/json"
        )
    if provider == "aws":
        xml = f"<Response><Errors><Error><Code>NotRecorded</Code><Message>{text}</Message></Error></Errors></Response>"
        return Response(xml, 400, content_type="text/xml")
    return Response(json.dumps({**error, "RequestId": "replay"}), 404, content_type="application/json")
