"""A local stand-in for the clouds' APIs over real HTTP: signatures, paging, life cycles, error codes, faults.

It knows the wire alone and imports nothing of the client, so that the two cannot agree with each other by mistake.

Example::

    with Emulator(instances=12) as emulator:
        connect("aliyun", access_key=emulator.access_key, secret=emulator.secret, endpoint=emulator.url)
"""

from .replay import Replay
from .server import Emulator, serve

__all__ = ["Emulator", "Replay", "serve"]
