"""Reads pages as a browser would, as far as tests want to know."""

import base64
import io
from html.parser import HTMLParser

import numpy as np
from PIL import Image

VOID = {"meta", "link", "img", "input", "br", "hr"}


class Page(HTMLParser):
    """Checks that tags are balanced, and collects what a test wants to know."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.images, self.ids, self.addresses, self.words = [], [], [], [], []
        self.labels = []
        self.feed(text)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        values = dict(attrs)
        if tag == "img":
            self.images.append(values)
        self.labels += [values["aria-label"]] if "aria-label" in values else []
        self.ids += [values["id"]] if "id" in values else []
        names = ("src", "href", "xlink:href", "action", "data", "poster", "srcset")
        self.addresses += [values[name] for name in names if name in values]

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["style"], ["script"]):
            self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def pixels(image: dict) -> np.ndarray:
    """RGBA of an <img> with a PNG inside."""
    png = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))
