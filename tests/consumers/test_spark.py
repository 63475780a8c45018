"""Spark itself runs the statements for Spark, Hive and EMR, on files that were delivered.

The long form of these tests: `make spark` installs Spark into its own environment. Without
it they are skipped.
"""

from dataclasses import replace

import pytest
from support.consumers_world import (
    FOUND_BY_MSCK,
    MOMENTS,
    OPTIONS,
    PARTITIONS,
    PREFIXES,
    ROWS,
    SCHEMA,
    made,
)

pyspark = pytest.importorskip("pyspark")


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """A session with its own Hive metastore."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - only where it is installed

    folder = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.sql.shuffle.partitions", "1")
        .config(
            "spark.hadoop.javax.jdo.option.ConnectionURL",
            f"jdbc:derby:;databaseName={folder / 'metastore'};create=true",
        )
        .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={folder}")
        .enableHiveSupport()
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.mark.parametrize("partition_type", ["STRING", "INT"])
@pytest.mark.parametrize("engine", ["spark", "hive", "emr"])
@pytest.mark.parametrize("style", PREFIXES)
def test_table_reads_the_delivered_rows(spark, delivered, style, engine, partition_type):
    if (style, partition_type) == ("fixed", "INT"):
        return  # its partitions are not numbers
    names, values = PARTITIONS[style]
    table = made(
        engine,
        oss_prefix=PREFIXES[style],
        parquet_schema=SCHEMA,
        options=replace(
            OPTIONS, time=MOMENTS[0], name=f"t_{style}_{engine}_{partition_type}",
            partition_type=partition_type,
        ),
    )  # fmt: skip
    for statement in table.statements:
        spark.sql(statement.replace("oss://my-lake/", f"file://{delivered.bucket}/"))
    found = spark.sql(f"SELECT * FROM {table.name}")
    turn = int if partition_type == "INT" else str
    expected = [
        (*row, *map(turn, values(moment)))
        for row, moment in zip(ROWS, MOMENTS, strict=True)
        if style in FOUND_BY_MSCK[engine] or not names or values(moment) == values(MOMENTS[0])
    ]
    assert [name.lower() for name in found.columns] == [
        each.name.lower() for each in table.columns + table.partitions
    ]
    assert sorted(tuple(row) for row in found.collect()) == sorted(expected)
