"""The sample: orders and page views with the problems of real applications.

It is the same in every run and on every machine, because all of it comes from one seed.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, Final

ORDERS: Final = 3000
PAGE_VIEWS: Final = 400
_SEED: Final = 20240229
_FIRST: Final = datetime(2024, 1, 29, 16, tzinfo=timezone.utc)
_DAYS: Final = 33  # into a third month
_CHINA: Final = timezone(timedelta(hours=8))
_PLACES: Final = ("杭州", "上海", "北京", "深圳", "Zürich", "São Paulo", "Кыйв", "")
_GOODS: Final = ("茶", "rice cooker", "🚲", "USB-C cable", "päls", 'a "quoted", thing')
_PAGES: Final = ("/", "/cart", "/search?q=茶", "/help")

Row = tuple[list[tuple[str, Any]], list[tuple[str, Any]]]
"""A row's key and its columns."""


def orders() -> Iterator[Row]:
    """Orders of 33 days. One in 25 has something that does not fit the Parquet schema."""
    chance = random.Random(_SEED)  # noqa: S311 - sample data
    for number in range(ORDERS):
        moment = _FIRST + timedelta(seconds=chance.randrange(_DAYS * 86400))
        columns: dict[str, Any] = {
            "created_at": moment.isoformat().replace("+00:00", "Z"),
            "amount": round(chance.lognormvariate(4, 1), 2),
            "items": chance.randint(1, 9),
            "paid": chance.random() < 0.9,  # noqa: PLR2004 - a share
            "city": chance.choice(_PLACES),
            "goods": chance.choice(_GOODS),
        }
        if chance.random() < 0.1:  # noqa: PLR2004 - a share
            columns["created_at"] = moment.astimezone(_CHINA).isoformat()
        for name in ("paid", "city"):  # a table has no fixed columns
            if chance.random() < 0.05:  # noqa: PLR2004 - a share
                del columns[name]
        columns.update(_mistake(chance, number))
        yield [("order_id", f"order-{number:05}")], list(columns.items())


def page_views() -> Iterator[Row]:
    """Page views of one hour."""
    chance = random.Random(_SEED)  # noqa: S311 - sample data
    start = int(_FIRST.timestamp() * 1000)
    for number in range(PAGE_VIEWS):
        key = [("user_id", f"user-{chance.randrange(50):02}"), ("viewed_at", start + 9000 * number)]
        yield key, [("url", chance.choice(_PAGES))]


def _mistake(chance: random.Random, number: int) -> dict[str, Any]:
    """Return the problem of an order; most orders have none."""
    kind = number % 100
    if kind == 7:  # noqa: PLR2004 - any number will do
        return {"amount": f"{chance.randint(1, 99)} CNY"}
    if kind == 31:  # noqa: PLR2004
        return {"amount": chance.randint(1, 99)}  # an INTEGER is no DOUBLE
    if kind == 57:  # noqa: PLR2004
        return {"items": "two"}
    if kind == 83:  # noqa: PLR2004
        return {"created_at": "yesterday"}
    return {}
