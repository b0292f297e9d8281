"""Chromium opens the pages without a network and without a word on its console."""

import re
import shutil
import subprocess

import pytest

from kgan.reporting import write_comparison, write_report

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="apt-get install chromium opens the pages")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--log-level=0")
OPTIONS += ("--enable-logging=stderr", "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom")
OPTIONS += ("--virtual-time-budget=10000", "--disable-dev-shm-usage")
OPTIONS += ("--disable-background-networking", "--disable-component-update", "--disable-sync")


def opened(page, profile):
    """The document after its scripts ran, and what the console said."""
    done = subprocess.run(
        [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "</html>" in done.stdout, done.stderr[-2000:]
    return done.stdout, re.findall(r"CONSOLE.*", done.stderr)


def test_a_broken_page_is_noticed(tmp_path):
    page = tmp_path / "broken.html"
    page.write_text("<!DOCTYPE html><html><script>nothing.there()</script></html>")
    _, said = opened(page, tmp_path / "profile")
    assert len(said) == 1 and "nothing is not defined" in said[0]


@pytest.mark.parametrize(
    "kind", ["image_ending_run", "point_ending_run", "image_inverse_run", "point_inverse_run"]
)
def test_report(kind, request, tmp_path):
    document, said = opened(write_report(request.getfixturevalue(kind)), tmp_path / "profile")
    assert said == []
    assert 'class="controls"' in document and 'class="controls" hidden' not in document


def test_the_animation_plays_from_the_first_step_to_the_last(image_run, tmp_path):
    page = write_report(image_run)
    click = """<script>
    const shown = document.querySelector("#step"), seen = [];
    new MutationObserver(() => seen.push(shown.textContent)).observe(shown, {childList: true});
    document.querySelector("#play").click();
    setTimeout(() => { document.title = seen.join(", "); }, 3000);
    </script></body>"""
    page.write_text(page.read_text().replace("</body>", click))
    document, said = opened(page, tmp_path / "profile")
    assert said == []
    assert "<title>step 0, step 200, step 400</title>" in document


@pytest.mark.parametrize("kind", ["image_run", "point_run"])
def test_comparison(kind, request, sibling, tmp_path):
    run = request.getfixturevalue(kind)
    runs = [run, *(sibling(run, f"gan{n}", {"seed": n}, method="gan") for n in (0, 1))]
    document, said = opened(write_comparison(runs, tmp_path / "page.html"), tmp_path / "profile")
    assert said == []
    assert "Comparison" in document
