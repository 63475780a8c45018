"""The inputs that a program gives to a resource's constructor."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pulumi
from pulumi import Output
from typing_extensions import Unpack

from pulumi_tablestore_delivery.frontend.inputs import INPUTS, DeliveryTaskDict

_LOCATION = ("oss_bucket", "oss_prefix")
"""The inputs that make the output `location`."""


class DeliveryTaskArgs:
    """The inputs of a `DeliveryTask` as one object; see `DeliveryTaskDict`.

    Raises:
        TypeError: A name is not an input.
    """

    def __init__(self, **inputs: Unpack[DeliveryTaskDict]) -> None:
        _refuse_unknown(inputs)
        self.__dict__.update(inputs)

    def __getattr__(self, name: str) -> Any:
        """Return None for an input that was not given."""
        if name in INPUTS:
            return None
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an input."""
        _refuse_unknown({name: value})
        self.__dict__[name] = value


def given_inputs(
    args: DeliveryTaskArgs | DeliveryTaskDict | pulumi.ResourceOptions | None,
    opts: pulumi.ResourceOptions | None,
    inputs: Mapping[str, Any],
) -> tuple[dict[str, Any], pulumi.ResourceOptions | None]:
    """Return the arguments of a resource's constructor: all inputs (None if not given), options.

    Args:
        args: The inputs as one object; or the options, where inputs are keyword arguments.
        opts: The options.
        inputs: The inputs as keyword arguments.

    Raises:
        TypeError: A name is not an input, or inputs are given in two ways.
    """
    if isinstance(args, pulumi.ResourceOptions):
        args, opts = None, args
    if args is not None and inputs:
        raise TypeError("give the inputs as one object or as keyword arguments, not both")
    given = args.__dict__ if isinstance(args, DeliveryTaskArgs) else args or inputs
    _refuse_unknown(given)
    return {name: given.get(name) for name in INPUTS}, opts


def with_secret_location(
    given: dict[str, Any], opts: pulumi.ResourceOptions | None
) -> tuple[dict[str, Any], pulumi.ResourceOptions | None]:
    """Mark the output `location` as a secret if the bucket or the prefix is a secret.

    The engine encrypts an output that has the same name as a secret input. `location` has another
    name. Whether an input is a secret is known only together with its value. So `location` is
    added to the list of secret outputs while the SDK resolves the inputs; the SDK reads the
    options after that.

    Args:
        given: The inputs.
        opts: The options; they are copied if they change.
    """
    sources = [value for name in _LOCATION if isinstance(value := given[name], Output)]
    if not sources:
        return given, opts
    opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions())
    names = opts.additional_secret_outputs = [*(opts.additional_secret_outputs or [])]

    async def mark() -> None:
        if any([await source.is_secret() for source in sources]):
            names.append("location")

    marked = Output.all(given[_LOCATION[0]], mark())
    return {**given, _LOCATION[0]: marked.apply(lambda values: values[0])}, opts


def unknown_inputs(given: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """Yield a message for each name that is not an input, with a suggestion."""
    known = tuple(known)
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield f"does not have the input {name!r}{hint}"


def _refuse_unknown(given: Iterable[str]) -> None:
    if problems := list(unknown_inputs(given, INPUTS)):
        ends = (problem if problem.endswith("?") else f"{problem}." for problem in problems)
        sentences = " ".join(f"DeliveryTask {problem}" for problem in ends)
        raise TypeError(f"{sentences} It has {', '.join(INPUTS)}.")
