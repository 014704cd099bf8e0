"""What the process imports that test programs are forked from; it reads no environment and starts no thread."""

import aliyunsdkcore.request
import botocore.session
import filelock
import tencentcloud.common.common_client

import climc_py.shell.account
import climc_py.shell.deleting
import climc_py.shell.listing
import climc_py.shell.program
import climc_py.shell.resource
import climc_py.shell.syncing
import cloudmux_py.engine.account
import cloudmux_py.shell.account
import cloudmux_py.shell.deleting
import cloudmux_py.shell.listing
import cloudmux_py.shell.program
import cloudmux_py.shell.resource
import cloudmux_py.shell.session

__all__ = ["aliyunsdkcore", "botocore", "climc_py", "cloudmux_py", "filelock", "tencentcloud"]
