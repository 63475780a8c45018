"""The engines that read the files, and each engine's type for a Parquet type.

An engine reads a Parquet type as the type in its table, such as INT64 as BIGINT. For an
undocumented type, we assume that the service writes the Parquet type of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Dialect(Enum):
    """The SQL of an engine."""

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
        access: How it accesses OSS. The task's OSS endpoint replaces `{endpoint}`.
        types: Its type for each Parquet type that it can read.
        type_notes: Notes about some of these types.
        bucket: The URL of a bucket. The task's bucket and OSS endpoint replace `{bucket}` and
            `{endpoint}`.
        partition_types: Its type for a partition column of type STRING or INT.
        keeps_case: Whether it finds a folder `Year=2020`. Other engines convert names to lower
            case.
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
    "{setting}fs.oss.endpoint={{endpoint}}, and credentials, also in {setting}fs.oss.*. In the "
    "region of the bucket, use its internal endpoint."
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
            "A cluster of EMR finds the bucket by its name, and uses its own role. Elsewhere use "
            "the engine hive or spark, which need fs.oss.endpoint={endpoint}."
        ),
        types=_TYPES,
        type_notes=_HIVE_NOTES,
    ),
    "duckdb": Engine(
        "DuckDB",
        dialect=Dialect.DUCKDB,
        access=(
            "DuckDB reads OSS with the S3 protocol. Before the view, run INSTALL httpfs, LOAD "
            "httpfs, and CREATE SECRET (TYPE s3, ENDPOINT {endpoint}, URL_STYLE vhost, and your "
            "REGION, KEY_ID and SECRET). Create the view after the first file is delivered."
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
            "The catalog has the Hive connector and reads OSS with the S3 protocol: "
            "fs.s3.enabled=true, s3.endpoint=https://{endpoint}, s3.region, and keys in "
            "s3.aws-access-key and s3.aws-secret-key. Its metastore must support s3:// too."
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
            "aliyunodpsdefaultrole of your account. Authorize this role once."
        ),
        types=_TYPES,
        type_notes=dict.fromkeys(
            ("INT32", "FLOAT", "DATE", "TIMESTAMP_MILLIS", "TIMESTAMP_MICROS"),
            "The columns have data types of edition 2.0: run SET "
            "odps.sql.type.system.odps2=true here and before each query.",
        ),
        bucket="oss://{endpoint}/{bucket}/",
    ),
}
"""The engines by name. Types that are missing (TIME_MILLIS, TIME_MICROS, DECIMAL, LIST, MAP,
INTERVAL, INT96) do not have a clear counterpart."""
