"""Listings against a plain model: all keys in memory."""

from hypothesis import given
from hypothesis import strategies as st

from pulumi_tablestore_delivery.emulator.http.oss.listing import Position, list_page, parse_token

KEYS = st.sets(
    st.text(alphabet="ab/-é", min_size=1, max_size=6).filter(lambda key: key[0] != "/"), max_size=20
)


def expected(keys, prefix, delimiter):
    """The entries in order: keys, and each folder once."""
    found = []
    for key in sorted(keys):
        if not key.startswith(prefix):
            continue
        end = key.find(delimiter, len(prefix)) if delimiter else -1
        entry = (key, False) if end < 0 else (key[: end + len(delimiter)], True)
        if entry not in found:
            found.append(entry)
    return found


@given(
    KEYS,
    st.text(alphabet="ab/", max_size=3),
    st.sampled_from(["", "/", "b", "a/"]),
    st.integers(1, 5),
)
def test_pages_together_have_all_entries(keys, prefix, delimiter, most):
    def source(start, after):
        return iter(sorted(key for key in keys if key.startswith(start) and key > after))

    position, found, pages = Position(), [], 0
    while position is not None:
        page = list_page(source, prefix=prefix, delimiter=delimiter, position=position, most=most)
        entries = sorted([(k, False) for k in page.keys] + [(f, True) for f in page.folders])
        assert len(entries) <= most
        found += entries
        pages += 1
        position = page.next and parse_token(page.next.token())
    assert found == expected(keys, prefix, delimiter)
    assert pages == max(1, -(-len(found) // most))


def test_list_of_at_most_zero_keys_is_empty():
    page = list_page(lambda *_: iter(["a"]), prefix="", delimiter="", position=Position(), most=0)
    assert (page.keys, page.folders, page.next) == ([], [], None)
