"""What the programs are measured against: the shortest that could do the same."""

TYPER = """
import typer
app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
@app.command()
def hello(name: str = "world") -> None:
    print(f"hello {name}")
app()
"""

ALIYUN = """
import json, os
from aliyunsdkcore.client import AcsClient
from aliyunsdkelasticsearch.request.v20170613.ListInstanceRequest import ListInstanceRequest
client = AcsClient(os.environ["ALIYUN_ACCESS_KEY"], os.environ["ALIYUN_SECRET"], os.environ["ALIYUN_REGION"])
request = ListInstanceRequest()
request.set_endpoint(os.environ["ALIYUN_ENDPOINT"].removeprefix("http://"))
request.set_protocol_type("http")
request.set_size(20)
for row in json.loads(client.do_action_with_exception(request))["Result"]:
    print(row["instanceId"], row["description"], row["status"])
"""

QCLOUD = """
import os
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.es.v20180416 import es_client, models
profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=os.environ["QCLOUD_ENDPOINT"][7:]))
keys = Credential(os.environ["QCLOUD_SECRET_ID"], os.environ["QCLOUD_SECRET_KEY"])
client = es_client.EsClient(keys, os.environ["QCLOUD_REGION"], profile)
request = models.DescribeInstancesRequest()
request.Limit = 20
for row in client.DescribeInstances(request).InstanceList:
    print(row.InstanceId, row.InstanceName, row.Status)
"""

FETCH = """
import json, os, sys
from concurrent.futures import ThreadPoolExecutor
from aliyunsdkcore.client import AcsClient
from aliyunsdkelasticsearch.request.v20170613.ListInstanceRequest import ListInstanceRequest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
address = os.environ["ALIYUN_ENDPOINT"].removeprefix("http://")
profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=address))
keys = Credential(os.environ["QCLOUD_SECRET_ID"], os.environ["QCLOUD_SECRET_KEY"])
def aliyun(region):
    client = AcsClient(os.environ["ALIYUN_ACCESS_KEY"], os.environ["ALIYUN_SECRET"], region)
    rows, page = 0, 0
    while True:
        page += 1
        request = ListInstanceRequest()
        request.set_endpoint(address); request.set_protocol_type("http"); request.set_size(100); request.set_page(page)
        reply = json.loads(client.do_action_with_exception(request))
        rows += len(reply["Result"])
        if rows >= reply["Headers"]["X-Total-Count"]:
            return rows
def qcloud(region):
    client = CommonClient("es", "2018-04-16", keys, region, profile)
    rows = 0
    while True:
        reply = client.call_json("DescribeInstances", {"Offset": rows, "Limit": 100})["Response"]
        rows += len(reply["InstanceList"])
        if rows >= reply["TotalCount"]:
            return rows
regions = json.loads(sys.argv[1])
with ThreadPoolExecutor(20) as pool:
    both = [pool.map(aliyun, regions["aliyun"]), pool.map(qcloud, regions["qcloud"])]
    print(sum(sum(counts) for counts in both))
"""
