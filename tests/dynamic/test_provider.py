"""The parts of a resource that states depend on, and the layer between Pulumi and the package."""

import base64
import gc
import json
import pickle
import pydoc
import re
import subprocess
import sys
from collections.abc import Sequence

import pulumi
import pytest
from pulumi.dynamic import dynamic
from pulumi.output import Unknown

import pulumi_tablestore_delivery as package
from pulumi_tablestore_delivery import native
from pulumi_tablestore_delivery.dynamic import provider, registration, service
from pulumi_tablestore_delivery.dynamic.resource import DeliveryTask
from pulumi_tablestore_delivery.frontend import inputs
from pulumi_tablestore_delivery.frontend.given import DeliveryTaskArgs
from pulumi_tablestore_delivery.provider import load_provider
from pulumi_tablestore_delivery.spec import model
from pulumi_tablestore_delivery.spec.model import OUTPUTS
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN
from pulumi_tablestore_delivery.wire import enums

PICKLED = (
    "gASVPAAAAAAAAACMI3B1bHVtaV90YWJsZXN0b3JlX2RlbGl2ZXJ5LnBy"
    "b3ZpZGVylIwNbG9hZF9wcm92aWRlcpSTlClSlC4="
)
PROTOCOL_4 = pytest.mark.skipif(
    pickle.DEFAULT_PROTOCOL != 4, reason="this Python's pickles have another text"
)


def test_pickled_text_of_the_provider_is_pinned():
    assert registration.PROVIDER_TEXT == PICKLED


@pytest.mark.parametrize("newer_python", [False, True])
def test_resource_has_the_pinned_text_with_any_pickle_protocol(monkeypatch, mocks, newer_python):
    """Pulumi keeps a provider for each text: another one would be a second provider in a run."""
    if newer_python:
        monkeypatch.setattr(pickle, "DEFAULT_PROTOCOL", 5)
    declare({**GIVEN, "parquet_schema": []})
    assert mocks.inputs["orders"]["__provider"] == PICKLED


def test_unfamiliar_constructor_pickles_the_provider_itself(monkeypatch, mocks):
    monkeypatch.setattr(registration, "can_write_provider", lambda: False)
    monkeypatch.setattr(pickle, "DEFAULT_PROTOCOL", 5)
    declare({**GIVEN, "parquet_schema": []})
    written = mocks.inputs["orders"]["__provider"]
    assert written != PICKLED
    assert type(pickle.loads(base64.b64decode(written))) is provider.DeliveryTaskProvider


@PROTOCOL_4
def test_pickled_provider_refers_to_the_pinned_function():
    """It is in the state of every resource: short, without code, without configuration."""
    assert dynamic.serialize_provider(load_provider()) == PICKLED


@PROTOCOL_4
@pytest.mark.parametrize("is_enabled", [True, False])
def test_configuring_leaves_garbage_collection_as_it_is(is_enabled):
    (gc.enable if is_enabled else gc.disable)()
    try:
        load_provider().configure(
            pulumi.dynamic.ConfigureRequest(pulumi.dynamic.Config({}, "shop"))
        )
        assert gc.isenabled() is is_enabled
    finally:
        gc.enable()


def test_configured_provider_is_pickled_without_its_configuration():
    configured = load_provider()
    configured.configure(
        pulumi.dynamic.ConfigureRequest(
            pulumi.dynamic.Config({"tablestore:accessKeySecret": "hush"}, "shop")
        )
    )
    assert dynamic.serialize_provider(configured) == PICKLED


def test_pickled_provider_of_an_old_version_loads():
    loaded = pickle.loads(base64.b64decode(PICKLED))
    assert type(loaded) is provider.DeliveryTaskProvider
    assert loaded.serialize_as_secret_always is False


def test_type_token_is_pinned():
    assert DeliveryTask._resource_type_name == "dynamic/tablestore:DeliveryTask"


def test_unknown_values_are_converted_both_ways():
    theirs = {"a": Unknown(), "b": [{"c": Unknown()}], "d": 1.0, "__provider": "p"}
    ours = service._from_pulumi(theirs)
    assert ours == {"a": UNKNOWN, "b": [{"c": UNKNOWN}], "d": 1.0}
    back = service._to_pulumi(ours)
    assert isinstance(back["a"], Unknown)
    assert isinstance(back["b"][0]["c"], Unknown)


HEAVY = (
    "pydantic",
    "requests",
    "pyarrow",
    "rich",
    "typer",
    "aiohttp",
    "tablestore",
    "pulumi_alicloud",
)


def test_program_loads_no_slow_module():
    """Declaring a resource loads only Pulumi. The provider's process loads the rest."""
    code = f"""
import sys, pulumi
before = set(sys.modules)
import pulumi_tablestore_delivery as delivery
delivery.DeliveryTask, delivery.ParquetColumnArgs, delivery.OssDelivery
delivery.check, delivery.tasks_from_file, delivery.Violation
print([name for name in {HEAVY!r} if name in set(sys.modules) - before])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_outputs_of_a_resource_have_the_types_of_the_model():
    class OwnTask(DeliveryTask):
        pass

    for resource_class in (DeliveryTask, OwnTask):
        types = pulumi._types.resource_types(resource_class)
        assert set(types) >= {*model.DeliveryTaskSpec.model_fields, *OUTPUTS}
        assert types["parquet_schema"] == Sequence[inputs.ParquetColumn]
        assert types["event_time_column"] is inputs.EventTimeColumn
        assert types["timeout_seconds"] is int


def test_help_lists_every_input_and_output():
    text = pydoc.render_doc(package.DeliveryTask, renderer=pydoc.plaintext)
    for name, about in model.inputs_of(model.DeliveryTaskSpec):
        assert f"{name}: " in text
        assert about.doc.split()[0] in text
    for name in OUTPUTS:
        assert name in text


def test_only_public_names_are_listed():
    for module in (package, native):
        assert dir(module) == module.__all__ == sorted(module.__all__)
        assert all(getattr(module, name) for name in module.__all__)


def test_choices_match_the_protocol():
    def values(enum):
        return {item.value for item in enum}

    assert values(inputs.Mode) == {item.name for item in enums.DeliveryTaskType}
    assert values(inputs.ParquetType) == set(model.PARQUET_TYPE.values)
    assert values(inputs.ParquetEncoding) == {item.name for item in enums.ParquetEncoding}
    assert values(inputs.EventTimeFormat) == {item.name for item in enums.EventTimeFormat}
    assert values(inputs.WaitFor) == set(model.WAIT_FOR.values)


def test_public_names_are_pinned():
    assert package.__all__ == sorted(package.__all__)
    for name in package.__all__:
        assert getattr(package, name).__name__ == name
        assert name in dir(package)
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        _ = package.Nonsense


class TestArgs:
    def test_input_that_is_not_given_is_none(self):
        args = DeliveryTaskArgs(table_name="t")
        assert args.table_name == "t"
        assert args.mode is None
        args.mode = "INC"
        assert args.mode == "INC"

    def test_unknown_input_name_is_refused(self):
        with pytest.raises(TypeError, match=re.escape("'tabel_name'; did you mean 'table_name'?")):
            DeliveryTaskArgs(tabel_name="t")
        args = DeliveryTaskArgs()
        with pytest.raises(TypeError):
            args.nonsense = 1
        with pytest.raises(AttributeError):
            _ = args.nonsense


class Mocks(pulumi.runtime.Mocks):
    """Users' unit tests: what the program declares can be seen, nothing is called."""

    def __init__(self):
        self.inputs = {}

    def new_resource(self, args):
        self.inputs[args.name] = args.inputs
        return f"{args.name}-id", {**args.inputs, "phase": "INCR"}

    def call(self, args):
        return {}


GIVEN = {
    "table_name": "orders",
    "oss_bucket": "my-lake",
    "oss_prefix": "orders/",
    "role_arn": "acs:ram::1:role/r",
}


@pytest.fixture
def mocks():
    mocks = Mocks()
    pulumi.runtime.set_mocks(mocks, project="shop", stack="dev")
    return mocks


def declare(*arguments, **keywords):
    @pulumi.runtime.test
    def run():
        task = DeliveryTask("orders", *arguments, **keywords)
        seen = {}
        return pulumi.Output.all(
            task.table_name, task.parquet_schema, task.phase, task.event_time_column
        ).apply(lambda values: seen.update(values=values) or seen)

    return run()


@pytest.mark.parametrize("style", ["keywords", "args", "dict", "options second"])
def test_all_ways_to_give_inputs_declare_the_same(mocks, style):
    column = inputs.ParquetColumnArgs(source="id", type=inputs.ParquetType.UTF8)
    given = {**GIVEN, "mode": inputs.Mode.INC, "parquet_schema": [column]}
    if style == "keywords":
        declare(opts=pulumi.ResourceOptions(), **given)
    elif style == "args":
        declare(DeliveryTaskArgs(**given), pulumi.ResourceOptions())
    elif style == "dict":
        declare(given)
    else:
        declare(pulumi.ResourceOptions(), **given)
    sent = mocks.inputs["orders"]
    assert sent["table_name"] == "orders"
    assert sent["mode"] == "INC"
    assert sent["parquet_schema"] == [{"source": "id", "type": "UTF8"}]
    assert json.loads(sent[registration.DECLARATION]) == {
        "project": "shop", "stack": "dev", "parent": "", "resource": "orders", "preview": False,
        "delete_before_replace": None, "retain_on_delete": False, "may_be_transformed": False,
        "explicit_name": False,
    }  # fmt: skip


def test_inputs_given_in_two_ways_are_refused(mocks):
    with pytest.raises(TypeError, match="not both"):
        DeliveryTask("orders", {"table_name": "t"}, oss_bucket="b")
    with pytest.raises(TypeError, match="did you mean 'oss_prefix'"):
        DeliveryTask("orders", oss_prefixx="b")
