"""The results of a run, as tables in Markdown and as JSON."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torture import matrix
from torture.faults import FAULTS
from torture.kills import Kill
from torture.matrix import Result
from torture.races import Race

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
_BEGIN = "<!-- results: written by `make torture TORTURE_ARGS=--docs` -->"
_END = "<!-- end of results -->"
_LONGEST = 400


def matrix_tables(results: list[Result]) -> str:
    """The matrix by situation and by family of faults."""
    return "\n\n".join(
        [
            _matrix_table("situation", results, lambda each: each.cell.situation),
            _matrix_table("faults", results, lambda each: FAULTS[each.cell.fault].family),
        ]
    )


def _matrix_table(title: str, results: list[Result], key: Callable[[Result], str]) -> str:
    names = dict.fromkeys(sorted(map(key, results), key=_position))
    rows = [[name, *_matrix_row([each for each in results if key(each) == name])] for name in names]
    rows.append(["**all**", *_matrix_row(results)])
    return table(
        [
            title, "cells", "one run", "second run", "`--refresh`", "`adopt_existing`", "never",
            "lost", "orphaned", "taken over", "tracebacks", "late calls",
        ],
        rows,
    )  # fmt: skip


def _matrix_row(results: list[Result]) -> list[int]:
    return [
        len(results),
        _count(results, lambda each: each.converged in {"up", "destroy"}),
        _count(results, lambda each: each.converged.endswith("again")),
        _count(results, lambda each: each.converged.endswith("--refresh")),
        _count(results, lambda each: each.converged == "adopt_existing"),
        _count(results, lambda each: each.converged == "never"),
        _count(results, lambda each: each.lost),
        _count(results, lambda each: each.orphaned),
        _count(results, lambda each: each.taken_over),
        _count(results, lambda each: each.tracebacks),
        _count(results, lambda each: each.overrun > 1),
    ]


def _position(name: str) -> tuple[int, str]:
    """Situations in their own order; all else by name."""
    order = list(matrix.SITUATIONS)
    return (order.index(name), "") if name in order else (len(order), name)


def outcome_table(results: list[Result]) -> str:
    """How the runs ended that met a fault, and how long they took."""
    names = ["ok", "error", "kept", "killed", "hung", "harness"]
    rows = []
    for situation in dict.fromkeys(each.cell.situation for each in results):
        part = [each for each in results if each.cell.situation == situation]
        counts = [sum(each.outcome == name for each in part) for name in names]
        calls = max(sum(each.calls.values()) for each in part)
        rows.append([situation, *counts, calls, f"{max(each.seconds for each in part):.0f} s"])
    return table(["situation", *names, "most calls", "longest run"], rows)


def kills_table(kills: list[Kill]) -> str:
    """Kills by what was killed in which run."""
    rows = []
    for action in dict.fromkeys(each.action for each in kills):
        for victim in dict.fromkeys(each.victim for each in kills):
            part = [each for each in kills if (each.action, each.victim) == (action, victim)]
            if part:
                rows.append([action, victim, *_kill_row(part)])
    rows.append(["**all**", "", *_kill_row(kills)])
    return table(
        [
            "run", "killed", "kills", "first command", "again", "`adopt_existing`", "never",
            "lost", "orphaned", "tracebacks", "torn states", "plugins left",
        ],
        rows,
    )  # fmt: skip


def _kill_row(kills: list[Kill]) -> list[int]:
    return [
        len(kills),
        *(_count(kills, lambda each, way=way: each.converged == way) for way in
          ("first", "again", "adopt_existing", "never")),
        sum(len(each.lost) for each in kills),
        sum(len(each.orphaned) for each in kills),
        _count(kills, lambda each: each.tracebacks),
        _count(kills, lambda each: each.is_state_torn),
        sum(each.plugins_left for each in kills),
    ]  # fmt: skip


def races_table(races: list[Race]) -> str:
    """Races, one a row."""
    return table(
        ["race", "times", "as expected", "lost", "orphaned", "taken over", "what differed"],
        [
            [
                name,
                len(part),
                _count(part, lambda each: each.is_sound),
                sum(len(each.lost) for each in part),
                sum(len(each.orphaned) for each in part),
                sum(len(each.taken_over) for each in part),
                "; ".join(dict.fromkeys(each.problem for each in part if each.problem)),
            ]
            for name in dict.fromkeys(each.name for each in races)
            for part in [[each for each in races if each.name == name]]
        ],
    )


def unsound_cells(results: list[Result]) -> str:
    """The cells with something wrong, one a line."""
    lines = []
    for each in results:
        if not each.is_sound:
            cell = each.cell
            wrong = [
                f"{what}: {len(found)}"
                for what, found in (
                    ("lost", each.lost), ("orphaned", each.orphaned),
                    ("taken over", each.taken_over), ("tracebacks", each.tracebacks),
                )
                if found
            ]  # fmt: skip
            if each.overrun > 1:
                wrong.append(f"{each.overrun:.1f} s late")
            lines.append(
                f"{cell.situation} | {cell.operation} | {cell.fault} | {cell.times}: "
                f"{each.outcome}, converged: {each.converged}"
                + "".join(f", {text}" for text in wrong)
            )
    return "\n".join(lines)


def as_json(
    results: Iterable[Result], kills: Iterable[Kill], races: Iterable[Race], about: dict[str, Any]
) -> dict[str, Any]:
    """All of it."""
    return {
        "about": about,
        "matrix": [_shortened({**asdict(each), "is_sound": each.is_sound}) for each in results],
        "kills": [_shortened({**asdict(each), "is_sound": each.is_sound}) for each in kills],
        "races": [_shortened({**asdict(each), "is_sound": each.is_sound}) for each in races],
    }


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return [_shortened(item) for item in value] if isinstance(value, list) else value


def write_page(sections: dict[str, str], about: dict[str, Any]) -> None:
    """Put the tables into docs/reliability.md, in place of those of an earlier run."""
    made = (
        f"`make torture` on {about['date']}, commit {about['commit']}, Python {about['python']}, "
        f"{about['processors']} processors, seed {about['seed']}: {about['seconds']} s."
    )
    parts = [made, *(f"### {title}\n\n{text}" for title, text in sections.items())]
    before, _, rest = PAGE.read_text().partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PAGE.write_text("\n\n".join([before + _BEGIN, *parts, _END + after]))


def table(head: list[str], rows: list[list[Any]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _count(items: list[Any], holds: Callable[[Any], Any]) -> int:
    return sum(bool(holds(each)) for each in items)
