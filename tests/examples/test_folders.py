"""The examples that share the quickstart's emulator do not write into each other's folders."""

import runpy
from pathlib import Path

import pulumi
import yaml

from pulumi_tablestore_delivery.spec.properties import read_properties
from pulumi_tablestore_delivery.spec.rule import Judgment
from pulumi_tablestore_delivery.spec.rules import judge, rule_of
from pulumi_tablestore_delivery.spec.surroundings import Destination, Surroundings

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Mocks(pulumi.runtime.Mocks):
    def __init__(self):
        self.places = []

    def new_resource(self, args):
        if args.typ.endswith("DeliveryTask"):
            inputs = args.inputs
            self.places.append(Destination(args.name, inputs["oss_bucket"], inputs["oss_prefix"]))
        return f"{args.name}-id", args.inputs

    def call(self, args):
        return {}


def places_of_the_quickstart():
    mocks = Mocks()
    pulumi.runtime.set_mocks(mocks, project="quickstart", stack="dev")

    @pulumi.runtime.test
    def run():
        runpy.run_path(str(EXAMPLES / "quickstart" / "__main__.py"))

    run()
    return tuple(mocks.places)


def test_yaml_example_has_its_own_folder():
    program = yaml.safe_load((EXAMPLES / "yaml" / "Pulumi.yaml").read_text(encoding="utf-8"))
    (resource,) = program["resources"].values()
    its = resource["properties"]
    around = Surroundings(neighbors=places_of_the_quickstart())
    assert len(around.neighbors) == 2
    draft = read_properties({"oss_bucket": its["ossBucket"], "oss_prefix": its["ossPrefix"]}).draft
    rules = (rule_of("unique-prefix"), rule_of("nested-prefix"))
    assert judge(draft, around, rules) == Judgment([], [])
