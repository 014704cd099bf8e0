"""Recordings: the wire of a session, redacted, as evidence that can be shown to others.

A recording is a file of JSON lines (docs/recordings.md). It is written as calls happen, by any number of threads, and
nothing reaches it that `redact` has not gone over. Whatever goes wrong with it never changes what a call did.
"""

import json
import logging
import os
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from secrets import token_bytes
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cloudmux_py.cloudprovider.errors import UsageError

from . import client
from .client import Exchange
from .http import Reply, Request
from .redact import Redactor

log = logging.getLogger("cloudmux_py")

FORMAT = 1
"""Of the file; a reader refuses any other."""

SENT_HEADERS = frozenset(
    {
        "accept",
        "content-type",
        "x-acs-action",
        "x-acs-region-id",
        "x-acs-signature-method",
        "x-acs-signature-version",
        "x-acs-version",
        "x-amz-target",
        "x-tc-action",
        "x-tc-language",
        "x-tc-region",
        "x-tc-version",
    }
)
CAME_HEADERS = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "retry-after",
        "transfer-encoding",
        "x-acs-retry-after",
        "x-amzn-errortype",
    }
)
"""Headers whose values are kept; of all others the name alone."""

ERROR_CODE = "x-amzn-errortype"
"""AWS's REST services name an error in a header, and where it is explained after a colon."""

HOSTS = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)?\.(aliyuncs\.com|tencentcloudapi\.com|amazonaws\.com(\.cn)?)")
"""The clouds' own hosts of APIs; any other is somebody's gateway."""

MIME = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,30}(; ?charset=[A-Za-z0-9-]{1,12})?")


def start(path: str, *, hash_names: bool = False) -> None:
    """Record every call of this process from now on.

    Args:
        path: A file that does not exist yet.
        hash_names: Replace ids and names of resources as well.

    Raises:
        UsageError: The file cannot be made, or is there already.
    """
    client.tap = Recorder(path, hash_names=hash_names)


class Recorder:
    """Writes calls to a file that only its owner can read; safe for threads."""

    def __init__(self, path: str, *, hash_names: bool = False) -> None:
        try:
            self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        except OSError as error:
            advice = "; a recording is never overwritten" if isinstance(error, FileExistsError) else ""
            raise UsageError(f"--record {path}: {error.strerror}{advice}") from None
        self.path = path
        self.redactor = Redactor(token_bytes(32), hash_names=hash_names)
        self.lock = threading.Lock()
        self.began = monotonic()
        self.broken = False
        names = "hashed" if hash_names else "kept"
        self._write({"recording": FORMAT, "began": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "names": names})

    def __call__(self, exchange: Exchange) -> None:
        """Write one call; when that fails, say so once and go on without."""
        try:
            with self.lock:
                if not self.broken:
                    if keys := exchange.sent.keys:
                        self.redactor.learn(keys.access_key, keys.secret, keys.token)
                    self._write(self._line(exchange))
        except Exception as error:  # whatever it is: the call was made, and its caller must learn what it brought
            self.broken = True
            reason = str(error.strerror) if isinstance(error, OSError) else type(error).__name__  # no text of a reply
            log.warning("recording to %s ended: %s", self.path, reason)

    def _write(self, line: Mapping[str, Any]) -> None:
        data = json.dumps(line).encode() + b"\n"
        while data:
            data = data[os.write(self.file, data) :]

    def _line(self, exchange: Exchange) -> dict[str, Any]:
        api, sent, error = exchange.api, exchange.sent, exchange.error
        return {
            "provider": exchange.provider,
            "region": self.redactor.text(exchange.region, "Region"),
            "service": api.service,
            "version": getattr(api, "version", ""),
            "action": api.action,
            "at": round(monotonic() - self.began, 3),
            "seconds": round(exchange.seconds, 3),
            "sent": self._sent(sent.request) if sent.request else None,
            "came": self._came(sent.reply) if sent.reply else None,
            "error": {"kind": type(error).__name__, "left": error.sent} if error else None,
        }

    def _sent(self, request: Request) -> dict[str, Any]:
        parts, redact = urlsplit(request.url), self.redactor
        host = parts.hostname or ""
        return {
            "method": request.method,
            "host": host if HOSTS.fullmatch(host) else redact.replaced(host),
            "path": redact.path(parts.path),
            "query": self._pairs(parts.query),
            "headers": self._headers(request.headers, SENT_HEADERS),
            "body": self._body(request.body or b"", request.headers),
        }

    def _came(self, reply: Reply) -> dict[str, Any]:
        return {
            "status": reply.status,
            "headers": self._headers(reply.headers, CAME_HEADERS),
            "body": self._body(reply.body, reply.headers),
        }

    def _pairs(self, text: str) -> list[list[str]]:
        found = parse_qsl(text, keep_blank_values=True)
        return [[self.redactor.key(name), self.redactor.text(value, name)] for name, value in found]

    def _headers(self, headers: Mapping[str, str], kept: frozenset[str]) -> dict[str, str]:
        def shown(name: str, value: str) -> str:
            if name.lower() not in kept:
                return "redacted"
            if name.lower() == ERROR_CODE:
                return self.redactor.text(value.partition(":")[0], "Code")
            return value if MIME.fullmatch(value) else self.redactor.text(value, "Date")

        return {self.redactor.key(name): shown(name, value) for name, value in headers.items()}

    def _body(self, body: bytes, headers: Mapping[str, str]) -> dict[str, Any] | None:
        """The body as what it is: ``json``, ``form``, ``xml``, or of anything else the number of ``bytes``."""
        if not body:
            return None
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        try:
            if kind.startswith("application/x-www-form-urlencoded"):
                return {"form": self._pairs(body.decode())}
            if "xml" in kind:
                return {"xml": self.redactor.xml(body.decode())}
            return {"json": self.redactor.value(json.loads(body))}
        except (ValueError, RecursionError):
            return {"bytes": len(body)}
