"""Neighbors of a task: tasks that write to its folder, inside it or around it."""

import itertools

from pulumi_tablestore_delivery.inspection.neighbors import Neighbors
from pulumi_tablestore_delivery.spec.surroundings import Place


def are_neighbors(one, other):
    shared = min(len(one.folders), len(other.folders))
    return one.bucket == other.bucket and one.folders[:shared] == other.folders[:shared]


def test_neighbors_match_a_comparison_of_all_pairs():
    prefixes = ["", "a", "a/", "a/b/", "a/b/c", "b/", "ab/", "a//b", "/a"]
    places = [
        Place(f"{bucket}-{prefix}-{number}", bucket, prefix)
        for number, (bucket, prefix) in enumerate(itertools.product(["x", "y", "x"], prefixes))
    ]
    neighbors = Neighbors(places)
    for number, place in enumerate(places):
        expected = [other for other in places if other is not place and are_neighbors(place, other)]
        assert list(neighbors.of(number, 1000)) == expected


def test_unknown_folder_has_no_neighbors():
    neighbors = Neighbors([None, Place("a", "x", "a/")])
    assert neighbors.of(0, 10) == ()
    assert neighbors.of(1, 10) == ()


def test_number_of_neighbors_is_limited():
    neighbors = Neighbors([Place(str(number), "x", "a/") for number in range(100)])
    assert len(neighbors.of(50, 10)) == 10
