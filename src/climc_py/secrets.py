"""Secrets at rest: encrypted with a key that lies away from the cache, or in the system's keyring when asked for.

The key file holds one key a line. The first one seals; those below it are older, and open what they sealed.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING

from cloudmux_py import providers
from cloudmux_py.console.places import config_folder

from .errors import SecretError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

KEY_FILE = "CLIMC_KEY_FILE"
SERVICE = "climc"
KEYRING = "keyring"
"""What the cache holds in place of a secret that the system's keyring keeps."""


def key_path() -> Path:
    """Where the key lies: in the configuration folder, away from the cache."""
    given = os.environ.get(KEY_FILE, "")
    return Path(given) if given else config_folder("climc") / "key"


def seal(account_id: str, secret: str, *, keyring: bool = False) -> str:
    """A secret as the cache may hold it.

    Args:
        account_id: The account that it belongs to; it can be opened for no other.
        secret: The secret.
        keyring: Keep it in the system's keyring; the text then only says so.
    """
    if keyring:
        return _into_keyring(account_id, secret)
    return _box(account_id, create=True).encrypt(f"{account_id}\n{secret}".encode()).decode()


def unseal(account_id: str, text: str) -> str:
    """The secret of an account.

    Raises:
        SecretError: The key is lost, or the text was made with another.
    """
    if text == KEYRING:
        return _from_keyring(account_id)
    from cryptography.fernet import InvalidToken

    try:
        owner, _, secret = _box(account_id, create=False).decrypt(text.encode()).decode().partition("\n")
    except InvalidToken:
        raise SecretError(f"{key_path()} is not the key that sealed this secret; {_remedy(account_id)}") from None
    if owner != account_id:
        raise SecretError(f"the secret of account {account_id} was sealed for another; {_remedy(account_id)}")
    return secret


def forget(account_id: str, text: str) -> None:
    """Take an account's secret out of the system's keyring, if it is kept there."""
    if text == KEYRING:
        import keyring
        from keyring.errors import PasswordDeleteError

        with suppress(PasswordDeleteError):  # it is gone already
            keyring.delete_password(SERVICE, account_id)


def _remedy(account_id: str) -> str:
    return f"give the keys again: climc cloud-account-update-credential-{'|'.join(providers())} {account_id} …"


@contextmanager
def key_in_use() -> Iterator[None]:
    """Hold the key file as it is: from sealing a secret until the cache has it, and while keys change."""
    from filelock import FileLock

    path = key_path()
    lock = FileLock(path.with_name(f"{path.name}.lock"), mode=0o600)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except OSError as error:
        raise SecretError(f"the key file's folder {path.parent} cannot be written ({error.strerror})") from None
    try:
        yield
    finally:
        lock.release()


def add_key() -> None:
    """Put a new key first; the older ones stay, so that whatever was sealed can be opened at every moment."""
    from cryptography.fernet import Fernet

    path = key_path()
    _replace(path, [Fernet.generate_key(), *_lines(path)])


def forget_old_keys() -> int:
    """Keep the first key alone; returns how many went."""
    first, *older = _lines(key_path())
    if older:
        _replace(key_path(), [first])
    return len(older)


def old_keys() -> int:
    """How many older keys the file holds."""
    return len(_lines(key_path())) - 1


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().split()


def _box(account_id: str, *, create: bool) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet

    path = key_path()
    try:
        if create and not path.exists():
            _create(path, Fernet.generate_key())
    except OSError as error:
        raise SecretError(f"the key file {path} cannot be made: {error.strerror}; {KEY_FILE} names another") from None
    try:
        mode = path.stat().st_mode
        keys = _lines(path)
    except OSError as error:
        raise SecretError(f"the key file {path} cannot be read ({error.strerror}); {_remedy(account_id)}") from None
    if mode & 0o077:
        raise SecretError(f"the key file {path} can be read by others; chmod 600 {path}")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise SecretError(f"{path} holds no key: move it away, then {_remedy(account_id)}") from None


def _create(path: Path, key: bytes) -> None:
    """Write whole, then link: of two processes that start at once, one key wins for both.

    It is on the disk, and so is its name, before the cache holds anything that it sealed.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A name of its own: a process that was killed may have left a draft, and its number comes again in a container.
    handle, draft = mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        _write(handle, [key])
        os.link(draft, path)
        _sync_folder(path.parent)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Let a new name outlive a power cut; Windows opens no folders, and needs it not."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _replace(path: Path, keys: Sequence[bytes]) -> None:
    """Write whole, then rename: a crash leaves the old file or the new one. Only within `key_in_use`."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)  # of a process that was killed
    _write(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), keys)
    draft.replace(path)
    _sync_folder(path.parent)


def _write(handle: int, keys: Sequence[bytes]) -> None:
    """Write to the disk, into a file that was made for us alone."""
    with open(handle, "wb") as file:
        file.write(b"\n".join(keys) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _from_keyring(account_id: str) -> str:
    try:
        import keyring

        found = keyring.get_password(SERVICE, account_id)
    except Exception as error:  # every back end raises its own
        raise SecretError(f"the system's keyring cannot be used: {type(error).__name__}: {error}") from None
    if found is None:
        raise SecretError(f"the keyring has no secret of account {account_id}; {_remedy(account_id)}")
    return str(found)


def _into_keyring(account_id: str, secret: str) -> str:
    """Into the system's keyring, once a probe was read back: some back ends forget what they are given."""
    try:
        import keyring

        keyring.set_password(SERVICE, "probe", "probe")
        works = keyring.get_password(SERVICE, "probe") == "probe"
        keyring.delete_password(SERVICE, "probe")
    except Exception as error:  # every back end raises its own
        raise SecretError(f"the system's keyring cannot be used: {type(error).__name__}: {error}") from None
    if not works:
        raise SecretError("the system's keyring forgets what it is given")
    keyring.set_password(SERVICE, account_id, secret)
    return KEYRING
