"""Messages: the client sends and reads the same values as the SDKs."""

import pytest
from google.protobuf.json_format import MessageToDict
from support.wire_cases import REQUESTS, RESPONSES, case_id

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb
from pulumi_tablestore_delivery.wire import enums

CREATES = [case for case in REQUESTS if case["name"].startswith(("create", "pb_create"))]
DESCRIPTIONS = [
    case for case in RESPONSES if case["operation"] == "DescribeDeliveryTask" and case["accepted"]
]
NAMES = {
    "type": enums.ParquetDataType,
    "encode": enums.ParquetEncoding,
    "format": enums.Format,
    "timeFormat": enums.EventTimeFormat,
}


def spec_of_decoded(decoded):
    config = decoded["taskConfig"]
    event = config.get("eventTimeColumn")
    return DeliveryTaskSpec(
        instance_name="inst",
        table_name=decoded["tableName"],
        task_name=decoded["taskName"],
        mode=decoded["taskType"],
        oss_bucket=config["ossBucket"],
        oss_endpoint=config["ossEndpoint"],
        oss_prefix=config["ossPrefix"],
        oss_dirty_prefix=config.get("ossDirtyPrefix"),
        role_arn=config["ossStsRole"],
        format=config["format"],
        event_time_column=event and {"column": event["columnName"], "format": event["timeFormat"]},
        parquet_schema=[
            {
                "source": column["columnName"],
                "name": column["ossColumnName"],
                "type": column["type"],
                "encoding": column["encode"],
                "type_extend": column.get("typeExtend"),
            }
            for column in config["schema"]
        ],
    )


@pytest.mark.parametrize("case", CREATES, ids=case_id)
def test_create_request_has_the_bytes_of_the_sdk(case):
    request = codec.create_request(spec_of_decoded(case["decoded"]))
    if "formatter" in case["decoded"]["taskConfig"]:
        # No SDK's API can set it and the client never sends it; the capture was made of the
        # bare message.
        request.taskConfig.formatter = 0
    assert request.SerializeToString().hex() == case["body_hex"]


def test_empty_optional_text_is_neither_sent_nor_read():
    case = next(case for case in CREATES if "ossDirtyPrefix" not in case["decoded"]["taskConfig"])
    plain = spec_of_decoded(case["decoded"])
    given = plain.model_dump()
    given["oss_dirty_prefix"] = given["parquet_schema"][0]["type_extend"] = ""
    request = codec.create_request(DeliveryTaskSpec(**given))
    assert request == codec.create_request(plain)
    answer = pb.DescribeDeliveryTaskResponse(taskConfig=request.taskConfig)
    answer.taskConfig.ossDirtyPrefix = answer.taskConfig.schema[0].typeExtend = ""
    inputs = codec.described_inputs(answer)
    assert "oss_dirty_prefix" not in inputs
    assert "type_extend" not in inputs["parquet_schema"][0]


@pytest.mark.parametrize("case", [c for c in REQUESTS if c not in CREATES], ids=case_id)
def test_other_requests_have_the_bytes_of_the_sdk(case):
    kind = getattr(pb, case["path"].lstrip("/") + "Request")
    assert kind(**case["decoded"]).SerializeToString().hex() == case["body_hex"]


@pytest.mark.parametrize("case", DESCRIPTIONS, ids=case_id)
def test_description_reads_what_the_sdk_reads(case):
    answer = pb.DescribeDeliveryTaskResponse.FromString(bytes.fromhex(case["body_hex"]))
    inputs, state = codec.described_inputs(answer), codec.described_state(answer)
    seen = case["parsed"]["ok"]
    if case["sdk"].startswith("java"):
        config, stat = seen["taskConfig"], seen["taskSyncStat"]
        assert inputs["mode"] == seen["taskType"]
        assert inputs["oss_bucket"] == config["ossBucket"]
        assert inputs["oss_endpoint"] == config["ossEndpoint"]
        assert inputs["oss_prefix"] == config["ossPrefix"]
        assert inputs["role_arn"] == config["ossStsRole"]
        assert inputs["format"] == config["format"]
        event = config["eventTimeColumn"]
        assert inputs.get("event_time_column") == (
            event and {"column": event["columnName"], "format": event["timeFormat"]}
        )
        assert inputs["parquet_schema"] == [
            {
                "source": column["columnName"],
                "name": column["ossColumnName"],
                "type": column["type"],
                "encoding": column["encode"],
            }
            for column in config["schema"]
        ]
        assert state.phase == stat["phase"]
        assert state.error_code == stat["errorType"]
        assert state.error_detail == stat["detail"]
        assert (
            answer.task_sync_stat.current_sync_timestamp // 10**6
            == (stat["currentSyncPointMillis"])
        )
    else:
        config = seen["TaskConfig"]
        assert inputs["oss_bucket"] == config["OssBucket"]
        assert inputs["mode"] == enums.DeliveryTaskType(seen["TaskType"]).name
        event = config["EventTimeColumn"]
        assert (inputs.get("event_time_column") or {}).get("format") == (
            event and enums.EventTimeFormat(event["TimeFormat"]).name
        )


@pytest.mark.parametrize(
    "case", [c for c in RESPONSES if c["operation"] == "ListDeliveryTask" and c["accepted"]],
    ids=case_id,
)  # fmt: skip
def test_list_reads_what_the_sdk_reads(case):
    answer = pb.ListDeliveryTaskResponse.FromString(bytes.fromhex(case["body_hex"]))
    seen = case["parsed"]["ok"]
    if case["sdk"].startswith("java"):
        read = [
            {
                "tableName": task.tableName,
                "taskName": task.taskName,
                "taskType": enums.name_of(enums.DeliveryTaskType, task.taskType),
            }
            for task in answer.tasks
        ]
        assert read == seen["tasks"]
    else:
        read = [
            {"TableName": t.tableName, "TaskName": t.taskName, "TaskType": t.taskType}
            for t in answer.tasks
        ]
        assert read == seen["Tasks"]


def test_numbers_of_a_newer_service_survive():
    answer = pb.DescribeDeliveryTaskResponse(taskType=7)
    answer.task_sync_stat.task_sync_phase = 9
    answer.task_sync_stat.error_code = 11
    answer.taskConfig.schema.add(columnName="c", ossColumnName="c", type=99, encode=42)
    read = pb.DescribeDeliveryTaskResponse.FromString(answer.SerializeToString())
    inputs, state = codec.described_inputs(read), codec.described_state(read)
    assert (state.phase, state.error_code) == ("UNRECOGNIZED_9", "UNRECOGNIZED_11")
    assert inputs["mode"] == "UNRECOGNIZED_7"
    column = inputs["parquet_schema"][0]
    assert (column["type"], column["encoding"]) == ("UNRECOGNIZED_99", "UNRECOGNIZED_42")
    assert enums.number_of(enums.ParquetDataType, column["type"]) == 99
    assert MessageToDict(read) == MessageToDict(answer)


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, ""),
        (-1, ""),
        (1_700_000_000_123_456_789, "2023-11-14T22:13:20.123Z"),
        (1_000_000, "1970-01-01T00:00:00.001Z"),
        (2**63 - 1, "2262-04-11T23:47:16.854Z"),
    ],
)
def test_iso_time_formats_utc_with_milliseconds(nanoseconds, text):
    assert codec.iso_time(nanoseconds) == text


def test_moment_of_reads_what_iso_time_wrote():
    nanoseconds = 1_709_164_800_123_000_000
    moment = codec.moment_of(codec.iso_time(nanoseconds))
    assert moment.timestamp() * 1000 == nanoseconds // 1_000_000
    assert moment.utcoffset().total_seconds() == 0
    assert codec.moment_of("") is None
