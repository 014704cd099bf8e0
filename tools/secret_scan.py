"""Looks for keys that were committed by mistake: the shapes of real ones, in every file that git knows.

detect-secrets was tried: ten seconds over this tree, and it knows neither Alibaba Cloud's nor Tencent Cloud's keys.
"""

import re
import subprocess
import sys
from pathlib import Path

SHAPES = {
    "an Alibaba Cloud key": r"LTAI(?:[0-9A-Za-z]{12}|[0-9A-Za-z]{16}|[0-9A-Za-z]{20})",
    "an Alibaba Cloud temporary key": r"STS\.[0-9A-Za-z]{24,}",
    "a Tencent Cloud key": r"AKID[0-9A-Za-z_-]{32,}",
    "an AWS key": r"(?:AKIA|ASIA)[0-9A-Z]{16}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "a GitHub token": r"gh[pousr]_[0-9A-Za-z]{36}",
    "a PyPI token": r"pypi-AgEI[0-9A-Za-z_-]{50,}",
    "a Fernet token": r"gAAAAA[0-9A-Za-z_-]{60,}",
    "a password in a URL": r"[a-z]{3,}://[^\s/:@{}$<>*]+:[^\s/:@{}$<>*]{3,}@(?!(?:127\.|localhost|example))[a-z0-9]",
}
PATTERN = re.compile("|".join(f"(?<![0-9A-Za-z])(?P<k{n}>{shape})" for n, shape in enumerate(SHAPES.values())).encode())
ALLOWED = re.compile(rb"EXAMPLE|Example|example|emulator", re.IGNORECASE)
"""Words that the made-up keys of tests and documents have in them; a real one has them by no chance."""


def findings(content: bytes) -> list[tuple[int, str]]:
    """Line and kind of what looks like a key."""
    found = []
    for hit in PATTERN.finditer(content):
        if not ALLOWED.search(hit[0]):
            number = int(str(hit.lastgroup)[1:])
            found.append((content.count(b"\n", 0, hit.start()) + 1, list(SHAPES)[number]))
    return found


def main() -> int:
    """Print what was found, without the keys themselves."""
    names = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True).stdout.decode().split("\0")
    count = 0
    for name in filter(None, names):
        file = Path(name)
        for line, kind in findings(file.read_bytes()) if file.is_file() else ():
            sys.stdout.write(f"{name}:{line}: looks like {kind}\n")
            count += 1
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
