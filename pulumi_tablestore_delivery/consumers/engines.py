"""The engines that read the files, and what each makes of a Parquet type.

That an INT64 is a BIGINT and so on is how these engines read Parquet. What the service writes for
an undocumented type is assumed: the Parquet type of its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Dialect(Enum):
    """The SQL that an engine takes."""

    HIVE = "hive"
    SPARK = "spark"
    MAXCOMPUTE = "maxcompute"
    TRINO = "trino"
    DUCKDB = "duckdb"


@dataclass(frozen=True)
class Engine:
    """An engine.

    Attributes:
        title: Its name, for people.
        dialect: Its SQL.
        access: How it accesses OSS; `{endpoint}` stands for the task's OSS endpoint.
        types: Its type for each Parquet type that it can read.
        type_notes: What to know about some of them.
        bucket: The URL of a bucket; `{bucket}` and `{endpoint}` stand for the task's.
        partition_types: Its type for a partition column of type STRING or INT.
        keeps_case: Whether it finds a folder `Year=2020`; others keep names in lower case.
    """

    title: str
    dialect: Dialect
    access: str
    types: Mapping[str, str]
    type_notes: Mapping[str, str]
    bucket: str = "oss://{bucket}/"
    partition_types: Mapping[str, str] = field(
        default_factory=lambda: {"STRING": "STRING", "INT": "INT"}
    )
    keeps_case: bool = False


PARTITION_TYPES: Final = ("STRING", "INT")
"""The types that a partition column may have."""

_TYPES: Final = {
    "BOOL": "BOOLEAN",
    "INT64": "BIGINT",
    "UTF8": "STRING",
    "DOUBLE": "DOUBLE",
    "INT32": "INT",
    "FLOAT": "FLOAT",
    "DATE": "DATE",
    "TIMESTAMP_MILLIS": "TIMESTAMP",
    "TIMESTAMP_MICROS": "TIMESTAMP",
}
_HADOOP: Final = (
    "Outside EMR, {title} needs hadoop-aliyun (a module of Hadoop) or JindoSDK on its classpath, "
    "{setting}fs.oss.endpoint={{endpoint}}, and credentials, in {setting}fs.oss.* too. In the "
    "region of the bucket, take its internal endpoint."
)
_HIVE_4: Final = "Hive before 4 cannot read TIMESTAMP from INT64: declare the column BIGINT there."
_HIVE_NOTES: Final = {"TIMESTAMP_MILLIS": _HIVE_4, "TIMESTAMP_MICROS": _HIVE_4}

ENGINES: Final[Mapping[str, Engine]] = {
    "hive": Engine(
        "Hive",
        dialect=Dialect.HIVE,
        access=_HADOOP.format(title="Hive", setting=""),
        types=_TYPES,
        type_notes=_HIVE_NOTES,
    ),
    "spark": Engine(
        "Spark SQL",
        dialect=Dialect.SPARK,
        keeps_case=True,
        access=_HADOOP.format(title="Spark", setting="spark.hadoop."),
        types=_TYPES,
        type_notes={},
    ),
    "emr": Engine(
        "Hive or Spark SQL in EMR",
        dialect=Dialect.HIVE,
        access=(
            "A cluster of EMR finds the bucket by its name and with a role of its own. Elsewhere "
            "take the engine hive or spark, which need fs.oss.endpoint={endpoint}."
        ),
        types=_TYPES,
        type_notes=_HIVE_NOTES,
    ),
    "duckdb": Engine(
        "DuckDB",
        dialect=Dialect.DUCKDB,
        access=(
            "DuckDB reads OSS by the protocol of S3. Before the view: INSTALL httpfs, LOAD httpfs, "
            "CREATE SECRET (TYPE s3, ENDPOINT {endpoint}, URL_STYLE vhost, REGION, KEY_ID and "
            "SECRET of yours). The view can be made once a file is there."
        ),
        types={
            **_TYPES,
            "UTF8": "VARCHAR",
            "INT32": "INTEGER",
            "TIMESTAMP_MILLIS": "TIMESTAMP WITH TIME ZONE",
            "TIMESTAMP_MICROS": "TIMESTAMP WITH TIME ZONE",
        },
        type_notes={},
        bucket="s3://{bucket}/",
        partition_types={"STRING": "VARCHAR", "INT": "INTEGER"},
        keeps_case=True,
    ),
    "trino": Engine(
        "Trino",
        dialect=Dialect.TRINO,
        access=(
            "The catalog has the Hive connector and reads OSS by the protocol of S3: "
            "fs.s3.enabled=true, s3.endpoint=https://{endpoint}, s3.region, and keys in "
            "s3.aws-access-key and s3.aws-secret-key. Its metastore must know s3:// too."
        ),
        types={**_TYPES, "UTF8": "VARCHAR", "INT32": "INTEGER", "FLOAT": "REAL"},
        type_notes={},
        bucket="s3://{bucket}/",
        partition_types={"STRING": "VARCHAR", "INT": "INTEGER"},
        keeps_case=True,
    ),
    "maxcompute": Engine(
        "MaxCompute",
        dialect=Dialect.MAXCOMPUTE,
        access=(
            "MaxCompute reads a bucket in its own region by the internal endpoint, with the role "
            "aliyunodpsdefaultrole of your account, which has to be authorized once."
        ),
        types=_TYPES,
        type_notes=dict.fromkeys(
            ("INT32", "FLOAT", "DATE", "TIMESTAMP_MILLIS", "TIMESTAMP_MICROS"),
            "The columns have types of edition 2.0: SET odps.sql.type.system.odps2=true, also for "
            "each query.",
        ),
        bucket="oss://{endpoint}/{bucket}/",
    ),
}
"""By name. Types that are missing (TIME_MILLIS, TIME_MICROS, DECIMAL, LIST, MAP, INTERVAL, INT96)
have no clear counterpart."""
