"""Recorded requests and answers of the official SDKs (tests/data/wire)."""

import json
from pathlib import Path

WIRE = Path(__file__).parents[1] / "data" / "wire"


def load(name):
    return [json.loads(line) for line in (WIRE / name).read_text().splitlines()]


def case_id(case):
    return f"{case['sdk'].split()[0]}-{case['name']}"


REQUESTS = load("requests.jsonl")
SIGNED_REQUESTS = [case for case in REQUESTS if "signature" in case]
RESPONSES = load("responses.jsonl")
