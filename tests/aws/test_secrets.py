"""As tests/e2e/test_secrets.py, of AWS: a planted secret and session token are looked for everywhere."""

from pathlib import Path

from .. import programs
from ..e2e.test_secrets import spellings
from .conftest import Aws
from .test_programs import environment
from .test_types import domains

__all__ = ["environment"]
SECRET, TOKEN = "planted/secret+of=AWS%41", "planted/session+token==of-AWS"


def test_a_secret_is_nowhere(aws: Aws, environment: dict[str, str], tmp_path: Path) -> None:
    domains(aws, 1)
    keys = environment | {"AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
    kept = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    lines = [
        ("climc cloud-account-create-aws ama --region-id us-east-1 --debug", keys, 0),
        ("climc cloud-account-sync ama --resources elastic-search --debug -o json", kept, 0),
        ("cloudcli elastic-search-list --debug -o json", keys, 0),
        ("cloudcli --timeout 1 --endpoint http://127.0.0.1:9 elastic-search-list --debug", keys, 1),
    ]
    printed = []
    for line, env, code in lines:
        done = programs.run(line.split(), env=env)
        assert done.returncode == code, done.stderr
        printed += [done.stdout, done.stderr]
    assert "Traceback" in "".join(printed)
    places = [text.encode() for text in printed]
    places += [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert len(places) > len(printed) + 1
    found = {spelling for secret in (SECRET, TOKEN) for spelling in spellings(secret)}
    assert not [spelling for spelling in found for place in places if spelling in place]
