"""Listening on a port, in threads, in a time of one's own; shared by whatever plays a cloud."""

import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Self

from werkzeug.http import http_date
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class _Handler(WSGIRequestHandler):
    """Says nothing of each request, and sends small answers at once."""

    disable_nagle_algorithm = True
    serving: "Serving"

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The ``Date`` of an answer, in the cloud's time: clients with a wrong clock see by how much."""
        return http_date(self.serving.now() if timestamp is None else timestamp)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Silence."""

    def handle(self) -> None:
        """Serve a connection, silently to its end: faults break it under the server, and clients leave."""
        with suppress(OSError):
            super().handle()


class Serving(ABC):
    """A WSGI application that listens while it is entered.

    Attributes:
        url: Its base URL.
    """

    def listen(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Take a port; 0 for a free one.

        Raises:
            OSError: It is taken.
        """
        if port:
            socket.create_server((host, port)).close()  # werkzeug would end the program
        handler = type("Handler", (_Handler,), {"serving": self})
        self.server: BaseWSGIServer = make_server(host, port, self._application, threaded=True, request_handler=handler)
        self.server.daemon_threads = True  # type: ignore[attr-defined]  # of ThreadingMixIn
        self.url = f"http://{host}:{self.server.server_port}"

    def __enter__(self) -> Self:
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @abstractmethod
    def now(self) -> float:
        """Its time, in seconds since 1970."""

    @abstractmethod
    def _application(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
