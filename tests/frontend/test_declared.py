"""The provider's side of the declaration, including properties that are not a declaration."""

import pytest

from pulumi_tablestore_delivery.frontend.declared import declared, fields_of
from pulumi_tablestore_delivery.spec.naming import Scope


def test_fields_are_those_of_the_declaration():
    assert fields_of('{"preview": true}') == {"preview": True}


@pytest.mark.parametrize(
    "sent", [None, "", "preview", "[1]", '"x"', {"preview": True}, 1.0, "[" * 100_000]
)
def test_property_that_is_not_a_declaration_has_no_fields(sent):
    assert fields_of(sent) == {}


@pytest.mark.parametrize("tables", ["x", "[1]", "null", '{"t": 5}', 7, {"t": ["id"]}])
def test_tables_that_a_program_does_not_send_are_skipped(tables):
    scope = Scope("shop", "dev", "", "orders")
    assert declared(scope, "", {"tables": tables}).columns == {}
