"""The quickstart's sample: the same on every machine, with problems on purpose."""

from tools.quickstart import sample


def test_sample_is_deterministic():
    assert list(sample.orders()) == list(sample.orders())
    assert list(sample.page_views()) == list(sample.page_views())


def test_every_row_has_its_own_key():
    for rows, count in [(sample.orders(), sample.ORDERS), (sample.page_views(), sample.PAGE_VIEWS)]:
        assert len({tuple(key) for key, _ in rows}) == count


def test_sample_has_the_typical_problems_of_real_tables():
    orders = [dict(columns) for _, columns in sample.orders()]
    assert {type(order["amount"]) for order in orders} == {float, int, str}
    assert {type(order["items"]) for order in orders} == {int, str}
    assert any("city" not in order for order in orders)
    assert any(not order.get("city", "x").isascii() for order in orders)
    times = {order["created_at"] for order in orders}
    assert "yesterday" in times
    assert {time[:7] for time in times} >= {"2024-01", "2024-02", "2024-03"}
    assert {time[-6:] for time in times} >= {"+08:00"}
