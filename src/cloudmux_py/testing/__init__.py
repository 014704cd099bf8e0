"""The contract tests that every resource type passes on every provider; for types of other distributions too.

Each check takes a `Case` and raises `AssertionError` with what is wrong. A case's recorded replies lie in one folder:
``list*.json`` are replies of the call that lists, ``rows*.json`` of the call that gets the rows of a list of names,
``detail*.json`` of the call that gets (where it is another one), and ``extra-<key>.json`` of each further call of a
get.
"""

from .cases import Case, cases
from .replies import (
    check_columns_are_filled,
    check_field_names,
    check_get_only,
    check_help,
    check_nothing_is_undecided,
    check_rows_with_little_in_them,
)
from .wire import (
    check_absence,
    check_deletion,
    check_listing,
    check_refusals,
)

REPLY_CHECKS = (
    check_help,
    check_nothing_is_undecided,
    check_columns_are_filled,
    check_get_only,
    check_rows_with_little_in_them,
)
"""What a type's files and recorded replies must pass, beside `check_field_names`: each takes a case."""

WIRE_CHECKS = (check_listing, check_absence, check_deletion, check_refusals)
"""What must hold over HTTP: each takes a case and an emulator with more rows than one page."""

__all__ = [
    "REPLY_CHECKS",
    "WIRE_CHECKS",
    "Case",
    "cases",
    "check_absence",
    "check_columns_are_filled",
    "check_deletion",
    "check_field_names",
    "check_get_only",
    "check_help",
    "check_listing",
    "check_nothing_is_undecided",
    "check_refusals",
    "check_rows_with_little_in_them",
]
