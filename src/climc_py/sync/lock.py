"""One sync per account at a time, across processes: a kernel lock, which its holder's death frees."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from ..errors import Refused
from ..models.account import Account
from ..store.database import Database


@contextmanager
def locked(database: Database, accounts: Sequence[Account], *, wait: bool) -> Iterator[None]:
    """Hold the accounts' locks, taken in one order so that two processes never wait for each other.

    Raises:
        Refused: Another process syncs one of them, and `wait` is False.
    """
    from filelock import FileLock, Timeout

    folder = database.path.with_name(database.path.name + ".locks")
    folder.mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as stack:
        for account in sorted(accounts, key=lambda account: account.id):
            lock = FileLock(folder / f"{account.id}.lock", timeout=-1 if wait else 0)
            try:
                stack.enter_context(lock)
            except Timeout:
                raise Refused(
                    f"account {account.name} is being synced by another process: try again later;"
                    " cloud-account-sync --force waits for it"
                ) from None
        yield
