"""Rows in the database: their keys sort as the service sorts them, and their values come back."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_tablestore_delivery.emulator.storage.rows import StoredRow, dumps, encode_key, loads
from pulumi_tablestore_delivery.wire.plainbuffer import Marker

KEYS = st.tuples(st.text(max_size=5), st.integers(-(2**63), 2**63 - 1), st.binary(max_size=5))


@given(st.lists(KEYS, min_size=2, max_size=10))
def test_encoded_keys_sort_like_keys(keys):
    def encoded(key):
        return encode_key(list(zip("abc", key, strict=True)))

    expected = sorted(keys, key=lambda key: (key[0].encode(), key[1], key[2]))
    assert sorted(keys, key=encoded) == expected
    low, high = (encode_key([("a", marker)]) for marker in (Marker.SMALLEST, Marker.LARGEST))
    assert all(low < encoded(key) < high for key in keys)


@settings(suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from(["b", "x", "yy"]),
        st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.booleans(),
                  st.text(), st.binary()),
    )
)  # fmt: skip
def test_row_is_stored_unchanged(values):
    row = StoredRow([b"\0", "a", -1], {name: [1, value] for name, value in values.items()})
    found = loads(dumps(row))
    assert found == row
    assert [type(v[1]) for v in found.cells.values()] == [type(v) for v in values.values()]
