"""The tables of docs/configuration.md: each source of a row comes before those after it."""

import asyncio
import contextlib
import os
import re
from pathlib import Path
from unittest.mock import Mock

import pytest
from support.specs import BAG

from pulumi_tablestore_delivery.cli import connection
from pulumi_tablestore_delivery.client import credentials
from pulumi_tablestore_delivery.client.http import RequestsTransport
from pulumi_tablestore_delivery.client.signing import Credentials
from pulumi_tablestore_delivery.client.transport import RawResponse
from pulumi_tablestore_delivery.dynamic import service
from pulumi_tablestore_delivery.dynamic.provider import DeliveryTaskProvider
from pulumi_tablestore_delivery.errors import ServiceError
from pulumi_tablestore_delivery.inspection.verification.location import bucket_location
from pulumi_tablestore_delivery.lifecycle.defaults import with_defaults
from pulumi_tablestore_delivery.native.provider import DeliveryProvider
from pulumi_tablestore_delivery.spec.properties import spec_of
from pulumi_tablestore_delivery.wire import delivery_pb2

PAGE = (Path(__file__).parents[1] / "docs" / "configuration.md").read_text()
MADE = ("made of the instance and `region`", "made of instance and region")
CHAIN = "the default chain"
SOURCE = re.compile(rf"{MADE[0]}|{MADE[1]}|{CHAIN}|`([^`]+)`")


def table(heading):
    """The rows of a table of the page, each as a list of its cells."""
    lines = PAGE[PAGE.index(heading) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


KEYS = {row[0].strip("`"): [cell.strip("`") for cell in row] for row in table("| key id |")}
COLUMNS = ("program", "provider", "command")
ROWS = {
    row[0].partition(" that ")[0]: dict(zip(COLUMNS, row[1:], strict=True))
    for row in table("| setting |")
}


def sources(setting, column):
    """The sources of a row, the first one first."""
    return [found[1] or found[0] for found in SOURCE.finditer(ROWS[setting][column])]


class Given:
    """The values that are set, by kind of source."""

    def __init__(self):
        self.environment, self.configuration, self.inputs = {}, {}, {}
        self.provider, self.options = {}, {}

    def set(self, source, value):
        if source.startswith("--"):
            self.options[source.removeprefix("--").replace("-", "_")] = value
        elif ":" in source:
            self.configuration[source] = value
        elif source.isupper():
            self.environment[source] = value
        elif "_" in source:
            self.inputs[source] = value
        else:
            self.provider[source] = value


class Request:
    """The request that a front end sends, and the settings that it has."""

    def __init__(self, url, headers, settings):
        self.url, self.headers, self.settings = url, headers, settings


class FrontEnd:
    """A user of the settings: where values are set, and the request that is sent then."""

    column = "program"

    def sources(self, setting):
        return sources(setting, self.column)

    def lifecycle(self, given, monkeypatch):
        raise NotImplementedError

    def client(self, lifecycle, given):
        bag = {name: value for name, value in BAG.items() if name != "instance_name"}
        settings = lifecycle._connections.settings
        data, _, missing = with_defaults(settings, {**bag, **given.inputs})
        assert missing == []
        return lifecycle.client_of(spec_of(data))

    def send(self, given, monkeypatch):
        sent = []

        def post(_, url, headers, *__):
            sent.append((url, headers))
            body = delivery_pb2.Error(code="OTSAuthFailed").SerializeToString()
            return RawResponse(403, {}, body)

        monkeypatch.setattr(RequestsTransport, "post", post)
        for name, value in given.environment.items():
            monkeypatch.setenv(name, value)
        lifecycle = self.lifecycle(given, monkeypatch)
        with pytest.raises(ServiceError):
            self.client(lifecycle, given).list_delivery_tasks("t")
        return Request(*sent[0], lifecycle._connections.settings)


class Dynamic(FrontEnd):
    def lifecycle(self, given, monkeypatch):
        return service.Service(given.configuration.get, DeliveryTaskProvider)._lifecycle


class Native(FrontEnd):
    def sources(self, setting):
        return [each for each in super().sources(setting) if not each.startswith("alicloud:")]

    def lifecycle(self, given, monkeypatch):
        variables = {
            key.replace("tablestore:", "tablestore-delivery:config:"): value
            for key, value in given.configuration.items()
        }
        return self.configured(DeliveryProvider("1.0.0"), variables)

    def configured(self, provider, variables):
        with contextlib.closing(asyncio.new_event_loop()) as loop:  # `run` would take Pulumi's away
            loop.run_until_complete(provider.configure(Mock(variables=variables)))
        return provider._configured


class Explicit(Native):
    column = "provider"

    def lifecycle(self, given, monkeypatch):
        provider = DeliveryProvider("1.0.0")
        provider.explicit = True
        variables = {f"tablestore-delivery:config:{k}": v for k, v in given.provider.items()}
        return self.configured(provider, variables)


class Command(FrontEnd):
    column = "command"

    def lifecycle(self, given, monkeypatch):
        options = {k: v for k, v in given.options.items() if k != "oss_endpoint"}
        stack = Mock(configured=lambda key: given.configuration.get(key, ""))
        monkeypatch.setattr(connection, "Stack", lambda _: stack)
        return connection.Connection(stack="dev", **options).lifecycle()

    def client(self, lifecycle, given):
        return lifecycle.client()


FRONT_ENDS = {
    "dynamic": Dynamic(),
    "native": Native(),
    "explicit native": Explicit(),
    "command": Command(),
}


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("TABLESTORE", "ALI", "PULUMI")):
            monkeypatch.delenv(name)
    chain = Credentials("by-the-default-chain", "secret")
    monkeypatch.setattr(credentials, "_DefaultChain", lambda: lambda: chain)
    monkeypatch.setattr(credentials.importlib.util, "find_spec", lambda _: object())
    monkeypatch.setattr(
        "pulumi_tablestore_delivery.settings.cli_profile",
        lambda name: lambda: Credentials(name, "secret"),
    )


def working(setting, front_end):
    """Return the settings that a request needs, without one of them."""
    given = Given()
    given.environment = {
        "TABLESTORE_INSTANCE": "inst",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "id",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret",
        "TABLESTORE_SIGNATURE_VERSION": "v4",
        "TABLESTORE_REGION": "cn-hangzhou",
        "TABLESTORE_ENDPOINT": "https://tablestore.example",
    }
    for source in front_end.sources(setting):
        given.environment.pop(source, None)
        if source in KEYS:
            given.environment.pop(KEYS[source][1], None)
    return given


# By setting: the value of the source with a number, and the value in a request.
VALUES = {
    "instance": (
        lambda number: f"inst{number}",
        lambda request: request.headers["x-ots-instancename"],
    ),
    "region": (
        lambda number: f"cn-region{number}",
        lambda request: request.headers["x-ots-signregion"],
    ),
    "signature": (
        lambda number: f"v{2 + 2 * (number % 2)}",
        lambda request: "v4" if "x-ots-signaturev4" in request.headers else "v2",
    ),
    "allowed buckets": (
        lambda number: f"lake{number}",
        lambda request: request.settings.allowed_buckets[0],
    ),
    "health grace": (str, lambda request: f"{request.settings.health_grace:g}"),
    "sample rows": (str, lambda request: str(request.settings.sample_rows)),
}
CASES = [
    (name, setting)
    for name, front_end in FRONT_ENDS.items()
    for setting in ROWS
    if front_end.sources(setting)
]


def test_every_setting_has_a_row():
    assert set(ROWS) == {*VALUES, "endpoint", "keys", "OSS endpoint"}


@pytest.mark.parametrize(("name", "setting"), [case for case in CASES if case[1] in VALUES])
def test_first_source_of_a_row_wins(monkeypatch, name, setting):
    front_end = FRONT_ENDS[name]
    value, sent = VALUES[setting]
    order = front_end.sources(setting)
    for first in range(len(order)):
        given = working(setting, front_end)
        with monkeypatch.context() as patch:
            for number in range(first, len(order)):
                given.set(order[number], value(number))
            assert sent(front_end.send(given, patch)) == value(first), order[first]


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_first_endpoint_wins(monkeypatch, name):
    front_end = FRONT_ENDS[name]
    order = front_end.sources("endpoint")
    for first in range(len(order)):
        given = working("endpoint", front_end)
        expected = ""
        for source in reversed(order[first:]):
            expected = f"https://{re.sub('[^a-z]+', '.', source.lower()).strip('.')}.example"
            if source == MADE[0]:
                given.set("region", "cn-given")
                expected = "https://inst.cn-given.ots.aliyuncs.com"
            elif source == MADE[1]:
                given.set("TABLESTORE_REGION", "cn-region")
                expected = "https://inst.cn-region.ots.aliyuncs.com"
            else:
                given.set(source, expected)
        with monkeypatch.context() as patch:
            sent = front_end.send(given, patch)
        assert sent.url == f"{expected}/ListDeliveryTask", order[first]


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_first_keys_win_with_their_own_token(monkeypatch, name):
    front_end = FRONT_ENDS[name]
    order = front_end.sources("keys")
    for first in range(len(order)):
        given = working("keys", front_end)
        for source in order[first:]:
            if source == CHAIN:
                continue
            given.set(source, f"by-{source}")
            names = ("accessKeyId", "accessKeySecret", "securityToken")
            _, secret, token = KEYS.get(source, names if source == names[0] else [""] * 3)
            if secret:
                given.set(secret, "secret")
            if source == order[first] and token:
                given.set(token, f"token-{source}")
        with monkeypatch.context() as patch:
            headers = front_end.send(given, patch).headers
        source = order[first]
        has_token = source != CHAIN and not source.startswith("--")
        assert headers["x-ots-accesskeyid"] == f"by-{source}".replace(" ", "-"), source
        assert headers.get("x-ots-ststoken") == (f"token-{source}" if has_token else None)


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_region_in_the_endpoint_comes_before_any_configured_region(monkeypatch, name):
    front_end = FRONT_ENDS[name]
    given = working("region", front_end)
    given.environment["TABLESTORE_ENDPOINT"] = "https://inst.cn-beijing.ots.aliyuncs.com"
    for source in front_end.sources("region"):
        if source not in {"--region", "region"}:  # those make another endpoint, or an error
            given.set(source, "cn-shanghai")
    assert front_end.send(given, monkeypatch).headers["x-ots-signregion"] == "cn-beijing"


def test_first_oss_endpoint_wins(monkeypatch):
    front_end = FRONT_ENDS["command"]
    order = front_end.sources("OSS endpoint")
    for first in range(len(order) + 1):
        given = working("OSS endpoint", front_end)
        expected = "oss-cn-hangzhou.aliyuncs.com"
        for number in reversed(range(first, len(order))):
            expected = f"oss{number}.example"
            given.set(order[number], expected)
        with monkeypatch.context() as patch:
            settings = front_end.send(given, patch).settings
            option = given.options.get("oss_endpoint")
            location = bucket_location(settings, spec_of(BAG), option, lambda _: "")
        assert location.endpoint == f"https://{expected}"
