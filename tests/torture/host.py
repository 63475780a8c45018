"""Pulumi's own host of dynamic providers, in this process and without gRPC.

The host's source is run as it is but for its last line, which serves. So the provider finds its
call as in a real run, and the host keeps one provider a pickled text.
"""

import json
import os
import sys
import types
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

PROJECT = "shop"
STACK = "dev"
PROVIDER = "__provider"


class CallFailedError(Exception):
    """A provider's method failed.

    Args:
        text: What the engine shows.
        kept: What the provider asks the engine to keep despite the failure; None for nothing.
    """

    def __init__(self, text: str, kept: "Kept | None") -> None:
        super().__init__(text)
        self.text, self.kept = text, kept


@dataclass(frozen=True)
class Kept:
    """A resource that is kept although its call failed (`ErrorResourceInitFailed`)."""

    id: str
    properties: dict[str, Any]
    reasons: list[str]


class _AbortedError(Exception):
    """Raised by `abort`, as gRPC does."""


class Context:
    """A call's context, as far as the host and the provider use it."""

    def __init__(self) -> None:
        self.metadata: tuple[tuple[str, bytes], ...] = ()
        self.details = ""

    def set_trailing_metadata(self, metadata: tuple[tuple[str, bytes], ...]) -> None:
        self.metadata = metadata

    def abort(self, _: object, details: str) -> None:
        self.details = details
        raise _AbortedError

    def set_code(self, _: object) -> None:
        """Ignore the code; only `abort` fails a call here."""

    def set_details(self, details: str) -> None:
        self.details = details

    def is_active(self) -> bool:
        return True

    def kept(self) -> Kept | None:
        for name, value in self.metadata:
            if name == "grpc-status-details-bin":
                for detail in status_pb2.Status.FromString(value).details:
                    failed = provider_pb2.ErrorResourceInitFailed()
                    if detail.Unpack(failed):
                        return Kept(failed.id, plain(failed.properties), list(failed.reasons))
        return None


class Host:
    """A process of Pulumi's host, configured; becomes this process's `__main__`."""

    def __init__(self, configuration: dict[str, str] | None = None) -> None:
        spec = find_spec("pulumi.dynamic")
        assert spec is not None
        assert spec.submodule_search_locations
        path = Path(spec.submodule_search_locations[0]) / "__main__.py"
        source = path.read_text().rstrip()
        assert source.endswith("\nmain()")
        module = types.ModuleType("__main__")
        code = compile(source.removesuffix("\nmain()"), str(path), "exec")
        sys.modules["__main__"] = module
        os.environ["PULUMI_PROJECT"] = PROJECT
        sys.argv = [str(path)]
        exec(code, module.__dict__)
        self._servicer = module.__dict__["DynamicResourceProviderServicer"]()
        self._call("Configure", provider_pb2.ConfigureRequest(args=struct(configuration or {})))

    def check(self, urn: str, olds: dict[str, Any], news: dict[str, Any]) -> Any:
        """Return the checked inputs and the failures, as (property, reason)."""
        answer = self._call(
            "Check", provider_pb2.CheckRequest(urn=urn, olds=struct(olds), news=struct(news))
        )
        return plain(answer.inputs), [(each.property, each.reason) for each in answer.failures]

    def diff(
        self, urn: str, id_: str, old_inputs: dict[str, Any], olds: dict[str, Any],
        news: dict[str, Any],
    ) -> Any:  # fmt: skip
        """Return the host's answer."""
        return self._call(
            "Diff",
            provider_pb2.DiffRequest(
                urn=urn, id=id_, old_inputs=struct(old_inputs), olds=struct(olds),
                news=struct(news),
            ),
        )  # fmt: skip

    def create(self, urn: str, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the new resource's id and outputs."""
        answer = self._call(
            "Create", provider_pb2.CreateRequest(urn=urn, properties=struct(inputs))
        )
        return answer.id, plain(answer.properties)

    def update(
        self, urn: str, id_: str, old_inputs: dict[str, Any], olds: dict[str, Any],
        news: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        """Return the new outputs."""
        answer = self._call(
            "Update",
            provider_pb2.UpdateRequest(
                urn=urn, id=id_, old_inputs=struct(old_inputs), olds=struct(olds),
                news=struct(news),
            ),
        )  # fmt: skip
        return plain(answer.properties)

    def read(
        self, urn: str, id_: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> tuple[str, dict[str, Any] | None, dict[str, Any]]:
        """Return the resource's id (empty if it is gone), inputs if it tells them, and outputs."""
        answer = self._call(
            "Read",
            provider_pb2.ReadRequest(
                urn=urn, id=id_, inputs=struct(inputs), properties=struct(outputs)
            ),
        )
        told = plain(answer.inputs) if answer.HasField("inputs") else None
        return answer.id, told, plain(answer.properties)

    def delete(self, urn: str, id_: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Delete a resource."""
        self._call(
            "Delete",
            provider_pb2.DeleteRequest(
                urn=urn, id=id_, old_inputs=struct(inputs), properties=struct(outputs)
            ),
        )

    def _call(self, method: str, request: Any) -> Any:
        context = Context()
        try:
            return getattr(self._servicer, method)(request, context)
        except _AbortedError:
            raise CallFailedError(context.details, context.kept()) from None


def struct(bag: dict[str, Any]) -> struct_pb2.Struct:
    """Properties as they travel: numbers as floats, what is None left out."""
    known = {key: value for key, value in bag.items() if value is not None}
    return json_format.ParseDict(json.loads(json.dumps(known)), struct_pb2.Struct())


def plain(bag: struct_pb2.Struct) -> dict[str, Any]:
    """Properties as the state holds them."""
    return json_format.MessageToDict(bag)
