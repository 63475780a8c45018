"""The SDK's list of outputs that it waits for."""

import pulumi
import pytest
from pulumi.runtime.settings import SETTINGS
from support.pulumi_mocks import use_mocks

import pulumi_tablestore_delivery as dynamic
from pulumi_tablestore_delivery import native

needs_untrack = pytest.mark.skipif(
    not hasattr(pulumi.Output, "_untrack"), reason="this SDK keeps another list"
)


@pytest.fixture
def mocks():
    use_mocks()


def waited_for(resource):
    return {
        name
        for name, output in vars(resource).items()
        if isinstance(output, pulumi.Output) and output._data in SETTINGS.outputs
    }


@needs_untrack
@pytest.mark.parametrize("package", [dynamic, native], ids=["dynamic", "native"])
@pytest.mark.usefixtures("mocks")
def test_sdk_waits_only_for_the_id_and_the_urn_of_a_task(package):
    found = []

    @pulumi.runtime.test
    def program():
        found.append(waited_for(package.DeliveryTask("orders", table_name="orders")))

    program()
    assert found == [{"id", "urn"}]
