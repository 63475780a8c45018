"""Neighbors of a task: the same folder, one inside it, one around it."""

import itertools

from pulumi_tablestore_delivery.spec.folder_tree import MOST_NEIGHBORS, FolderTree
from pulumi_tablestore_delivery.spec.surroundings import Destination

# Fewer tasks of each folder than a search returns.
PREFIXES = ["", "a", "a/", "a/b/", "a/b/c", "b/", "ab/", "a//b", "/a"]


def touches(one, other):
    shared = min(len(one.folders), len(other.folders))
    return one.bucket == other.bucket and one.folders[:shared] == other.folders[:shared]


def tree_of(destinations):
    tree = FolderTree()
    for number, destination in enumerate(destinations):
        tree.put(number, destination)
    return tree


def assert_complete(tree, destinations):
    for number, own in enumerate(destinations):
        others = (each for each in destinations if each is not own and touches(own, each))
        assert tree.neighbors(number) == tuple(others)


def test_neighbors_match_a_comparison_of_all_pairs():
    destinations = [
        Destination(f"{bucket}-{prefix}-{number}", bucket, prefix)
        for number, (bucket, prefix) in enumerate(itertools.product(["x", "y"], PREFIXES))
    ]
    assert_complete(tree_of(destinations), destinations)


def test_changed_destination_replaces_the_earlier_one():
    destinations = [Destination(str(n), "x", prefix) for n, prefix in enumerate(PREFIXES)]
    tree = tree_of(destinations)
    for number, prefix in enumerate(reversed(PREFIXES)):
        destinations[number] = Destination(str(number), "x", prefix)
        tree.put(number, destinations[number])
        assert_complete(tree, destinations)


def test_task_without_a_destination_does_not_have_neighbors():
    tree = FolderTree()
    tree.put("b", Destination("b", "x", "a/"))
    assert tree.neighbors("a") == ()
    assert tree.neighbors("b") == ()


def test_number_of_neighbors_is_limited_and_the_same_folder_comes_first():
    around = [Destination(f"around-{number}", "x", "a/") for number in range(20)]
    same = [Destination(f"same-{number}", "x", "a/b/") for number in range(4)]
    below = [Destination(f"below-{number}", "x", "a/b/c/") for number in range(20)]
    tree = tree_of([*around, *same, *below])
    found = tree.neighbors(20)
    assert len(found) == MOST_NEIGHBORS
    assert set(same[1:]) < set(found)
    assert same[0] not in found
