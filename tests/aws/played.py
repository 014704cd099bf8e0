"""A server that answers AWS's calls with what a test gives it, over real HTTP: for what moto cannot be made to say."""

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self
from urllib.parse import parse_qsl

XML = "http://ec2.amazonaws.com/doc/2016-11-15/"


class Answer(NamedTuple):
    """What is answered; an empty body of status 0 closes the connection. XML and JSON are said to be so."""

    body: str
    status: int = 200
    headers: Mapping[str, str] = {}


class Asked(NamedTuple):
    """A call: the action of a query API with its parameters, or the path of a REST API with its body."""

    action: str
    params: dict[str, str]
    body: str
    headers: Mapping[str, str]
    method: str = "POST"
    path: str = "/"


REGIONS = Answer(
    f'<DescribeRegionsResponse xmlns="{XML}"><requestId>r</requestId><regionInfo>'
    "<item><regionName>us-east-1</regionName>"
    "</item><item><regionName>eu-west-1</regionName></item></regionInfo></DescribeRegionsResponse>"
)


class Played:
    """Answers each call by `play`, in threads of its own; the list of regions it has always.

    Attributes:
        play: From a call to its answer; the test sets it.
        calls: The calls but those for regions, in their order.
    """

    def __init__(self) -> None:
        self.play: Callable[[Asked], Answer] = lambda asked: Answer("", 404)
        self.calls: list[Asked] = []

    def script(self, *answers: Answer) -> None:
        """One answer after the other; the last one is for all further calls."""
        left = list(answers)
        self.play = lambda asked: left.pop(0) if len(left) > 1 else left[0]

    def __enter__(self) -> Self:
        played = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                params = dict(parse_qsl(body)) if body.startswith("Action=") else {}
                asked = Asked(
                    params.get("Action", self.path), params, body, dict(self.headers), self.command, self.path
                )
                if asked.action == "DescribeRegions":
                    answer = REGIONS
                else:
                    played.calls.append(asked)
                    answer = played.play(asked)
                if not answer.status:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                kind = "text/xml;charset=UTF-8" if answer.body.startswith("<") else "application/json"
                for name, value in {"Content-Type": kind, **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body.encode())))
                self.end_headers()
                self.wfile.write(answer.body.encode())

            do_GET = do_DELETE = do_POST  # noqa: N815 - the names that http.server looks for

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *details: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def vpcs(*ids: str, token: str | None = None) -> Answer:
    """A page of DescribeVpcs."""
    items = "".join(f"<item><vpcId>{id}</vpcId><state>available</state></item>" for id in ids)
    following = "" if token is None else f"<nextToken>{token}</nextToken>"
    return Answer(
        f'<DescribeVpcsResponse xmlns="{XML}"><requestId>r-1</requestId><vpcSet>{items}</vpcSet>{following}'
        "</DescribeVpcsResponse>"
    )


def refusal(code: str, status: int = 400, message: str = "no") -> Answer:
    """An error of EC2."""
    return Answer(
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        "<RequestID>r-2</RequestID></Response>",
        status,
    )
