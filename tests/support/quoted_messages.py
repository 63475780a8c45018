"""Messages that the pages quote, and the texts of the package from which messages are made."""

import ast
import re
from functools import cache
from pathlib import Path

import pulumi_tablestore_delivery

ROOT = Path(__file__).resolve().parents[2]
_SOURCES = (Path(pulumi_tablestore_delivery.__file__).parent, ROOT / "tools" / "quickstart")
_VALUE = "\0"
_SENTENCE = re.compile(r"(?<=[.?!:]) |\n")
_SEVERITY = re.compile(r"(?:error|warning|note): ")
_SHARE = 0.4  # of a sentence's letters; the others are values


def output_lines(page):
    """Return the lines of output that a page quotes: not commands, tables or empty lines."""
    for number, part in enumerate((ROOT / page).read_text(encoding="utf-8").split("\n```")):
        kind, _, lines = part.partition("\n")
        if number % 2 and kind in {"", "console", "text"}:
            for line in lines.splitlines():
                if line.strip(" …") and not re.match(r"\$ | *[│┃┏┡├└─]", line):
                    yield line.strip()


def unknown_sentences(line):
    """Return the sentences of a message that no text of the package gives."""
    sentences = _SENTENCE.split(_SEVERITY.sub("", line.removeprefix("- "), count=1))
    return [each for each in sentences if " " in each and not _is_known(each)]


def _is_known(sentence):
    wanted = _SHARE * _letters(sentence)
    return any(
        count >= wanted and pattern.fullmatch(sentence)
        for pattern, count in _sentences_of_package()
    )


@cache
def package_texts():
    """Return the strings of the package and of the quickstart, each value in them as `_VALUE`."""
    return {
        text
        for folder in _SOURCES
        for path in folder.rglob("*.py")
        if not path.name.endswith("_pb2.py")
        for text in _texts(ast.parse(path.read_text(encoding="utf-8")))
    }


@cache
def _sentences_of_package():
    """Return a pattern and its number of letters for each sentence of the package's texts."""
    sentences = {part.strip() for text in package_texts() for part in _SENTENCE.split(text)}
    return [
        (re.compile(".*".join(map(re.escape, sentence.split(_VALUE)))), _letters(sentence))
        for sentence in sentences
    ]


def _letters(text):
    return len(re.findall(r"[A-Za-z]", text))


def _texts(tree):
    """Yield the strings of a module but its docstrings, with `_VALUE` in place of each value."""
    parts = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):  # a docstring
            parts.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            parts.update(map(id, node.values))
            yield "".join(
                part.value if isinstance(part, ast.Constant) else _VALUE for part in node.values
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield re.sub(r"\{[^{}]*\}", _VALUE, node.value)
