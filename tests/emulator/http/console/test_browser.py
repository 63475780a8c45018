"""The page in a real browser."""

import pytest
from support.browser import Browser, program

pytestmark = pytest.mark.skipif(program() is None, reason="there is no Chromium on PATH")


@pytest.fixture(scope="module")
def browser():
    opened = Browser()
    yield opened
    opened.close()


def text(browser):
    return browser.evaluate("document.body.innerText")


def test_page_loads_without_errors_and_other_hosts(browser, world):
    browser.open(world.url)
    found = text(browser)
    for expected in ("orders", "is not DOUBLE", "order-0", "<script>bad()</script>"):
        assert expected in browser.evaluate("document.documentElement.textContent")
    assert "Values discarded" in found
    assert browser.complaints() == []
    assert set(browser.requested()) <= {f"{world.url}/"}


def test_page_updates_itself_and_keeps_what_is_open(browser, world):
    browser.open(world.url)
    browser.evaluate("document.querySelector('details').open = true")
    world.put("order-9", table="orders", amount=9.75, created_at="2022-01-01T00:00:00Z")
    browser.wait("document.documentElement?.textContent.includes('year=2022')")
    assert "9.75" in browser.evaluate("document.documentElement.textContent")
    assert browser.evaluate("document.querySelector('details').open")
    world.table("added")
    browser.wait("[...document.querySelectorAll('h2')].map(h => h.textContent)[0] === 'added'")
    assert browser.complaints() == []
    assert set(browser.requested()) == {f"{world.url}/"}


def test_page_reports_when_the_emulator_is_gone(browser, world):
    browser.open(world.url)
    assert browser.evaluate("document.getElementById('lost').hidden")
    world.stop()
    browser.wait("!document.getElementById('lost').hidden")
    assert "order-0" in browser.evaluate("document.documentElement.textContent")


def test_page_is_readable_without_scripts(browser, world):
    browser.open(world.url, scripts=False)
    assert "Values discarded" in text(browser)
    world.put("order-9", table="orders", amount=9.75, created_at="2022-01-01T00:00:00Z")
    browser.wait("document.documentElement?.textContent.includes('year=2022')")


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("is_open", [False, True], ids=["closed", "open"])
def test_page_fits_its_width(browser, world, width, is_open, tmp_path):
    long = "x" * 250
    world.table(long)
    world.put("wide", table="orders", note="a long note " * 40, created_at="2024-05-01T00:00:00Z")
    world.wait(lambda: world.report("lake")["rows"] == 4)
    browser.open(world.url, width=width)
    if is_open:
        browser.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert browser.evaluate("document.documentElement.scrollWidth") == width
    browser.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 10_000


def test_script_in_a_value_does_not_run(browser, world):
    world.put(
        "evil", table="orders", note="<img src=x onerror='window.hit = 1'>",
        created_at="2024-05-01T00:00:00Z",
    )  # fmt: skip
    world.wait(lambda: world.report("lake")["rows"] == 4)
    browser.open(world.url)
    browser.wait("document.documentElement.textContent.includes('onerror')")
    assert browser.evaluate("window.hit === undefined")
    assert set(browser.requested()) <= {f"{world.url}/"}
