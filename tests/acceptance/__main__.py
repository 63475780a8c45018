"""`make acceptance`: ask a real instance the open questions, run the lifecycle, write a report."""

import argparse
import os
import platform
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

from acceptance import about_calls, about_files, lab, report, sweep
from acceptance.account import Account, NotConfiguredError
from acceptance.lifecycle_tests import run_tests
from acceptance.question import QUESTIONS
from acceptance.redaction import LeakError, Redactor
from acceptance.runs import RunId
from pulumi_tablestore_delivery.errors import DeliveryError, printable

_ENDING = (signal.SIGINT, signal.SIGTERM)
_AT_ONCE = 6
_LONGEST_INIT = 60
_LONGEST_DELIVERY = 600
MODULES = (about_calls, about_files)
"""The modules whose questions are asked."""


def main():
    """Run what the arguments choose. Return 0 if all tests passed and nothing is left."""
    arguments = _arguments()
    run = RunId.new()
    try:
        account = Account(os.environ, run)
    except NotConfiguredError as error:
        _say(str(error))
        return 2
    if arguments.sweep:
        return _sweep_only(account, arguments.sweep)
    _say(f"run {run.text}; to clean up: make acceptance ACCEPTANCE_ARGS='--sweep {run.text}'")
    signal.signal(signal.SIGTERM, _interrupt)
    if problem := _cannot_start(account):
        _say(problem)
        return 2
    _say(f"leftovers of old runs: {sweep.sweep(account, sweep.old)}")
    asked = lab.Lab(account, lab.EMULATED if account.is_emulated else lab.REAL)
    answers, tests, is_whole = [], [], False
    try:
        answers = _ask(asked, arguments)
        if not arguments.without_tests:
            tests = run_tests(run, arguments.tests, arguments.workers)
        is_whole = True
    except KeyboardInterrupt:
        _say("interrupted: removing what the run created")
    finally:
        with _uninterrupted():
            swept = sweep.sweep(account, sweep.of_run(run), asked.timeouts.phase)
            _say(f"leftovers of this run: {swept}")
    written = _write(asked, answers, tests, swept, arguments.out)
    has_passed = all(each["outcome"] in {"passed", "skipped"} for each in tests)
    return 0 if is_whole and written and has_passed and not swept.left else 1


def _arguments():
    parser = argparse.ArgumentParser(prog="make acceptance", description=__doc__)
    parser.add_argument(
        "--questions",
        nargs="*",
        metavar="ID",
        choices=[each.id for each in QUESTIONS],
        help="only these questions",
    )
    parser.add_argument("--tests", default="", metavar="TEXT", help="only what pytest -k chooses")
    parser.add_argument("--without-tests", action="store_true", help="only the questions")
    parser.add_argument("--workers", type=int, default=4, help="tests that run at once")
    parser.add_argument("--out", default="acceptance", help="the report's files, without .md")
    parser.add_argument(
        "--sweep",
        metavar="RUN",
        help="only remove the leftovers of a run, or (old) of all runs of more than a day ago",
    )
    return parser.parse_args()


def _cannot_start(account):
    """Return why the instance or the bucket cannot be used; empty if they can."""
    try:
        account.client.list_tables()
    except DeliveryError as error:
        return f"The instance cannot be used: {error}"
    try:
        account.files().files(account.folder)
    except Exception as error:  # noqa: BLE001 - the SDK raises its own and any other
        if not account.is_emulated:  # there, a task may create its bucket
            return f"The bucket cannot be used: {error}"
    return ""


def _sweep_only(account, which):
    try:
        is_chosen = sweep.old if which == "old" else sweep.of_run(RunId(which))
    except ValueError as error:
        _say(str(error))
        return 2
    swept = sweep.sweep(account, is_chosen)
    _say(str(swept))
    for each in swept.left:
        _say(each)
    return 1 if swept.left else 0


def _ask(asked, arguments):
    """Ask several questions at once. Return the answers in order."""
    chosen = [
        each for each in QUESTIONS if arguments.questions is None or each.id in arguments.questions
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            return list(pool.map(lambda each: _answer(asked, each), chosen))
        except KeyboardInterrupt:
            asked.stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def _answer(asked, question):
    try:
        found = question.ask(asked)
        answer, holds, evidence = found.answer, found.holds, found.evidence
    except Exception as error:  # noqa: BLE001 - a question that fails must not stop the others
        answer, holds, evidence = f"not answered: {type(error).__name__}: {error}", None, {}
    _say(f"{question.id}: {answer}")
    return {
        "id": question.id,
        "assumed": question.assumes,
        "answer": answer,
        "holds": holds,
        "evidence": evidence,
    }


def _write(asked, answers, tests, swept, out):
    """Write the report. Return whether it was written."""
    answers = [
        *answers,
        report.signatures(asked.recorder.answers),
        report.durations(
            "initialization", "INIT takes a minute at most", asked.initializations, _LONGEST_INIT
        ),
        report.durations(
            "delivery", "rows are in files within 10 minutes", asked.deliveries, _LONGEST_DELIVERY
        ),
    ]
    redact = Redactor(asked.account)
    found = redact(
        {
            "about": {
                "date": datetime.now(timezone.utc).date().isoformat(),
                "package": metadata.version("pulumi-tablestore-delivery"),
                "python": platform.python_version(),
                "service": "emulator" if asked.account.is_emulated else "real instance",
                "region": asked.account.region,
            },
            "answers": answers,
            "calls": report.calls(asked.recorder.answers),
            "tests": tests,
            "left": swept.left,
        }
    )
    texts = {".json": report.as_json(found), ".md": report.as_markdown(found)}
    try:
        for text in texts.values():
            redact.require_clean(text)
    except LeakError as error:
        _say(str(error))
        return False
    for ending, text in texts.items():
        path = Path(f"{out}{ending}")
        path.write_text(text, encoding="utf-8")
        _say(f"report: {path}")
    return True


def _interrupt(*_):
    raise KeyboardInterrupt


@contextmanager
def _uninterrupted():
    """Ignore Ctrl-C and SIGTERM during the clean-up."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text):
    """Print lines on stderr, with untrusted text escaped."""
    for line in text.split("\n"):
        sys.stderr.write(f"{printable(line)}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DeliveryError as failure:
        _say(str(failure))
        sys.exit(1)
