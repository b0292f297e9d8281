import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from kgan.reporting import tile_images, write_report
from kgan.reporting.sections import inverse
from kgan.runs import Run


def pixels(picture):
    png = base64.b64decode(picture.uri.removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def change(run, **arrays):
    path = run / "samples" / "inverse.npz"
    with np.load(path) as file:
        kept = {**dict(file), **arrays}
    np.savez(path, **{name: array for name, array in kept.items() if array is not None})


def test_section_of_points(point_inverse_run, monkeypatch):
    drawn, draw = [], inverse.inverse_figure
    monkeypatch.setattr(inverse, "inverse_figure", lambda *a: drawn.append(a) or draw(*a))
    section = inverse.build_inverse(Run(point_inverse_run))
    assert [(card.label, card.value, card.note) for card in section.cards] == [
        ("Reconstruction error", "0.0321", "mean |x - G(F(x))|"),
        ("Latent error", "0.456", "mean |z - F(G(z))|"),
        ("Mean of the latents", "0.0789", "N(0, I) has 0.0123"),
        ("Worst marginal of the latents", "0.0654", "N(0, I) has 0.0234"),
    ]
    assert (section.step, section.held_out, section.points) == ("400", True, True)
    assert not section.projected
    (picture,) = section.pictures
    assert picture.wide and picture.svg
    (arguments,) = drawn
    np.testing.assert_allclose(arguments[-2], Run(point_inverse_run).real.weights)
    np.testing.assert_allclose(arguments[-1], [0.3, 0.312, 0.3, 0])


def test_section_of_images(image_inverse_run):
    run = Run(image_inverse_run)
    section = inverse.build_inverse(run)
    assert (section.step, section.held_out, section.points) == ("400", False, False)
    assert section.cards[0].note == "per value 0.0987 (RMSE)"
    assert len(section.cards) == 4
    there, between, latents = section.pictures
    found = run.inversion
    rows = np.concatenate([found.images, found.reconstructions])
    np.testing.assert_array_equal(pixels(there), tile_images(rows, columns=6))
    first = tile_images(found.images[:1])
    np.testing.assert_array_equal(pixels(between)[:10, :10], first)
    last = tile_images(found.images[2:3])
    np.testing.assert_array_equal(pixels(between)[:10, -10:], last)
    assert pixels(between).shape == (22, 12 * 6 - 2, 4)
    assert latents.svg and not latents.wide
    page = write_report(image_inverse_run).read_text()
    for wanted in ("What the inverse does", "of the training split", "0.0987", "shoe"):
        assert wanted in page, wanted
    assert "circles are" not in page


def test_page_of_points_says_what_is_seen(point_inverse_run):
    page = write_report(point_inverse_run).read_text()
    for wanted in ("What the inverse does", "of the test split", "circles are", "0.456"):
        assert wanted in page, wanted
    assert "principal components of those" not in page
    rng = np.random.default_rng(0)
    change(point_inverse_run, latents=rng.normal(size=(120, 4)), noise=rng.normal(size=(150, 4)))
    page = write_report(point_inverse_run).read_text()
    assert "principal components of those" in page


def test_other_methods_have_no_such_section(point_run, image_run):
    for run in (point_run, image_run):
        assert inverse.build_inverse(Run(run)) is None
        assert "What the inverse does" not in write_report(run).read_text()


def test_numbers_without_pictures_and_pictures_without_numbers(point_inverse_run):
    (point_inverse_run / "evaluation.json").unlink()
    section = inverse.build_inverse(Run(point_inverse_run))
    assert section.cards == [] and len(section.pictures) == 1


def test_a_run_with_numbers_alone(image_run, point_inverse_run):
    told = json.loads((point_inverse_run / "evaluation.json").read_text())["inverse"]
    path = image_run / "evaluation.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "inverse": told}))
    section = inverse.build_inverse(Run(image_run))
    assert (len(section.cards), section.pictures, section.step) == (4, [], "")
    assert "What the inverse does" in write_report(image_run).read_text()


def test_images_may_lack_interpolations_and_labels(image_inverse_run):
    change(image_inverse_run, interpolations=None, labels=None)
    section = inverse.build_inverse(Run(image_inverse_run))
    assert len(section.pictures) == 2


@pytest.mark.parametrize(
    "arrays",
    [
        {"latents": None},
        {"latents": np.zeros(120)},
        {"latents": np.zeros((0, 2))},
        {"step": None},
        {"step": np.zeros(2)},
        {"split": None},
        {"labels": np.zeros(7, int)},
        {"labels": np.zeros(120)},
        {"noise": np.zeros((150, 3))},
        {"noise": np.zeros((140, 2))},
        {"samples": None},
        {"noise": None},
    ],
)
def test_arrays_of_points_that_do_not_fit(point_inverse_run, arrays):
    change(point_inverse_run, **arrays)
    run = Run(point_inverse_run)
    assert run.inversion is None
    assert run.problems == ("samples/inverse.npz: its arrays do not fit each other.",)
    write_report(point_inverse_run)


@pytest.mark.parametrize(
    "arrays",
    [
        {"reconstructions": None},
        {"reconstructions": np.zeros((5, 10, 10, 1))},
        {"images": np.zeros((6, 10, 10))},
        {"interpolations": np.zeros((2, 4, 9, 10, 1))},
        {"interpolations": np.zeros((4, 4, 10, 10, 1))},
        {"interpolations": np.zeros((2, 0, 10, 10, 1))},
    ],
)
def test_arrays_of_images_that_do_not_fit(image_inverse_run, arrays):
    change(image_inverse_run, **arrays)
    run = Run(image_inverse_run)
    assert run.inversion is None and len(run.problems) == 1


def test_a_file_cut_short_is_named(point_inverse_run):
    path = point_inverse_run / "samples" / "inverse.npz"
    path.write_bytes(path.read_bytes()[:300])
    run = Run(point_inverse_run)
    assert run.inversion is None
    assert "samples/inverse.npz is broken or cut short" in run.problems[0]


def test_shares_are_counted_where_the_evaluation_has_them(point_run):
    run = Run(point_run)
    np.testing.assert_allclose(run.mode_shares, [0.3, 0.312, 0.3, 0])
    path = point_run / "evaluation.json"
    path.write_text(json.dumps({"mode_counts": [1, 2], "samples": 3}))
    assert Run(point_run).mode_shares is None
    path.unlink()
    assert Run(point_run).mode_shares is None
