"""Untrusted text that could control a terminal or a build, and a check that it does not."""

HOSTILE = [
    "a\n::error::forged",
    "::error file=a.py::forged",
    "  ::warning::forged",
    "##[error]forged",
    "##vso[task.setvariable variable=a]forged",
    "a\x1b[31mred\x1b]0;title\x07",
    "a\r\nb\tc\vd\fe\x85f\u2028g\u2029h",
    "right \u202eto left\u2066",
    "\ud800 surrogate",
    "\x00\x7f\x9b31m",
    "[red]markup[/red] :ram: {curly}",
    "\U000e0001 tag",
]


def is_safe(text):
    """Whether no line of a text controls a terminal or a build."""
    return (
        all(character.isprintable() or character == "\n" for character in text)
        and not any(line.lstrip().startswith("::") for line in text.split("\n"))
        and "##[" not in text
        and "##vso[" not in text
    )
