"""The scan finds keys of each shape, tells no key itself, and finds none in what is committed."""

import pytest
from tools.secret_scan import SHAPES, findings, main

KEYS = [  # put together here, so that the scan of this file finds none
    "LTAI" + "5tQw9ZbXk3",
    "LTAI" + "5tQw9ZbXk3LmNp7R",
    "STS." + "NTq8Zk3LmNp7RvXw2YbC4dEf",
    "AKID" + "z8krbsJ5yKBZQpn74WFkmLPx3gnPhESA",
    "AKIA" + "Q3EGP7K2M5N8R4TW",
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "ghp_" + "q8Zk3LmNp7RvXw2YbC4dEfGh6JkMn9PqRsTu",
    "pypi-" + "AgEI" + "cHlwaS5vcmc" * 6,
    "gAAAAA" + "Bk3LmNp7RvXw2YbC4dEf" * 4,
    "https://" + "admin:hunter22" + "@db.internal",
]


@pytest.mark.parametrize("key", KEYS, ids=[str(number) for number in range(len(KEYS))])
def test_a_key_is_found_where_it_stands(key: str) -> None:
    if key.startswith("LTAI") and len(key) == 14:
        key += "aB"
    for text in (f'x = 1\nkey = "{key}"\n', f"x\n{key}"):
        assert [line for line, _ in findings(text.encode())] == [2], key


def test_what_is_made_up_or_only_looks_alike_is_no_key() -> None:
    for text in (
        "LTAI5tExampleKey01",
        "AKIAIOSFODNN7EXAMPLE",
        "XLTAI5tQw9ZbXk3LmNp7R",
        "http://127.0.0.1:8080/a@b",
        "AKID",
    ):
        assert findings(text.encode()) == []
    assert len({kind for key in KEYS[1:] for _, kind in findings(key.encode())}) == len(SHAPES)


def test_nothing_committed_looks_like_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().out
