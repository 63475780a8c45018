"""Headless Chromium, controlled over its own protocol."""

import asyncio
import base64
import itertools
import re
import shutil
import subprocess
import tempfile
import threading
from contextlib import suppress

import aiohttp

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-port=0",
)  # fmt: skip


def program():
    """Return the browser's program; None if there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """A browser with one tab. Requests to other hosts are recorded."""

    def __init__(self):
        self._folder = tempfile.mkdtemp()
        self._process = subprocess.Popen(
            [program(), *FLAGS, f"--user-data-dir={self._folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        address = next(
            found[1]
            for line in self._process.stderr
            if (found := re.search(r"DevTools listening on (ws://\S+)", line))
        )
        # Read the browser's output, or the browser blocks.
        self._reader = threading.Thread(target=self._process.stderr.read)
        self._reader.start()
        self._loop = asyncio.new_event_loop()
        self._numbers = itertools.count(1)
        self.events = []
        self._run(self._connect(address.split("/")[2]))
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def close(self):
        with suppress(Exception):
            self._run(self._session.close())
        self._loop.close()
        self._process.kill()
        self._process.wait(10)
        self._reader.join()
        self._process.stderr.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def send(self, method, **parameters):
        return self._run(self._send(method, parameters))

    def open(self, url, *, width=1280, height=900, scripts=True):
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.send("Page.navigate", url="about:blank")  # the page before makes requests until then
        self.wait("location.href === 'about:blank'")
        self.events.clear()
        self.send("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def evaluate(self, expression):
        found = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def wait(self, expression, seconds=15):
        for _ in range(seconds * 20):
            if self.evaluate(expression):
                return
            self._run(asyncio.sleep(0.05))
        raise AssertionError(f"It did not become true: {expression}")

    def screenshot(self, path):
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def requested(self):
        """The URLs that were asked for since `open`."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self):
        """What the browser logged or threw since `open`."""
        return [
            event["params"]
            for event in self.events
            if event["method"] in {"Log.entryAdded", "Runtime.exceptionThrown"}
        ]

    def _run(self, work):
        return self._loop.run_until_complete(asyncio.wait_for(work, 30))

    async def _connect(self, host):
        self._session = aiohttp.ClientSession()
        async with self._session.get(f"http://{host}/json/list") as answer:
            tab = next(each for each in await answer.json() if each["type"] == "page")
        self._socket = await self._session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0)

    async def _send(self, method, parameters):
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            found = await self._socket.receive_json()
            if found.get("id") == number:
                assert "error" not in found, found
                return found["result"]
            self.events.append(found)
