"""Checked by mypy, never run: code that forgets an unknown value is reported."""

from pulumi_tablestore_delivery.client.codec import create_request
from pulumi_tablestore_delivery.lifecycle import TaskId
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, known
from pulumi_tablestore_delivery.spec.parts import columns_of, event_time_of
from pulumi_tablestore_delivery.spec.properties import read_properties
from pulumi_tablestore_delivery.spec.unknown import is_unknown


def read_a_bag() -> DeliveryTaskSpec:
    return read_properties({}).draft  # expect: DeliveryTaskDraft DeliveryTaskSpec


def use_a_field(draft: DeliveryTaskDraft) -> str:
    return draft.oss_prefix.lower()  # expect: Unknown "lower"


def use_a_field_after_asking(draft: DeliveryTaskDraft) -> str:
    return "" if is_unknown(draft.oss_prefix) else draft.oss_prefix.lower()


def use_columns(draft: DeliveryTaskDraft) -> list[str]:
    for column in draft.parquet_schema:  # expect: Unknown "__iter__"
        assert column
    return [column.source.lower() for _, column in columns_of(draft)]  # expect: Unknown "lower"


def use_a_nested_field(draft: DeliveryTaskDraft) -> str:
    event = event_time_of(draft)
    return event.column if event else ""  # expect: Unknown str


def call_the_service(draft: DeliveryTaskDraft) -> None:
    create_request(draft)  # expect: create_request DeliveryTaskDraft DeliveryTaskSpec
    TaskId.of(draft)  # expect: TaskId DeliveryTaskDraft DeliveryTaskSpec


def call_the_service_after_narrowing(draft: DeliveryTaskDraft) -> None:
    spec = known(draft)
    create_request(spec)  # expect: create_request None
    if spec is not None:
        create_request(spec)


def judge_a_known_task(spec: DeliveryTaskSpec) -> str:
    use_columns(spec)
    return spec.parquet_schema[0].source.lower()
