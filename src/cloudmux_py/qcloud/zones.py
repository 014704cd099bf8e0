"""Names of the zones that some products know by number alone.

Source: the page "Regions and AZs" of TencentDB for Redis, which shows names beside numbers: a number is the region's
own and four digits of the zone's. Not every region is on that page (the others: guess).
"""

REGIONS = {
    10: "ap-guangzhou",
    11: "ap-shenzhen-fsi",
    15: "na-siliconvalley",
    16: "ap-chengdu",
    17: "eu-frankfurt",
    18: "ap-seoul",
    19: "ap-chongqing",
    20: "ap-shanghai",
    21: "ap-mumbai",
    22: "na-ashburn",
    23: "ap-bangkok",
    25: "ap-tokyo",
    30: "ap-hongkong",
    33: "ap-nanjing",
    40: "na-toronto",
    46: "ap-beijing-fsi",
    70: "ap-shanghai-fsi",
    72: "ap-jakarta",
    74: "sa-saopaulo",
    80: "ap-beijing",
    90: "ap-singapore",
}


def zone_name(number: int | None) -> str | None:
    """``ap-guangzhou-6`` for 100006; the number itself where it belongs to no known region, as with edge zones."""
    if not number:
        return None
    region = REGIONS.get(number // 10_000)
    return f"{region}-{number % 10_000}" if region else str(number)
