"""The drafts of the models: spec/draft.py."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pulumi_tablestore_delivery import spec

_MODEL: Final = Path(spec.__file__).with_name("model.py")


def draft_module() -> str:
    """Return spec/draft.py: the models of spec/model.py with values that may be unknown.

    This reads the source, because the models derive from the drafts.
    """
    tree = ast.parse(_MODEL.read_text(encoding="utf-8"))
    models = {
        item.name: item
        for item in tree.body
        if isinstance(item, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id.endswith("Draft") for base in item.bases)
    }
    lines = [
        '"""The draft of a delivery task: its values may be unknown.',
        "",
        "Generated from spec/model.py by `make generate`; do not edit.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "from pydantic import StrictBool",
        "",
        "from pulumi_tablestore_delivery.spec.fields import Items, Maybe, Model, OptionalText",
    ]
    for model in models.values():
        lines += ["", "", *_draft_class(model, models)]
    return "\n".join([*lines, ""])


def _draft_class(model: ast.ClassDef, models: Mapping[str, ast.ClassDef]) -> Iterator[str]:
    yield f"class {_draft_name(model)}(Model):"
    yield f'    """A `{model.name}` whose values may be unknown."""'
    yield ""
    for field in model.body:
        if not isinstance(field, ast.AnnAssign):
            continue
        annotation = field.annotation
        assert isinstance(annotation, ast.Subscript)  # noqa: S101 - `Annotated[<type>, <input>]`
        assert isinstance(annotation.slice, ast.Tuple)  # noqa: S101 - likewise
        default = f" = {ast.unparse(field.value).replace(chr(39), chr(34))}" if field.value else ""
        written = ast.unparse(_draft_type(annotation.slice.elts[0], models))
        yield f"    {ast.unparse(field.target)}: Maybe[{written}]{default}"


def _draft_name(model: ast.ClassDef) -> str:
    return next(base.id for base in model.bases if isinstance(base, ast.Name))


def _draft_type(known: ast.expr, models: Mapping[str, ast.ClassDef]) -> ast.expr:
    """Return the type with unknown values allowed inside it, but not for the value itself."""
    if isinstance(known, ast.Name) and known.id in models:
        return ast.Name(_draft_name(models[known.id]))
    if isinstance(known, ast.BinOp):
        return ast.BinOp(_draft_type(known.left, models), known.op, known.right)
    if isinstance(known, ast.Subscript):
        item = ast.Subscript(ast.Name("Maybe"), _draft_type(known.slice, models))
        return ast.Subscript(known.value, item)
    return known
