"""What the process imports that test programs are forked from; it reads no environment and starts no thread."""

import pkgutil
from importlib import import_module

import aliyunsdkcore.request
import botocore.session
import filelock
import sqlite_utils
import tencentcloud.common.common_client

import climc_py
import cloudmux_py

OWN_PROCESS = ("cloudmux_py.emulator", "cloudmux_py.evidence", "cloudmux_py.testing")
"""Packages that few programs need."""


def _load(package: object) -> None:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):  # type: ignore[attr-defined]
        if not module.name.startswith(OWN_PROCESS) and not module.name.endswith("__main__"):
            import_module(module.name)


for package in (cloudmux_py, climc_py):
    _load(package)

__all__ = ["aliyunsdkcore", "botocore", "filelock", "sqlite_utils", "tencentcloud"]
