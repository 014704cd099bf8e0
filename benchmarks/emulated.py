"""The emulator for measurements: any regions and rows, in a process of its own."""

import json
import signal
import sys
import threading

from cloudmux_py.emulator.server import Emulator, exports

options = json.loads(sys.argv[1])
stopped = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopped.set())
with Emulator(**options) as emulator:
    print(exports(emulator), flush=True)
    stopped.wait()
