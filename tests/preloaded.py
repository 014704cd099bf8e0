"""What the process imports that test programs are forked from; it starts no thread, and takes no keys.

Botocore's models of services are large, and read by each process anew: here they are read once.
"""

import pkgutil
from importlib import import_module

import aliyunsdkcore.request
import botocore.session
import filelock
import sqlite_utils
import tencentcloud.common.common_client

import climc_py
import cloudmux_py
from cloudmux_py.aws import client

OWN_PROCESS = ("cloudmux_py.emulator", "cloudmux_py.evidence", "cloudmux_py.testing")
"""Packages that few programs need."""


def _load(package: object) -> None:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):  # type: ignore[attr-defined]
        if not module.name.startswith(OWN_PROCESS) and not module.name.endswith("__main__"):
            import_module(module.name)


for package in (cloudmux_py, climc_py):
    _load(package)
for service in ("ec2", "opensearch", "sts"):
    client._sdk().create_client(service, "us-east-1", aws_access_key_id="none", aws_secret_access_key="none")

__all__ = ["aliyunsdkcore", "botocore", "filelock", "sqlite_utils", "tencentcloud"]
