"""The provider's side of the declaration, including properties that are not a declaration."""

import pytest

from pulumi_tablestore_delivery.frontend.declared import fields_of


def test_fields_are_those_of_the_declaration():
    assert fields_of('{"preview": true}') == {"preview": True}


@pytest.mark.parametrize("sent", [None, "", "preview", "[1]", '"x"', {"preview": True}, 1.0])
def test_property_that_is_not_a_declaration_has_no_fields(sent):
    assert fields_of(sent) == {}
