"""Secrets at rest: encrypted with a key that lies away from the cache, or in the system's keyring when asked for."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING

from cloudmux_py import providers

from .errors import SecretError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY_FILE = "CLIMC_KEY_FILE"
SERVICE = "climc"


def key_path() -> Path:
    """Where the key lies: in the configuration folder, away from the cache."""
    given = os.environ.get(KEY_FILE, "")
    if given:
        return Path(given)
    from platformdirs import user_config_path

    return user_config_path("climc") / "key"


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
    if text == "keyring":
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
    if text == "keyring":
        import keyring
        from keyring.errors import PasswordDeleteError

        with suppress(PasswordDeleteError):  # it is gone already
            keyring.delete_password(SERVICE, account_id)


def _remedy(account_id: str) -> str:
    return f"give the keys again: climc cloud-account-update-credential-{'|'.join(providers())} {account_id} …"


def _box(account_id: str, *, create: bool) -> "Fernet":
    from cryptography.fernet import Fernet

    path = key_path()
    try:
        if create and not path.exists():
            _create(path, Fernet.generate_key())
    except OSError as error:
        raise SecretError(f"the key file {path} cannot be made: {error.strerror}; {KEY_FILE} names another") from None
    try:
        mode = path.stat().st_mode
        key = path.read_bytes().strip()
    except OSError as error:
        raise SecretError(f"the key file {path} cannot be read ({error.strerror}); {_remedy(account_id)}") from None
    if mode & 0o077:
        raise SecretError(f"the key file {path} can be read by others; chmod 600 {path}")
    try:
        return Fernet(key)
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
        with open(handle, "wb") as file:  # noqa: PTH123 - a file descriptor
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
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
    return "keyring"
