"""The page's HTML, and the requests that it answers."""

import json
import os
import re
from html.parser import HTMLParser

import pytest
import requests
from support.delivery_world import BUCKET

from pulumi_tablestore_delivery.emulator.http.guard import refusal

EVIL = {"Origin": "http://evil.example"}


class Text(HTMLParser):
    """The visible text, and the elements' names."""

    def __init__(self, page):
        super().__init__()
        self.parts, self.tags, self._hidden = [], [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in {"style", "script"}

    def handle_endtag(self, tag):
        self._hidden -= tag in {"style", "script"}

    def handle_data(self, data):
        if not self._hidden and data.strip():
            self.parts.append(data.strip())

    @property
    def text(self):
        return " ".join(" ".join(self.parts).split())


def page(world):
    answer = requests.get(f"{world.url}/", timeout=10)
    assert answer.status_code == 200
    return Text(answer.text)


def test_page_shows_tables_tasks_files_rows_and_discarded_values(world):
    found = page(world).text
    for text in (
        "Tablestore emulator local",
        f"Tablestore {world.url} OSS {world.oss_url}",
        "orders Primary key: id STRING",
        "lake BASE_INC",
        "Rows delivered 3",
        "Values discarded 3",
        f"oss://{BUCKET}/orders/year=$yyyy/",
        "amount is not DOUBLE 2",
        "created_at is not an event time 1",
        "orders/year=2024/",
        "id amount_cny note order-1 NULL NULL",
        "id amount_cny note order-0 1.5 gift",
    ):
        assert text in found, (text, found)


def test_lag_grows_while_nothing_can_be_delivered(world):
    world.wait_delivered("lake")
    assert "INCR Lag 0 s" in page(world).text
    world.fault(operation="DescribeDeliveryTask", fault="task_error")
    found = page(world).text
    assert "Faults on request DescribeDeliveryTask: task_error (until cleared)" in found


def test_missing_bucket_is_shown_as_the_service_reports_it(world, tmp_path):
    (tmp_path / "oss" / BUCKET).rename(tmp_path / "elsewhere")
    assert f"INVALID_OSS_BUCKET: the bucket {BUCKET} does not exist." in page(world).text


def test_page_of_an_empty_emulator_explains_what_to_do(start_world):
    assert "There are no tables yet" in page(start_world()).text


def test_page_marks_a_table_without_a_task(start_world):
    world = start_world()
    world.table("t")
    assert "This table does not have a delivery task." in page(world).text


HOSTILE = ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>', "{{ 7 * 7 }}", "</style>"]


@pytest.mark.parametrize("text", HOSTILE)
def test_names_and_values_are_escaped(start_world, text):
    world = start_world()
    world.table("t")
    world.task(
        table="t", ossPrefix=f"{text.replace('/', '|')}/",
        columns=[("id", "UTF8"), ("c", "UTF8", text), (text, "INT64", "n")],
    )  # fmt: skip
    world.put("x", c=text, **{text: "not a number"})
    world.wait(lambda: world.report()["rows"] == 1)
    found = page(world)
    assert found.text.count(text) >= 4  # as text: two column names, a discarded one, a value
    assert {tag for tag, _ in found.tags}.isdisjoint({"img"})
    assert [tag for tag, _ in found.tags].count("script") == 1
    assert not [attrs for _, attrs in found.tags if "onerror" in attrs]


def test_control_characters_are_made_visible(start_world):
    world = start_world()
    world.table("t")
    world.task(table="t", columns=[("id", "UTF8"), ("c", "UTF8")])
    world.put("x", c="a\x1b[31m\u202eb\nc")
    world.wait(lambda: world.report()["rows"] == 1)
    assert "a\\x1b[31m\\u202eb\\nc" in page(world).text


def test_damaged_file_does_not_hide_the_others(world):
    for path in world.files("orders/year=2024/"):
        path.write_bytes(b"PAR1 not really PAR1")
    found = page(world).text
    assert "The file cannot be read:" in found
    assert "order-0 1.5 gift" in found


def test_long_list_of_files_is_shortened(world, tmp_path):
    folder = tmp_path / "oss" / BUCKET / "orders" / "year=2023"
    content = world.files("orders/year=2023/")[0].read_bytes()
    for number in range(100):
        (folder / f"lake_0_orders_year=2023__{number + 100}").write_bytes(content)
    assert "older files are not shown." in page(world).text


def test_newest_files_are_those_that_were_written_last(world, tmp_path):
    """The file with the number 9 is the newest; by its name, the one with the number 99 is."""
    folder = tmp_path / "oss" / BUCKET / "orders" / "year=2023"
    content = world.files("orders/year=2023/")[0].read_bytes()
    for number in range(99, 8, -1):
        path = folder / f"lake_0_orders_year=2023__{number}"
        path.write_bytes(content)
        os.utime(path, ns=(0, 4_000_000_000_000_000_000 - number * 1_000_000_000))
    text = page(world).text
    names = [number for number in range(9, 100) if f"lake_0_orders_year=2023__{number} " in text]
    assert names == list(range(9, 69))


def test_page_loads_no_foreign_resource_and_runs_only_its_own_script(world):
    answer = requests.get(f"{world.url}/", timeout=10)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    addresses = set(re.findall(r"https?://[^\s\"'<]+", answer.text))
    assert addresses == {world.url, world.oss_url}
    for tag, attributes in Text(answer.text).tags:
        assert not {"src", "action", "style"} & set(attributes), (tag, attributes)
    assert answer.headers["Cache-Control"] == "no-store"


def test_page_answers_only_get_and_head(world):
    assert requests.head(f"{world.url}/", timeout=10).status_code == 200
    assert requests.post(f"{world.url}/", timeout=10).status_code in {400, 405}
    assert requests.get(f"{world.url}/index.html", timeout=10).status_code == 405


@pytest.mark.parametrize("route", ["", "_emulator/deliveries", "_emulator/faults", "_emulator/oss"])
@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Host": "127.0.0.1.evil.example"},
     {"Host": "["}, EVIL, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}],
    ids=str,
)  # fmt: skip
def test_other_hosts_and_origins_are_refused(world, route, headers):
    answer = requests.get(f"{world.url}/{route}", headers=headers, timeout=10)
    assert answer.status_code == 403
    assert "orders" not in answer.text
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_page_of_another_site_cannot_add_a_fault(world):
    script = json.dumps({"operation": "*", "fault": "reset"})
    for headers in (EVIL, {"Host": "evil.example"}):
        answer = requests.post(
            f"{world.url}/_emulator/faults", data=script, headers=headers, timeout=10
        )
        assert answer.status_code == 403
        answer = requests.delete(f"{world.url}/_emulator/faults", headers=headers, timeout=10)
        assert answer.status_code == 403
    assert requests.get(f"{world.url}/_emulator/faults", timeout=10).json() == {"faults": []}


def test_requests_with_own_names_and_origins_are_accepted(world):
    port = world.url.rpartition(":")[2]
    for name in (
        f"localhost:{port}",
        f"127.0.0.1:{port}",
        f"[::1]:{port}",
        "LOCALHOST",
        "127.1.2.3",
    ):
        answer = requests.get(f"{world.url}/", headers={"Host": name}, timeout=10)
        assert answer.status_code == 200
    own = {"Origin": world.url}
    assert requests.get(f"{world.url}/_emulator/calls", headers=own, timeout=10).status_code == 200


def test_control_route_returns_the_oss_endpoint(world):
    found = requests.get(f"{world.url}/_emulator/oss", timeout=10).json()
    assert found == {"url": world.oss_url}


@pytest.mark.parametrize(
    ("headers", "peer", "host", "is_refused"),
    [
        ({"host": "127.0.0.1:1"}, "127.0.0.1", "127.0.0.1", False),
        ({"host": "dev.box:1"}, "127.0.0.1", "dev.box", False),
        ({"host": "dev.box:1"}, "127.0.0.1", "127.0.0.1", True),
        ({"host": "127.0.0.1:1"}, "::ffff:127.0.0.1", "::", False),
        ({"host": "127.0.0.1:1"}, "10.0.0.7", "0.0.0.0", True),
        ({"host": "127.0.0.1:1"}, "", "127.0.0.1", True),
        ({}, "127.0.0.1", "127.0.0.1", False),  # HTTP/1.0 does not need one
        ({"host": "localhost", "origin": "http://localhost"}, "::1", "::1", False),
        ({"host": "localhost", "origin": "https://localhost"}, "::1", "::1", True),
    ],
)
def test_guard_refuses_foreign_hosts_origins_and_peers(headers, peer, host, is_refused):
    assert bool(refusal(headers, peer, host)) == is_refused
