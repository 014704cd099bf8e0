"""What can go wrong in the cache and in what is built on it.

The tree, below `CloudmuxError`::

    ├── StoreError            the cache cannot be used
    │   ├── Damaged           SQLite cannot read it
    │   ├── Locked            another process holds it too long
    │   └── SchemaMismatch    it was made by another version
    ├── RowNotFound           no such row, account or task in the cache
    ├── IdentityMismatch      the keys belong to another cloud account than the rows
    ├── SyncIncomplete        some scopes failed or are held
    └── TaskFailed            a task ended without what it was for
"""

from cloudmux_py.cloudprovider.errors import CloudmuxError, Refused

__all__ = [
    "Damaged",
    "IdentityMismatch",
    "Locked",
    "Refused",
    "RowNotFound",
    "SchemaMismatch",
    "SecretError",
    "StoreError",
    "SyncIncomplete",
    "TaskFailed",
]


class StoreError(CloudmuxError):
    """The cache cannot be used."""


class Damaged(StoreError):
    """SQLite cannot read the cache."""


class Locked(StoreError):
    """Another process holds the cache too long."""


class SchemaMismatch(StoreError):
    """The cache was made by another version."""


class RowNotFound(CloudmuxError):
    """The cache has no such row."""

    exit_code = 3


class IdentityMismatch(CloudmuxError):
    """The keys belong to another cloud account than the rows."""

    exit_code = 4


class SecretError(CloudmuxError):
    """A stored secret cannot be read."""

    exit_code = 4


class SyncIncomplete(CloudmuxError):
    """Some scopes failed or are held."""

    exit_code = 5


class TaskFailed(CloudmuxError):
    """A task ended without what it was for."""
