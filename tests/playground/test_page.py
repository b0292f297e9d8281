"""A person uses the page: a browser, all controls, no word on the console, nothing from elsewhere.

`KGAN_PICTURES=folder pytest tests/playground/test_page.py` keeps pictures of what was seen.
"""

import io
import json
import os
import re
import shutil
import socket
import threading
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kgan.playground import shelf
from kgan.playground.desk import Desk
from tests.playground.conftest import MODELS

server = pytest.importorskip("kgan.playground.server", reason="pip install kgan[playground]")
uvicorn = pytest.importorskip("uvicorn", reason="pip install kgan[playground]")
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)


@pytest.fixture(scope="module")
def address(image_folder, embedding_folder):
    """Of the page, served by a thread."""
    app = server.application(Desk(shelf.find([MODELS, image_folder, embedding_folder])))
    listening = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    running.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("apt-get install chromium opens the page")
    driver = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with driver.sync_playwright() as playwright:
        options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield found
        found.close()


class Visitor:
    """A person before the page."""

    def __init__(self, page):
        self.page = page

    def sees(self, selector, text):
        """Waits until an element says something."""
        self.page.locator(selector, has_text=text).first.wait_for(timeout=20_000)

    def pixels(self, selector):
        """An element's picture, `(height, width, 3)` int."""
        return np.asarray(Image.open(io.BytesIO(self.page.locator(selector).screenshot()))).astype(
            int
        )[..., :3]

    def keeps(self, name):
        """Keeps a picture of the whole page, where one is asked for."""
        if folder := os.environ.get("KGAN_PICTURES"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def visitor(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    yield Visitor(page)
    page.close()
    assert said == []
    assert {url for url in asked if not url.startswith((address, "data:", "blob:"))} == set()


def test_a_trained_mixture_of_points(visitor, tmp_path):
    page, sees = visitor.page, visitor.sees
    page.select_option("#model", "mgan_ring")
    sees("#about", "MGAN on ring, 25,000 steps, 8 generators")
    sees("#legend", "generator 7")
    before = visitor.pixels("#plane")
    page.click("#another")
    assert page.input_value("#seed") == "1"
    page.fill("#count", "500")
    page.keyboard.press("Tab")
    page.check("#view")
    sees("#legend", "probability of being real")
    assert (visitor.pixels("#plane") != before).mean() > 0.3  # The whole ground is another.
    box = page.locator("#plane").bounding_box()
    # Samples lie at the mode to the right, (2, 0), of a frame of +-2.86.
    page.mouse.click(box["x"] + box["width"] * 0.85, box["y"] + box["height"] / 2)
    sees("#nearest", "of 60,000 training examples")
    visitor.keeps("points")
    page.fill("#weights", "1, 0, 0, 0, 0, 0, 0, x")
    page.keyboard.press("Tab")
    sees("#error", "`weights` must be")
    page.fill("#weights", "1, 0, 0, 0, 0, 0, 0, 0")
    page.keyboard.press("Tab")
    page.locator("#error").wait_for(state="hidden")
    page.select_option("#generator", "3")
    page.fill("#number", "7")
    page.click("#nearest-tool button")
    sees("#nearest", "Sample 7, of generator 3")
    with page.expect_download() as download:
        page.click("#download")
    download.value.save_as(tmp_path / "samples.npz")
    with np.load(tmp_path / "samples.npz") as arrays:
        assert arrays["samples"].shape == (500, 2) and set(arrays["generators"]) == {3}
    with page.expect_download() as download:
        page.click("#picture")
    assert download.value.suggested_filename == "mgan_ring.png"


def test_ways_and_an_inverse_of_points(visitor):
    page, sees = visitor.page, visitor.sees
    page.select_option("#model", "invertgan_grid")
    sees("#about", "InvertGAN on grid")
    page.click("#between-tool button")
    sees("#between", "Here: (")
    first = page.inner_text("#between")
    page.locator("#along").fill("100")
    assert page.inner_text("#between") != first and page.is_disabled("#across")
    page.fill("#numbers", "0, 1, 2, 3")
    page.click("#between-tool button")
    page.locator("#across:enabled").fill("60")
    visitor.keeps("between")
    page.fill("#numbers", "0, 1, 5000")
    page.click("#between-tool button")
    sees("#error", "Name two or four samples by their numbers, 0 to 999. Received: 0, 1, 5000")
    page.fill("#x", "2")
    page.fill("#y", "0.2")
    page.click("#invert-tool button")
    sees("#inverted", re.compile(r"Made of them: \((1\.9|2)"))
    assert page.is_hidden("#error")


def test_a_model_of_images(visitor, tmp_path):
    page, sees = visitor.page, visitor.sees
    page.select_option("#model", "tiny_images")
    sees("#about", "samples of shape (6, 5, 1)")
    page.locator(".tile").nth(35).wait_for()
    page.check("#view")
    sees("#beside", "probability of being real")
    page.click("#between-tool button")
    page.locator("#between img").wait_for()
    first = page.get_attribute("#between img", "src")
    page.locator("#along").fill("100")
    assert page.get_attribute("#between img", "src") != first
    Image.linear_gradient("L").save(tmp_path / "shades.png")
    page.set_input_files("#image", tmp_path / "shades.png")
    page.locator("#inverted img").nth(1).wait_for()
    visitor.keeps("images")
    page.locator(".tile").nth(4).click()
    sees("#error", "not told in its folder")
    (tmp_path / "text.png").write_text("no image")
    page.set_input_files("#image", tmp_path / "text.png")
    sees("#error", "no image that can be read")
    page.select_option("#model", "tiny_embedding")
    sees("#about", "MDGAN")
    assert page.is_hidden("#embedding-tool")
    page.check("#view")
    page.locator("#embedding-tool").wait_for()
    assert len(np.unique(visitor.pixels("#embedding"))) > 10  # Something is drawn.
    visitor.keeps("embedding")


def test_a_match_of_two(visitor):
    page, sees = visitor.page, visitor.sees
    page.click("#tab-games")
    page.locator("#methods input:checked").first.uncheck()
    page.locator("#methods input:checked").first.uncheck()
    page.click("#start")
    sees("#error", "Choose one to 4 different methods")
    page.check("#methods input[value=gan]")
    page.check("#methods input[value=lsgan]")
    page.select_option("#pace", "10")
    page.click("#start")
    sees("#state", re.compile(r"Training: step [\d,]+0"))
    assert page.is_disabled("#start") and page.locator("#boards canvas").count() == 2
    sees("#boards", "of its samples are near a mode")
    page.click("#stop")
    sees("#state", "Stopped at step")
    visitor.keeps("games")
    stopped = page.inner_text("#state")
    page.wait_for_timeout(300)
    assert page.inner_text("#state") == stopped and page.is_enabled("#start")
    page.focus("#tab-games")
    page.keyboard.press("ArrowLeft")
    assert page.is_visible("#models")


@pytest.mark.parametrize(
    ("headers", "content", "told"),
    [
        ({"Content-Type": "application/json"}, b"{", "must be JSON"),
        ({"Content-Type": "text/plain"}, b"{}", "must be JSON"),
        ({"Content-Type": "application/json"}, b'{"model": 3}', "`model` must be"),
        ({"Content-Type": "application/json"}, b" " * (16 * 2**20 + 1), "At most 16 MB"),
    ],
)
def test_requests_of_others(address, headers, content, told):
    request = urllib.request.Request(f"{address}/ask/open", content, headers)
    with urllib.request.urlopen(request) as answer:
        assert told in json.loads(answer.read())["error"]


def test_other_names_and_other_files_are_refused(address):
    for path, host in (("/", "evil.example"), ("/../server.py", ""), ("/%2e%2e/desk.py", "")):
        request = urllib.request.Request(address + path, headers={"Host": host} if host else {})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code == (400 if host else 404)
