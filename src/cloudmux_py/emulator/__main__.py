"""``python -m cloudmux_py.emulator``: the emulator alone."""

import argparse

from .server import serve

parser = argparse.ArgumentParser(prog="cloudmux_py.emulator", description="A local stand-in for the clouds' APIs.")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--instances", type=int, default=12)
parser.add_argument("--latency-ms", type=float, default=0)
parser.add_argument("--qps", type=float, default=0)
parser.add_argument("--default-region", default="cn-hangzhou")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--fault", action="append", default=[], dest="faults")
serve(**vars(parser.parse_args()))
