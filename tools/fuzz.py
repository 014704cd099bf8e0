"""Drives the property tests of readers by coverage, with atheris: each for some seconds, in a process of its own.

Usage: ``python -m tools.fuzz [SECONDS [TEST…]]``.

A finding ends its test, and its input is shrunk by running the test with what Hypothesis prints; it then becomes an
``@example`` line beside the test, which every run of the tests tries.
Tests that need a cache, a file or a server are not led by coverage: ``make fuzz`` runs them with many more examples.
"""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

TESTS = (
    "tests.fuzz.test_replies:test_a_row_is_read_or_is_malformed",
    "tests.fuzz.test_replies:test_a_listing_ends_or_says_what_is_wrong",
    "tests.fuzz.test_replies:test_bytes_are_an_object_or_an_error_that_names_what_came",
    "tests.fuzz.test_sql:test_a_query_is_an_answer_or_wrong_usage",
    "tests.unit.test_text:test_no_format_gives_a_terminal_anything_to_obey",
    "tests.unit.test_text:test_json_and_yaml_are_exact",
)
CORPUS = Path("tests/data/corpus")
"""Inputs that each reach something new. Every run starts from them and adds to them; they are kept with the tests."""


def drive(name: str, *options: str) -> None:
    """Run one test in this process; does not return."""
    import atheris

    module, _, function = name.partition(":")
    with atheris.instrument_imports(include=["cloudmux_py", "climc_py"]):
        test = getattr(import_module(module), function)
    folder = CORPUS / function
    folder.mkdir(parents=True, exist_ok=True)
    atheris.Setup([sys.argv[0], str(folder), *options], test.hypothesis.fuzz_one_input)
    atheris.Fuzz()


def main() -> int:
    """Run each test in its process; the number of those that found something."""
    seconds, *names = sys.argv[1:] or ["60"]
    found = 0
    for name in names or TESTS:
        sys.stdout.write(f"{name}: {seconds} s\n")
        sys.stdout.flush()
        options = [f"-max_total_time={seconds}", "-max_len=2048", "-artifact_prefix=.fuzz/"]
        command = [sys.executable, "-m", "tools.fuzz", "--one", name, *options]
        found += subprocess.run(command, check=False).returncode != 0
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        drive(*sys.argv[2:])
    sys.exit(main())
