"""Write and read OSS's XML. The reader has limits and refuses entities."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from xml.parsers import expat

MAX_XML_BYTES: Final = 2 * 1024 * 1024
"""The largest XML body (assumed; 10,000 parts are about 1 MiB)."""

_DEEPEST: Final = 8
_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
# Characters that XML 1.0 cannot contain.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES: Final = str.maketrans({
    "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;",
    "\r": "&#13;", "\n": "&#10;", "\t": "&#9;",
})  # fmt: skip

Content: TypeAlias = str | int | bool | Sequence[tuple[str, "Content"]]


class XmlError(ValueError):
    """The body is not acceptable XML. The message has the reason."""


@dataclass
class Element:
    """A parsed element.

    Attributes:
        name: Its name without namespace.
        text: The text directly in it.
        children: The elements directly in it.
    """

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Element]:
        """Yield the children with a name."""
        return (child for child in self.children if child.name == name)

    def value(self, name: str) -> str:
        """Return the text of the first child with a name; empty if there is none."""
        return next((child.text for child in self.all(name)), "")


def document(name: str, content: Content) -> bytes:
    """Write a document.

    Characters that XML cannot contain become U+FFFD. Callers encode them first if they matter.
    """
    return _DECLARATION + "".join(_written(name, content)).encode()


def parse(body: bytes) -> Element:
    """Read a document.

    Raises:
        XmlError: It is not well-formed, declares a document type, or is nested too deep.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    top = Element("")
    above = [top]

    def start(name: str, _: object) -> None:
        if len(above) > _DEEPEST:
            raise XmlError(f"Elements are nested more than {_DEEPEST} deep.")
        element = Element(name.rpartition(" ")[2])
        above[-1].children.append(element)
        above.append(element)

    def end(_: str) -> None:
        element = above.pop()
        element.text = "".join(texts.pop(id(element), ()))

    def characters(text: str) -> None:
        texts.setdefault(id(above[-1]), []).append(text)

    def refuse(*_: object) -> None:
        raise XmlError("A document type is not accepted.")

    texts: dict[int, list[str]] = {}
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise XmlError(str(error)) from None
    return top.children[0]


def _written(name: str, content: Content) -> Iterator[str]:
    yield f"<{name}>"
    if isinstance(content, bool):
        yield str(content).lower()
    elif isinstance(content, int):
        yield str(content)
    elif isinstance(content, str):
        yield _FORBIDDEN.sub("\ufffd", content).translate(_ESCAPES)
    else:
        for child, inner in content:
            yield from _written(child, inner)
    yield f"</{name}>"
