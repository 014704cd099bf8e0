"""Where files lie, with and without the variables that say so: always where platformdirs finds them."""

from pathlib import Path

import platformdirs
import pytest

from cloudmux_py.console.places import config_folder, data_folder


@pytest.mark.parametrize("value", [None, "", "/elsewhere", "relative", "~/other"])
@pytest.mark.parametrize("home", ["/home/somebody", None])
def test_folders_are_those_of_platformdirs(
    monkeypatch: pytest.MonkeyPatch, value: str | None, home: str | None
) -> None:
    for name, set_to in (("XDG_CONFIG_HOME", value), ("XDG_DATA_HOME", value), ("HOME", home)):
        if set_to is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, set_to)
    assert config_folder("climc") == Path(platformdirs.user_config_dir("climc", appauthor=False))
    assert data_folder("climc") == Path(platformdirs.user_data_dir("climc", appauthor=False))
