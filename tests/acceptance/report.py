"""The report of a run: JSON for programs, Markdown for people."""

import json
import statistics
from collections import Counter

_HOLDS = {True: "holds", False: "**does not hold**", None: "open"}


def calls(answers):
    """Count the answers by operation, code and signature."""
    counted = Counter(
        (each.operation, each.code or "success", each.status, each.signature) for each in answers
    )
    return [
        {"operation": operation, "code": code, "status": status, "signature": signature, "count": n}
        for (operation, code, status, signature), n in sorted(counted.items())
    ]


def signatures(answers):
    """Describe which answers are signed. The assumption is that successes are."""
    counted = Counter(
        ("successes" if each.is_success else "errors", each.signature) for each in answers
    )
    parts = [
        f"{counted[kind, 'valid']} of {sum(n for key, n in counted.items() if key[0] == kind)} "
        f"{kind} have a valid signature"
        for kind in ("successes", "errors")
    ]
    unsigned = sorted({each.code for each in answers if each.code and each.signature == "none"})
    if unsigned:
        parts.append(f"unsigned: {', '.join(unsigned)}")
    return {
        "id": "signed-answers",
        "assumed": "successful answers are always signed; errors may be unsigned",
        "answer": "; ".join(parts),
        "holds": all(each.signature == "valid" for each in answers if each.is_success),
        "evidence": {},
    }


def durations(name, assumed, seconds, limit):
    """Describe how long something takes."""
    if not seconds:
        return {"id": name, "assumed": assumed, "answer": "not observed", "holds": None,
                "evidence": {}}  # fmt: skip
    answer = f"{min(seconds)} to {max(seconds)} s, median {statistics.median(seconds):.1f} s"
    return {
        "id": name,
        "assumed": assumed,
        "answer": f"{answer}, of {len(seconds)}",
        "holds": max(seconds) <= limit,
        "evidence": {"seconds": sorted(seconds)},
    }


def as_json(report):
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


def as_markdown(report):
    """Return the report in Markdown."""
    about = report["about"]
    lines = ["# Answers of an instance", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {_cell(value)} |" for name, value in about.items()]
    lines += ["", "## Answers", "", "| question | assumed | answer | |", "|---|---|---|---|"]
    lines += [
        f"| `{each['id']}` | {_cell(each['assumed'])} | {_cell(each['answer'])} "
        f"| {_HOLDS[each['holds']]} |"
        for each in report["answers"]
    ]
    lines += ["", "## Calls", "", "| operation | answer | HTTP | signature | times |",
              "|---|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| {each['operation']} | {each['code']} | {each['status']} | {each['signature']} "
        f"| {each['count']} |"
        for each in report["calls"]
    ]
    lines += ["", "## Tests of the lifecycle", "", "| test | outcome | seconds |", "|---|---|---|"]
    lines += [
        f"| `{each['test']}` | {each['outcome']} | {each['seconds']} |" for each in report["tests"]
    ]
    lines += ["", "## Left in the account", ""]
    lines += [f"- {_cell(each)}" for each in report["left"]] or ["Nothing."]
    return "\n".join(lines) + "\n"


def _cell(value):
    """Return untrusted text for a cell, with all Markdown escaped."""
    text = "".join(each if each.isprintable() else " " for each in str(value))
    for mark in ("\\", "`", "*", "_", "<", ">", "[", "]", "|"):
        text = text.replace(mark, f"\\{mark}")
    return text
