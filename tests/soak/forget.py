"""Forgets history older than some seconds: ``python -m tests.soak.forget CACHE SECONDS``.

``climc db prune`` takes whole days, at least one. The soak has an hour for what months would bring, so it calls the
same function with a nearer time.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from climc_py.models.prune import prune
from climc_py.store.database import Database
from cloudmux_py.cloudprovider.resource import format_time

if __name__ == "__main__":
    with Database.write(Path(sys.argv[1])) as database:
        gone = prune(database, format_time(datetime.now(UTC) - timedelta(seconds=float(sys.argv[2]))))
    sys.stdout.write(f"{gone}\n")
