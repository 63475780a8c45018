"""Whether a transformation may change a resource's options."""

from types import SimpleNamespace

import pulumi
import pytest
from pulumi.runtime import _callbacks, settings

from pulumi_tablestore_delivery.frontend.transformations import may_be_transformed


def unchanged(args):
    return None


@pytest.fixture
def servers(monkeypatch):
    """The callback servers of this process, as the SDK keeps them, and a stack of no run."""
    monkeypatch.setattr(settings, "get_root_resource", lambda: None)
    servers = []
    monkeypatch.setattr(_callbacks._CallbackServicer, "_servicers", servers, raising=False)
    return servers


@pytest.mark.usefixtures("servers")
def test_options_without_a_transformation_cannot_change():
    assert not may_be_transformed(None)
    assert not may_be_transformed(pulumi.ResourceOptions(protect=True))


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("option", ["transformations", "transforms"])
def test_options_with_a_transformation_may_change(option):
    assert may_be_transformed(pulumi.ResourceOptions(**{option: [unchanged]}))


def test_options_with_a_transform_of_this_program_may_change(servers, monkeypatch):
    monitor = object()
    monkeypatch.setattr(settings, "get_monitor", lambda: monitor)
    servers.append(SimpleNamespace(_monitor=monitor))
    assert may_be_transformed(None)


def test_transform_of_another_program_in_this_process_is_ignored(servers):
    servers.append(SimpleNamespace(_monitor=object()))
    assert not may_be_transformed(None)
