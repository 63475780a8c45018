"""External tables: their SQL is in the engine's dialect, and reads really delivered files."""

from dataclasses import replace

import duckdb
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp
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
from support.specs import BAG

from pulumi_tablestore_delivery.consumers.engines import ENGINES, PARTITION_TYPES
from pulumi_tablestore_delivery.consumers.external_table import external_table
from pulumi_tablestore_delivery.errors import InvalidInputError
from pulumi_tablestore_delivery.spec.prefixes import layout_of
from pulumi_tablestore_delivery.spec.properties import spec_of
from pulumi_tablestore_delivery.spec.rules import judge
from pulumi_tablestore_delivery.spec.rules.readers import TYPES_WITHOUT_TABLE_TYPE
from pulumi_tablestore_delivery.spec.surroundings import Surroundings
from pulumi_tablestore_delivery.wire.enums import ParquetDataType

DIALECTS = {"hive": "hive", "spark": "spark", "emr": "hive"}
STANDARD = {
    "duckdb": {"STRING": "VARCHAR", "INT": "INTEGER", "TIMESTAMP": "TIMESTAMP WITH TIME ZONE"},
    "trino": {"STRING": "VARCHAR", "INT": "INTEGER", "FLOAT": "REAL"},
    "maxcompute": {},
}
"""The names of types in other engines, by their names in Hive."""
_DUCKDB = {"TEXT": "VARCHAR"}  # the same type by its other name
ALL_TYPES = {"allow_undocumented_types": True}


def parsed(table, engine):
    """Parse the statements in the engine's dialect. sqlglot does not know MSCK."""
    script = "".join(line for line in table.script.splitlines(True) if not line.startswith("--"))
    assert [text.strip() for text in script.split(";\n") if text.strip()] == list(table.statements)
    assert all("\n" not in note for note in table.notes)
    first, *rest = table.statements
    create = sqlglot.parse_one(first, dialect=DIALECTS[engine])
    assert isinstance(create, exp.Create)
    others = [
        text if text.startswith("MSCK ") else sqlglot.parse_one(text, dialect=DIALECTS[engine])
        for text in rest
    ]
    assert all(isinstance(each, str | exp.Alter) for each in others)
    return create, others


def location_of(node, bucket):
    url = node.find(exp.LocationProperty).this.this
    assert url.startswith(f"oss://{BAG['oss_bucket']}/")
    return bucket / url.removeprefix(f"oss://{BAG['oss_bucket']}/")


def read_as_the_engine_would(table, engine, bucket):
    """Read the table's rows in the folders that MSCK finds or that a statement adds."""
    create, others = parsed(table, engine)
    declared = [
        (column.name, _DUCKDB.get(kind := column.kind.sql("duckdb"), kind))
        for column in create.find_all(exp.ColumnDef)
    ]
    by = create.find(exp.PartitionedByProperty)
    names = [each.name for each in by.this.expressions] if by else []
    columns = [column for column in declared if column[0] not in names]
    root = location_of(create, bucket)
    if not others:
        folders = {root: {}}
    elif others[0] == f"MSCK REPAIR TABLE {table.name}":
        folders = {}
        for folder in root.glob("/".join(["*"] * len(names))):
            pairs = [part.split("=") for part in folder.relative_to(root).parts]
            if [name for name, _ in pairs] == names:
                folders[folder] = dict(pairs)
    else:
        (alter,) = others
        values = {each.this.name: each.expression.this for each in alter.find_all(exp.EQ)}
        assert list(values) == names
        folders = {location_of(alter, bucket): values}
    rows = []
    with duckdb.connect() as database:
        for folder, values in folders.items():
            for file in filter(lambda path: path.is_file(), folder.iterdir()):
                found = database.sql(
                    "SELECT * FROM read_parquet($file, hive_partitioning = false)",
                    params={"file": str(file)},
                )
                assert [(name, str(kind)) for name, kind, *_ in found.description] == columns
                rows += [(*row, *values.values()) for row in found.fetchall()]
    return names, sorted(rows)


def test_every_engine_is_tested():
    assert {*DIALECTS, *STANDARD} == set(ENGINES)


@pytest.mark.parametrize("engine", DIALECTS)
@pytest.mark.parametrize("style", PREFIXES)
def test_table_reads_the_delivered_rows(delivered, style, engine):
    table = made(
        engine,
        oss_prefix=PREFIXES[style],
        options=replace(OPTIONS, time=MOMENTS[0], database="lake", name="orders"),
        parquet_schema=SCHEMA,
    )
    assert table.name == "`lake`.`orders`"
    names, values = PARTITIONS[style]
    by_msck = style in FOUND_BY_MSCK[engine]
    seen = [
        (*row, *values(moment))
        for row, moment in zip(ROWS, MOMENTS, strict=True)
        if by_msck or not names or values(moment) == values(MOMENTS[0])
    ]
    assert read_as_the_engine_would(table, engine, delivered.bucket) == (names, sorted(seen))
    assert ("MSCK REPAIR TABLE finds" in table.script) == by_msck
    assert ("Each needs an ADD PARTITION" in table.script) == bool(names and not by_msck)


@pytest.mark.parametrize("style", ["hive", "fixed", "case"])
def test_columns_and_partitions_are_those_that_duckdb_discovers(delivered, style):
    table = made("spark", oss_prefix=PREFIXES[style], parquet_schema=SCHEMA)
    files = delivered.bucket / table.location.removeprefix("oss://my-lake/") / "**" / "task*"
    with duckdb.connect() as database:
        found = database.sql(
            "SELECT * FROM read_parquet($files, hive_partitioning = true, "
            "hive_types_autocast = false)",
            params={"files": str(files)},
        )
        types = {"STRING": "VARCHAR"}
        assert {name: str(kind) for name, kind, *_ in found.description} == {
            each.name: types.get(each.type, each.type) for each in table.columns + table.partitions
        }
        assert len(found.fetchall()) == len(ROWS)


class TestDuckDb:
    """DuckDB itself runs the statements, on files that were delivered."""

    @pytest.mark.parametrize(
        ("style", "kind"),
        [
            (style, kind)
            for style in PREFIXES
            for kind in PARTITION_TYPES
            if (style, kind) != ("fixed", "INT")  # its partitions are not numbers
        ],
    )
    def test_view_reads_the_delivered_rows(self, delivered, style, kind):
        names, values = PARTITIONS[style]
        table = made(
            "duckdb",
            oss_prefix=PREFIXES[style],
            parquet_schema=SCHEMA,
            options=replace(OPTIONS, name="orders", database="main", partition_type=kind),
        )
        (statement,) = table.statements
        with duckdb.connect() as database:
            database.execute(statement.replace("s3://my-lake/", f"{delivered.bucket}/"))
            found = database.sql("SELECT * FROM main.orders")
            assert [name for name, *_ in found.description] == [
                *(each.name for each in table.columns), *names,
            ]  # fmt: skip
            assert [str(each) for _, each, *_ in found.description] == [
                each.type for each in table.columns + table.partitions
            ]
            turn = int if kind == "INT" else str
            assert sorted(found.fetchall()) == sorted(
                (*row, *map(turn, values(moment)))
                for row, moment in zip(ROWS, MOMENTS, strict=True)
            )

    def test_hive_folders_are_pruned_by_their_names(self):
        table = made("duckdb", oss_prefix="orders/year=$yyyy/month=$MM/")
        assert list(table.statements) == [
            """\
CREATE OR REPLACE VIEW "orders" AS
SELECT
  "id",
  "year",
  "month"
FROM read_parquet(
  's3://my-lake/orders/year=*/month=*/*',
  union_by_name = true, hive_partitioning = true, hive_types = {'year': VARCHAR, 'month': VARCHAR}
)"""
        ]

    def test_quotes_and_patterns_in_a_prefix_are_literal(self, tmp_path):
        folder = tmp_path / "it's [a]*" / "2024"
        folder.mkdir(parents=True)
        (tmp_path / "it's axx" / "2024").mkdir(parents=True)
        for path in (folder, tmp_path / "it's axx" / "2024"):
            duckdb.sql("SELECT 'x' AS id").write_parquet(str(path / "task_0_a__1"))
        (statement,) = made("duckdb", oss_prefix="it's [a]*/$yyyy/").statements
        with duckdb.connect() as database:
            database.execute(statement.replace("s3://my-lake/", f"{tmp_path}/"))
            assert database.sql("FROM orders").fetchall() == [("x", "2024")]

    @pytest.mark.parametrize("kind", PARTITION_TYPES)
    def test_times_without_a_separator_are_distinguished(self, tmp_path, kind):
        options = replace(OPTIONS, partition_type=kind)
        found = self._read(tmp_path, "a/$yyyy$MM$dd/$HH$mm/", "a/20240229/2358", options=options)
        turn = int if kind == "INT" else str
        assert found == [("x", *map(turn, ("2024", "02", "29", "23", "58")))]

    def test_data_column_may_have_any_name(self, tmp_path):
        schema = [("filename", "UTF8")]
        assert self._read(tmp_path, "a/$yyyy/", "a/2024", schema=schema) == [("x", "2024")]

    def _read(self, root, prefix, folder, schema=(("id", "UTF8"),), options=OPTIONS):
        """Read the row of a file in a folder through the view."""
        (root / folder).mkdir(parents=True)
        ((name, _),) = schema
        duckdb.sql(f"SELECT 'x' AS {name}").write_parquet(str(root / folder / "task_0_a__1"))
        (statement,) = made("duckdb", schema, options, oss_prefix=prefix).statements
        with duckdb.connect() as database:
            database.execute(statement.replace("s3://my-lake/", f"{root}/"))
            return database.sql("FROM orders").fetchall()


class TestTrino:
    def made(self, **inputs):
        options = replace(OPTIONS, database="Lake")
        return made("trino", **{"options": options, **inputs})

    def test_hive_folders(self):
        table = self.made(oss_prefix="orders/year=$yyyy/month=$MM/")
        assert list(table.statements) == [
            """\
CREATE TABLE IF NOT EXISTS "Lake"."orders" (
  "id" VARCHAR,
  "year" VARCHAR,
  "month" VARCHAR
)
WITH (
  format = 'PARQUET',
  external_location = 's3://my-lake/orders/',
  partitioned_by = ARRAY['year', 'month']
)""",
            "CALL system.sync_partition_metadata('lake', 'orders', 'ADD', true)",
        ]

    def test_folders_in_upper_case_are_found_case_insensitively(self):
        table = self.made(oss_prefix="orders/Year=$yyyy/")
        assert table.statements[1].endswith("'ADD', false)")
        assert "ARRAY['year']" in table.statements[0]

    def test_folders_of_another_style_are_registered_one_by_one(self):
        table = self.made(oss_prefix="orders/$yyyy/$MM/")
        assert table.statements[1] == (
            "CALL system.register_partition('lake', 'orders',\n"
            "  ARRAY['year', 'month'], ARRAY['2020', '08'],\n  's3://my-lake/orders/2020/08/')"
        )
        assert "hive.allow-register-partition-procedure=true" in table.script

    def test_schema_is_needed_for_partitions(self):
        with pytest.raises(InvalidInputError, match="Trino finds partitions by the names"):
            made("trino", oss_prefix="orders/year=$yyyy/")
        assert made("trino", oss_prefix="orders/").name == '"orders"'

    @pytest.mark.parametrize("prefix", [*PREFIXES.values(), "it's/$yyyy"])
    def test_statements_parse_in_its_dialect(self, prefix):
        table = self.made(oss_prefix=prefix, parquet_schema=SCHEMA)
        create = sqlglot.parse_one(table.statements[0], dialect="trino")
        assert isinstance(create, exp.Create)
        assert [column.name for column in create.find_all(exp.ColumnDef)] == [
            each.name for each in table.columns + table.partitions
        ]
        for statement in table.statements[1:]:
            call = sqlglot.parse_one(statement.removeprefix("CALL "), dialect="trino")
            assert call.find(exp.Anonymous)


class TestMaxCompute:
    def test_hive_folders(self):
        table = made("maxcompute", oss_prefix="orders/year=$yyyy/")
        assert list(table.statements) == [
            """\
CREATE EXTERNAL TABLE IF NOT EXISTS `orders` (
  `id` STRING
)
PARTITIONED BY (`year` STRING)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
WITH SERDEPROPERTIES ('odps.properties.rolearn'='ROLE')
STORED AS PARQUET
LOCATION 'oss://oss-cn-hangzhou-internal.aliyuncs.com/my-lake/orders/'""".replace(
                "ROLE", "acs:ram::1234567890123456:role/aliyunodpsdefaultrole"
            ),
            "MSCK REPAIR TABLE `orders` ADD PARTITIONS",
        ]

    def test_types_of_its_newer_edition_are_noted(self):
        assert "odps2" not in made("maxcompute").script
        assert "odps2=true" in made("maxcompute", [("n", "INT32")], **ALL_TYPES).script

    @pytest.mark.parametrize("prefix", [*PREFIXES.values(), "it's/$yyyy"])
    def test_statements_are_like_those_of_hive(self, prefix):
        table = made("maxcompute", oss_prefix=prefix, parquet_schema=SCHEMA)
        create = sqlglot.parse_one(table.statements[0], dialect="hive")
        assert isinstance(create, exp.Create)
        assert create.find(exp.LocationProperty).this.this == table.location
        for statement in table.statements[1:]:
            if not statement.startswith("MSCK "):
                assert isinstance(sqlglot.parse_one(statement, dialect="hive"), exp.Alter)


class TestPartitionType:
    @pytest.mark.parametrize("engine", DIALECTS)
    def test_numbers(self, engine):
        options = replace(OPTIONS, partition_type="INT")
        table = made(engine, oss_prefix="orders/year=$yyyy/month=$MM/", options=options)
        assert [each.type for each in table.partitions] == ["INT", "INT"]
        parsed(table, engine)
        assert "month=02 is 2" in table.script
        (_, alter) = made(engine, oss_prefix="orders/$yyyy/$MM/", options=options).statements
        assert "PARTITION (`year`=2020, `month`=8)" in alter
        assert alter.endswith("orders/2020/08/'")

    @pytest.mark.parametrize("prefix", ["o/dt=$yyyy-$MM/", "o/region=cn/year=$yyyy/"])
    def test_values_that_are_not_numbers_are_refused(self, prefix):
        with pytest.raises(InvalidInputError, match="INT does not hold the values of"):
            made(oss_prefix=prefix, options=replace(OPTIONS, partition_type="INT"))

    @pytest.mark.parametrize("engine", ENGINES)
    def test_numbers_that_are_too_large_are_refused(self, engine):
        options = replace(OPTIONS, partition_type="INT", database="lake")
        with pytest.raises(InvalidInputError, match="INT does not hold the values of 'dt'"):
            made(engine, oss_prefix="o/dt=$yyyy$MM$dd$HH$mm/", options=options)
        assert made(engine, oss_prefix="o/dt=$yyyy$MM$dd$HH/", options=options).partitions

    def test_another_type_is_refused(self):
        with pytest.raises(InvalidInputError, match="'DATE' is not one of STRING, INT"):
            made(options=replace(OPTIONS, partition_type="DATE"))


@pytest.mark.parametrize(
    ("engine", "name"), [("hive", "Hive"), ("emr", "Hive"), ("maxcompute", "MaxCompute")]
)
def test_note_about_upper_case_names_the_engine(engine, name):
    notes = made(engine, [("userId", "UTF8")]).notes
    (note,) = [each for each in notes if "still finds them in the files" in each]
    assert note.startswith(name)


def test_hive():
    table = made(
        schema=[("order_id", "UTF8"), ("n", "INT64"), ("d", "DOUBLE"), ("b", "BOOL")],
        oss_prefix="orders/year=$yyyy/month=$MM/",
    )
    assert list(table.statements) == [
        """\
CREATE EXTERNAL TABLE IF NOT EXISTS `orders` (
  `order_id` STRING,
  `n` BIGINT,
  `d` DOUBLE,
  `b` BOOLEAN
)
PARTITIONED BY (`year` STRING, `month` STRING)
STORED AS PARQUET
LOCATION 'oss://my-lake/orders/'""",
        "MSCK REPAIR TABLE `orders`",
    ]


def test_spark():
    table = made("spark", oss_prefix="orders/$yyyy/")
    assert list(table.statements) == [
        """\
CREATE TABLE IF NOT EXISTS `orders` (
  `id` STRING,
  `year` STRING
)
USING PARQUET
PARTITIONED BY (`year`)
LOCATION 'oss://my-lake/orders/'""",
        """\
ALTER TABLE `orders` ADD IF NOT EXISTS
  PARTITION (`year`='2020')
  LOCATION 'oss://my-lake/orders/2020/'""",
    ]


def test_notes_of_each_engine_explain_its_access_to_oss():
    assert "\n-- Outside EMR, Hive needs" in made("hive").script
    assert " spark.hadoop.fs.oss.endpoint=oss-cn-hangzhou.aliyuncs.com" in made("spark").script
    assert "\n-- A cluster of EMR finds the bucket by its name" in made("emr").script


@pytest.mark.parametrize("engine", ENGINES)
def test_password_in_an_endpoint_is_not_printed(engine):
    options = replace(OPTIONS, database="lake")
    table = made(
        engine, oss_endpoint="https://me:hush@oss-cn-hangzhou.aliyuncs.com", options=options
    )
    assert "hush" not in str(table)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", [item.name for item in ParquetDataType])
def test_every_type_has_a_counterpart_or_is_refused(kind, engine):
    expected = {
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
    schema = [("id", "UTF8"), ("c", kind)]
    lake = replace(OPTIONS, database="lake")
    if kind not in expected:
        message = f"does not have a clear type for {kind}. Leave 'c' out"
        with pytest.raises(InvalidInputError, match=message):
            made(engine, schema, lake, **ALL_TYPES)
        options = replace(lake, exclude_columns=["c"])
        assert len(made(engine, schema, options, **ALL_TYPES).columns) == 1
        return
    table = made(engine, schema, lake, **ALL_TYPES)
    known = STANDARD.get(engine, {})
    assert table.columns[1].type == known.get(expected[kind], expected[kind])
    is_warned_of = kind.startswith("TIMESTAMP") and engine in {"hive", "emr"}
    if engine in DIALECTS:
        assert f"  `c` {expected[kind]}" in table.script
        assert isinstance(parsed(table, engine)[0], exp.Create)
    assert ("Hive before 4" in table.script) == is_warned_of


@pytest.mark.parametrize(
    ("given", "path", "problem"),
    [
        (
            {"schema": [("a", "UTF8"), ("YEAR", "INT64")], "oss_prefix": "o/year=$yyyy"},
            "parquet_schema[1].name",
            "'YEAR' is also the name of a partition of o/year=$yyyy",
        ),
        (
            {"schema": [("a", "UTF8"), ("A", "UTF8")]},
            "parquet_schema[1].name",
            "'A' is also the name of parquet_schema[0]",
        ),
        ({"schema": [("a.b", "UTF8")]}, "parquet_schema[0].name", "'a.b' has characters"),
        ({"schema": [("a`b", "UTF8")]}, "parquet_schema[0].name", "'a`b' has characters"),
        ({"oss_prefix": "o/y=$yyyy/Y=$MM"}, "oss_prefix", "two partition columns 'Y', of $yyyy"),
        (
            {"oss_prefix": "o/my-day=$dd"},
            "oss_prefix",
            "the folder my-day=$dd is a partition column",
        ),
        ({"options": replace(OPTIONS, name="my-table")}, "name", "'my-table' is not a name"),
        ({"options": replace(OPTIONS, database="a.b")}, "database", "'a.b' is not a name"),
        (
            {"options": replace(OPTIONS, exclude_columns=["Id"])},
            "exclude_columns",
            "'Id' is not a column of the files. Did you mean 'id'?",
        ),
        (
            {"options": replace(OPTIONS, exclude_columns=["id"])},
            "parquet_schema",
            "leaves the table without columns",
        ),
        (
            {"engine": "sparc"},
            "engine",
            "'sparc' is not one of hive, spark, emr, duckdb, trino, maxcompute. Did you mean",
        ),
    ],
)
def test_impossible_table_is_refused(given, path, problem):
    with pytest.raises(InvalidInputError) as refused:
        made(**given)
    (violation,) = refused.value.violations
    assert violation.path == path
    assert problem in violation.message


@pytest.mark.parametrize(
    "given",
    [
        {"schema": [("YEAR", "INT64")], "oss_prefix": "o/year=$yyyy"},
        {"schema": [("year", "INT64")], "oss_prefix": "o/$yyyy/"},
        {"schema": [("day", "INT64")], "oss_prefix": "o/$yyyy-$MM-$dd/x=1/"},
        {"schema": [("a", "UTF8"), ("A", "UTF8")]},
        {"schema": [("a.b", "UTF8")]},
        {"oss_prefix": "o/y=$yyyy/Y=$MM"},
        {"oss_prefix": "o/$yyyy/year=$MM/"},
        {"oss_prefix": "o/my-day=$dd"},
        *({"schema": [("a", kind)], **ALL_TYPES} for kind in sorted(TYPES_WITHOUT_TABLE_TYPE)),
    ],
    ids=str,
)
def test_preview_reports_what_ddl_refuses(given):
    given = dict(given)
    columns = [
        {"source": name, "type": kind} for name, kind in given.pop("schema", [("id", "UTF8")])
    ]
    spec = spec_of({**BAG, "parquet_schema": columns, **given})
    with pytest.raises(InvalidInputError):
        external_table(spec, OPTIONS)
    judgment = judge(spec, Surroundings())
    rules = {found.rule for found in (*judgment.errors, *judgment.warnings)}
    about = {
        "column-name", "column-unique", "external-table", "partition-column", "prefix-characters",
    }  # fmt: skip
    assert rules & about


def test_all_violations_are_reported_at_once():
    with pytest.raises(InvalidInputError) as refused:
        made(schema=[("year", "INT64"), ("x", "INT96")], oss_prefix="o/year=$yyyy", **ALL_TYPES)
    assert [each.path for each in refused.value.violations] == [
        "parquet_schema[0].name",
        "parquet_schema[1].type",
    ]


def test_whole_bucket_as_location_is_noted():
    assert "is the whole bucket" in made(oss_prefix="year=$yyyy/").script
    assert "is the whole bucket" not in made(oss_prefix="$yyyy/").script  # each folder is added


def test_name_cannot_end_a_comment():
    """The names of an existing task may contain any character."""
    table = made(oss_prefix="a\nDROP TABLE x;/it's", table_name="t")
    lines = table.script.splitlines()
    assert [line for line in lines if "DROP" in line and not line.startswith("--")] == [
        "DROP TABLE x;/it\\'s/';"
    ]
    create = sqlglot.parse_one(table.statements[0], dialect="hive")
    assert create.find(exp.LocationProperty).this.this.endswith("x;/it's/")


@given(
    st.lists(
        st.sampled_from(["$yyyy", "$MM", "a", "k=v", "y=$yyyy", "m=$MM-$dd", "a=b=$dd", "=$HH"]),
        min_size=1,
        max_size=5,
    )
)
def test_location_and_partitions_make_up_the_prefix(folders):
    layout = layout_of("/".join(folders))
    assert layout.folder == "/".join(folders) + "/"
    assert layout.folder.startswith(layout.location)
    assert "$" not in layout.location
    below = layout.folder.removeprefix(layout.location)
    if layout.is_hive:
        assert below == "".join(f"{each.column}={each.value}/" for each in layout.partitions)
    else:
        assert {name for name in ("$yyyy", "$MM", "$dd", "$HH") if name in below} == {
            name
            for name in ("$yyyy", "$MM", "$dd", "$HH")
            if any(name in each.value for each in layout.partitions)
        }
