"""Exit codes: one table, from which the documentation is made."""

OK = 0
FAILED = 1
USAGE = 2
NOT_FOUND = 3
CREDENTIALS = 4
PARTLY = 5
REFUSED = 6
INTERRUPTED = 130

MEANINGS: dict[int, str] = {
    OK: "done",
    FAILED: "failed, in the cloud or here",
    USAGE: "wrong usage, unknown region, or not implemented",
    NOT_FOUND: "not found",
    CREDENTIALS: "credentials missing or refused, or permission denied",
    PARTLY: "partly done: some scopes or ids failed or are held, or a deletion was accepted and has not ended",
    REFUSED: (
        "refused here: locked, read-only, disabled, denied by your own rules, already running, duplicate account,"
        " enabled account"
    ),
    INTERRUPTED: "interrupted",
}
