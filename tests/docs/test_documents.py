"""The documents tell the truth: generated parts are fresh, the tours run as they stand, links lead somewhere."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.server import exports
from cloudmux_py.engine.policy import account_calls, bindings_of, changing_calls, needed, reading_calls

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = sorted(path.relative_to(ROOT) for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TOURS = re.findall(r"```sh tour\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A shell with a home and a cache of its own, and the installed programs."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    caches = {"CLIMC_DB": str(tmp_path / "cache.db"), "CLIMC_KEY_FILE": str(tmp_path / "key")}
    return kept | {"PATH": path, "HOME": str(tmp_path)} | caches


def _exported(emulator: Emulator) -> dict[str, str]:
    return dict(line.removeprefix("export ").split("=", 1) for line in exports(emulator).splitlines())


def test_the_readme_is_fresh(generate: ModuleType) -> None:
    assert generate.render(README) == README, "make docs"


def test_a_stale_readme_is_seen(generate: ModuleType) -> None:
    for line in ("| 6 | refused here", "| `<type>-list` | List cached", '"elasticsearch:ListInstance"'):
        assert README.count(line) == 1
        assert generate.render(README.replace(line, "stale")) == README


def test_a_lost_marker_is_seen(generate: ModuleType) -> None:
    with pytest.raises(ValueError, match="exit codes"):
        generate.render(README.replace("<!-- generated: exit codes -->", ""))


def test_reading_policies_change_nothing(generate: ModuleType) -> None:
    for provider in generate.CLOUDS:
        reading = [permission.name for permission in needed(provider, generate.types(), "read")]
        deleting = [permission.name for permission in needed(provider, generate.types(), "delete")]
        assert reading
        assert set(deleting) > set(reading)
        assert not [name for name in reading if not re.search(r":(List|Describe|Get)", name)]
        assert not [name for name in set(deleting) - set(reading) if re.search(r":(List|Describe|Get)", name)]


def test_policies_hold_every_action_that_is_sent(generate: ModuleType, environment: dict[str, str]) -> None:
    """A sync and a deletion on each cloud ask the emulator for nothing that no policy allows."""
    lines = (
        "climc cloud-account-create-{0} {0} --no-delete-lock",
        "climc cloud-account-sync {0}",
        "climc elastic-search-delete --yes --wait-timeout 0 $(climc elastic-search-list --region {1} --limit 1 -o id"
        " --filter \"billing_type.equals('postpaid')\" --status available)",
    )
    with Emulator(instances=12) as emulator:
        environment |= _exported(emulator)
        for provider, region in (("aliyun", "cn-hangzhou"), ("qcloud", "ap-guangzhou")):
            script = "\n".join(line.format(provider, region) for line in lines)
            subprocess.run(["bash", "-c", script], env=environment, capture_output=True, timeout=50, check=False)
            sent = {call.action for call in emulator.requests if call.provider == provider}
            bindings = bindings_of(provider, generate.types())
            reading = {call.action for binding in bindings for call in reading_calls(binding)}
            deleting = {call.action for binding in bindings for call in changing_calls(binding)}
            assert sent & deleting, "a deletion was sent"
            assert sent <= reading | deleting | {call.action for call in account_calls(provider)}


@pytest.mark.parametrize("number", range(len(TOURS)))
def test_a_tour_runs_as_it_stands(number: int, environment: dict[str, str]) -> None:
    with Emulator(instances=30) as emulator:
        environment |= _exported(emulator)
        for line in TOURS[number].strip().splitlines():
            if line.startswith("export "):
                name, _, value = line.split()[1].partition("=")
                environment[name] = value
                continue
            expected = int(found[1]) if (found := re.search(r"# exit (\d+)", line)) else 0
            script = f"set -o pipefail; {line}"
            done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=50)
            assert done.returncode == expected, f"{line}\n{done.stderr}"
            assert bool(done.stdout) == (expected == 0), line


def test_there_are_two_tours() -> None:
    assert [line.split()[0] for tour in TOURS for line in tour.splitlines()[1:2]] == ["cloudcli", "climc"]


def test_the_library_s_lines_run(environment: dict[str, str]) -> None:
    (lines,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    with Emulator(instances=3) as emulator:
        done = subprocess.run(
            [sys.executable, "-c", lines], env=environment | _exported(emulator), capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_lead_somewhere(document: Path) -> None:
    text = (ROOT / document).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target:
            assert ((ROOT / document).parent / target).exists(), f"{document}: {target}"
