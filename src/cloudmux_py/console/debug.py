"""``--debug``, and the log of what goes to clouds. Nothing of it is imported by commands that stay here."""

enabled = False


def start() -> None:
    """Send the library's log to stderr: warnings always, the rest with ``--debug``."""
    from .log import attach

    attach(debug=enabled)


def enable() -> None:
    """Show everything."""
    global enabled  # noqa: PLW0603 - one process, one switch
    enabled = True
    start()
