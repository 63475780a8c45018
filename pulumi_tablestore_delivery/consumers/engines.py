"""The engines that read the files, and what each makes of a Parquet type.

That an INT64 is a BIGINT and so on is how Hive and Spark read Parquet. What the service writes for
an undocumented type is assumed: the Parquet type of its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Engine:
    """An engine.

    Attributes:
        title: Its name, for people.
        is_spark: Whether it is Spark by itself: its tables know their format natively, and it
            keeps upper case in names.
        access: How it gets at OSS; `{endpoint}` stands for the task's OSS endpoint.
        types: Its type for each Parquet type that it can read.
        type_notes: What to know about some of them.
    """

    title: str
    is_spark: bool
    access: str
    types: Mapping[str, str]
    type_notes: Mapping[str, str]


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
        is_spark=False,
        access=_HADOOP.format(title="Hive", setting=""),
        types=_TYPES,
        type_notes=_HIVE_NOTES,
    ),
    "spark": Engine(
        "Spark SQL",
        is_spark=True,
        access=_HADOOP.format(title="Spark", setting="spark.hadoop."),
        types=_TYPES,
        type_notes={},
    ),
    "emr": Engine(
        "Hive or Spark SQL in EMR",
        is_spark=False,
        access=(
            "A cluster of EMR finds the bucket by its name and with a role of its own. Elsewhere "
            "take the engine hive or spark, which need fs.oss.endpoint={endpoint}."
        ),
        types=_TYPES,
        type_notes=_HIVE_NOTES,
    ),
}
"""By name. Types that are missing (TIME_MILLIS, TIME_MICROS, DECIMAL, LIST, MAP, INTERVAL, INT96)
have no clear counterpart."""
