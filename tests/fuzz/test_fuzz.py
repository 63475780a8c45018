"""The short form of the fuzzing: mutated inputs of each target, the same in each run.

Inputs that made an earlier emulator misbehave are in inputs/<target>/.
"""

import random
from pathlib import Path

import pytest
from fuzz.all_targets import TARGETS
from fuzz.targets import within_time

RUNS = {
    "plainbuffer": 20_000,
    "filters": 20_000,
    "signed": 3_000,
    "http": 2_000,
    "oss_http": 2_000,
}
USUAL = 5_000
FOUND = [path for path in (Path(__file__).parent / "inputs").glob("*/*") if path.is_file()]


def mutated(source, seeds):
    data = bytearray(source.choice(seeds))
    for _ in range(source.randint(1, 4)):
        place = source.randrange(len(data) + 1)
        change = source.randrange(5)
        if change == 0 and data:
            data[place % len(data)] = source.randrange(256)
        elif change == 1 and data:
            data[place % len(data)] ^= 1 << source.randrange(8)
        elif change == 2:
            del data[place : place + source.randint(1, 8)]
        elif change == 3:
            data[place:place] = source.randbytes(source.randint(1, 8))
        else:
            other = source.choice(seeds)
            data[place:] = other[source.randrange(len(other) + 1) :]
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_inputs_cause_no_misbehavior(name):
    target, source = TARGETS[name], random.Random(name)
    seeds = target.seeds()
    for seed in seeds:
        within_time(target.run, seed)
    for _ in range(RUNS.get(name, USUAL)):
        data = mutated(source, seeds)
        try:
            within_time(target.run, data)
        except Exception as error:
            raise AssertionError(f"{name} misbehaves with {data!r}") from error


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_input_found_by_fuzzing_causes_no_misbehavior(path):
    within_time(TARGETS[path.parent.name].run, path.read_bytes())
