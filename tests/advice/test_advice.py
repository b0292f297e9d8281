"""What is run on which data, and why; after a run that collapsed, what is likeliest to help."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kgan.advice import choosing, looking
from kgan.advice.evidence import Bench, Row
from kgan.advice.remedy import remedy
from kgan.errors import DataError, InputError

ROOT = Path(__file__).parents[2]
POINTS = {"data": {}, "shape": [2], "steps": 10_000, "total": 25, "what": "modes"}
IMAGES = {"data": {}, "shape": [28, 28, 1], "steps": 3_000, "total": 10, "what": "classes"}


def row(label, method, covered, *, total=25, distance=0.2, seconds=0.01, flags=None, **more):
    facts = {
        "failed": sum(value < 0.9 * total for value in covered),
        "strict": covered,
        "distance": [distance] * len(covered),
        "imbalance": [0.01] * len(covered),
        "real": 0.07,
        "machine": "a processor",
        "network": None,
    }
    flags = flags or ({} if method in ("gan", "mdgan", "mgan", "mimgan") else {"method": method})
    values = {"covered": covered, "seconds": [seconds] * len(covered), "seeds": len(covered)}
    return Row(label, method, flags, f"key of {label}", **{**facts, **values, **more})


def bench(name, rows, facts=POINTS, dataset="grid", **more):
    told = {"title": name, "dataset": dataset, "distance": "Wasserstein distance", "page": "a.md"}
    return Bench(name, rows=rows, missing=["BEGAN"], **{**told, **facts, **more})


GRID = [
    row("GAN", "gan", [23, 21], seconds=0.001),
    row("MIM-GAN", "mimgan", [25, 25], distance=0.01),
    row("MGAN", "mgan", [25, 25], distance=0.05),
    row("MD-GAN", "mdgan", [25, 25], distance=0.1),
    row("WGAN", "wgan", [25], distance=0.01),
]
CLASSES = [
    row("GAN", "gan", [10] * 3, total=10, distance=3.5, flags={"learning_rate": 0.0004}),
    row("MD-GAN", "mdgan", [10] * 3, total=10, distance=4.8),
    row("MIM-GAN", "mimgan", [10] * 3, total=10, distance=1.0),
]
BENCHES = {
    "grid": bench("grid", GRID),
    "rare_grid": bench("rare_grid", GRID[:1], data={"smallest_weight": 0.01}),
    "embedded_grid": bench("embedded_grid", GRID[:1], shape=[128], dataset="embedded_grid"),
    "fashion_mnist": bench("fashion_mnist", CLASSES, IMAGES, "fashion_mnist"),
    "stacked_fashion_mnist": bench("stacked", CLASSES, IMAGES, "stacked_fashion_mnist"),
}


def advised(dataset, minutes=None, **flags):
    return choosing.advise(looking.look(dataset, flags), minutes, BENCHES)


def commands(advice):
    return [suggestion.command for suggestion in advice.suggestions]


def test_the_order_is_by_sure_seeds_what_is_told_modes_and_distance():
    found = choosing.ranked([BENCHES["grid"]], labelled=True)
    # WGAN has one seed, and the GAN a seed that failed of two.
    assert [c.row.label for c in found] == ["MD-GAN", "MGAN", "MIM-GAN", "WGAN", "GAN"]
    unlabelled = choosing.ranked([BENCHES["grid"]], labelled=False)
    assert "MIM-GAN" not in [c.row.label for c in unlabelled]


def test_two_commands_with_their_evidence():
    advice = advised("grid", 30)
    assert commands(advice) == [
        "python -m apps.mdgan --dataset=grid",
        "python -m apps.mgan --dataset=grid",
    ]
    why = advice.suggestions[0].why
    assert why == [
        "MD-GAN: 25 of 25 modes on each of 2 seeds; Wasserstein distance 0.1 ± 0 "
        "(real data 0.07) (a.md).",
        "10,000 steps: about 1 min 40 s, 0.01 s each.",
    ]
    assert "as many generators" in advice.suggestions[1].why[1]
    text = advice.text()
    assert "grid: 100,000 points of 2 dimensions, 25 modes, evenly." in text
    assert "Measured on the same data: the bench grid." in text
    assert "No run is kept there of BEGAN." in text
    assert "on a processor" in text


def test_time_decides_who_comes_first_and_how_many_steps_there_are():
    first, second = advised("grid", 0.2).suggestions
    assert first.command == "python -m apps.gan --dataset=grid"
    assert second.command == "python -m apps.mdgan --dataset=grid --steps=1200"
    assert "1,200 fit, and of so few nothing was measured." in second.why[-1]


@pytest.mark.parametrize(
    ("dataset", "flags", "name", "same"),
    [
        ("grid", {"mode_std": 0.05}, "grid", True),  # The grid's own.
        ("grid", {"mode_std": 0.2}, "grid", False),
        ("grid", {"smallest_weight": 0.01}, "rare_grid", True),
        ("grid", {"smallest_weight": 0.02}, "rare_grid", False),
        ("embedded_grid", {"dimensions": 64}, "embedded_grid", False),
        ("fashion_mnist", {}, "fashion_mnist", True),
        ("fashion_mnist", {"data_dir": "here"}, "fashion_mnist", True),
        ("cifar10", {}, "fashion_mnist", False),
        ("stacked_mnist", {}, "stacked_fashion_mnist", False),
    ],
)
def test_data_and_the_bench_that_is_nearest(dataset, flags, name, same):
    data = looking.look(dataset, flags)
    (near,) = choosing.nearest(data, BENCHES)
    assert near is BENCHES[name]
    assert choosing.is_same(data, near) == same
    told = "\n".join(advised(dataset, **flags).about)
    assert ("Nothing was measured on these data." in told) != same


def test_what_has_collapsed_is_no_advice_however_quick():
    quick = row("GAN", "gan", [3, 3], seconds=1e-6)
    benches = {"grid": bench("grid", [quick, *GRID[2:4]])}
    advice = choosing.advise(looking.look("grid", {}), 0.01, benches)
    assert all("apps.gan" not in command for command in commands(advice))


def test_flags_of_the_data_are_in_the_commands():
    (one,) = commands(advised("grid", mode_weights=[0.9] + [0.1 / 24] * 24))
    assert one.startswith("python -m apps.gan --dataset=grid --mode_weights=0.9,0.004")


def test_a_few_images_without_classes(tmp_path):
    for number in range(30):
        Image.new("RGB", (70, 50 + number % 2)).save(tmp_path / f"{number}.png")
    advice = advised("folder", data_dir=str(tmp_path))
    about = "\n".join(advice.about)
    assert "folder: 27 images of 32x32x3, no classes." in about
    assert "from 50x70 to 51x70: --image_size=32 makes squares of all" in about
    assert "augmentation comes first (--augment). Nothing was measured on so few" in about
    given = f"--dataset=folder --data_dir={tmp_path} --image_size=32"
    more = "--steps=3000 --augment=color,translation,cutout --noevaluate"
    assert commands(advice) == [
        f"python -m apps.gan {given} --learning_rate=0.0004 {more}",
        f"python -m apps.mdgan {given} {more}",
    ]
    assert "a guess: by the number of pixels" in advice.suggestions[0].why[-2]
    assert "GAN with --learning_rate=0.0004: " in advice.suggestions[0].why[0]


def test_archives_of_images_and_of_points(tmp_path):
    images, points = tmp_path / "images.npz", tmp_path / "points.npz"
    labels = np.repeat([0, 1], [1800, 200])
    np.savez(images, x=np.zeros((2000, 30, 30), np.uint8), y=labels)
    data = looking.look("npz", {"data_dir": str(images)})
    assert (data.shape, data.count, data.classes, data.uneven) == ((28, 28, 1), 1800, 2, True)
    assert data.flags["image_size"] == 28
    assert "2 classes of 10% to 90% each" in data.text()
    np.savez(points, x_train=100 * np.ones((50, 2)), y_train=np.repeat([0, 1], [45, 5]))
    data = looking.look("npz", {"data_dir": str(points)})
    assert (data.shape, data.count, data.classes, data.uneven) == ((2,), 50, 2, True)
    assert "scale yours" in data.remarks[0]
    (program,) = commands(choosing.advise(data, None, BENCHES))
    assert f"numpy.load({str(points)!r})['x_train']" in program
    compile(program, "advice", "exec")


@pytest.mark.parametrize(
    ("dataset", "flags", "error", "sentence"),
    [
        ("npz", {}, InputError, "'npz' needs `data_dir`, an .npz file"),
        ("npz", {"data_dir": "none.npz"}, DataError, "There is no file none.npz"),
        ("folder", {"data_dir": "nowhere"}, DataError, "There is no folder nowhere"),
        ("grid", {"data_dir": "x"}, InputError, "'grid' has no parameter data_dir"),
        ("fashion_mnist", {"mode_std": 1.0}, InputError, "takes no parameters, received std"),
        ("fashion_mnist", {"image_size": 0}, InputError, "`image_size` must be positive"),
        ("mixture", {}, InputError, "'mixture' needs its means"),
        ("gird", {}, InputError, "There is no data set 'gird'. Did you mean"),
    ],
)
def test_what_cannot_be_is_said(dataset, flags, error, sentence):
    with pytest.raises(error) as caught:
        looking.look(dataset, flags)
    assert sentence in str(caught.value)


def test_no_time_is_refused():
    with pytest.raises(InputError, match=r"`minutes` must be over 0. Received: -1"):
        advised("grid", -1)


def test_the_command_answers_without_tensorflow():
    code = (
        "import atexit, runpy, sys; atexit.register(lambda: print('tensorflow' in sys.modules)); "
        "runpy.run_module('kgan', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "advise", "--data_dir=missing.npz"],
        capture_output=True, text=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    sentence = "error: There is no file missing.npz: give an .npz file with data_dir.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "False\n", sentence)


def run_of(method="gan", dataset="grid", key="another", **flags):
    return {"method": method, "dataset": dataset, "key": key, "flags": flags}


def told(covered, *, total=25, statistic=1.0, **more):
    counts = [100] * covered + [0] * (total - covered)
    found = {"modes_total": total, "modes_covered": covered, "mode_counts": counts}
    return {**found, "balance_chi_square": statistic, "steps": 6_000, **more}


def test_a_run_that_lost_modes_is_told_what_kept_them():
    found = remedy(run_of(steps=6_000), told(21), BENCHES)
    assert found == (
        "Likeliest to help: MD-GAN, which kept 25 of 25 modes on each of 2 seeds after 10,000 "
        "steps; this run has 21 of 25 after 6,000.",
        "python -m apps.mdgan --dataset=grid",
    )
    longer = remedy(run_of(), told(21, steps=20_000), BENCHES)
    assert longer.command == "python -m apps.mdgan --dataset=grid --steps=20000"
    own = remedy(run_of("mdgan", mode_std=0.2, learning_rate=0.1), told(21), BENCHES)
    assert "MD-GAN with its preset's values, which kept" in own.sentence
    assert "on grid, the nearest that was measured" in own.sentence
    assert own.command.endswith("--dataset=grid --mode_std=0.2")


def test_an_uneven_run_is_told_what_was_even():
    found = remedy(run_of(), told(25, statistic=500.0), BENCHES)
    assert "MD-GAN, which kept all modes more evenly (imbalance 0.01 ± 0, 2 seeds)" in found[0]
    assert "this run has an imbalance of 0.2 after 6,000." in found.sentence


def test_lost_classes_of_own_images():
    evaluation = {"classes_covered": 3, "class_histogram": [10, 0, 10, 10], "steps": 9_000}
    given = run_of(dataset="folder", data_dir="photos", image_size=32, strict=False, seed=3)
    found = remedy(given, evaluation, BENCHES)
    assert "GAN with --learning_rate=0.0004, which kept 10 of 10 classes" in found.sentence
    assert found.command == (
        "python -m apps.gan --dataset=folder --data_dir=photos --image_size=32 "
        "--learning_rate=0.0004 --steps=9000"
    )


@pytest.mark.parametrize(
    ("description", "evaluation"),
    [
        (run_of(), told(25)),  # All modes, evenly.
        (run_of("mdgan", key="key of MD-GAN"), told(24)),  # The best that was measured.
        (run_of(dataset="embedded_grid"), told(24)),  # Nothing better was measured.
        (run_of("MyGAN"), told(3)),  # A user's own.
        (run_of(), {}),  # Nothing was counted.
        ({}, told(3)),
    ],
)
def test_where_there_is_nothing_to_say(description, evaluation):
    assert remedy(description, evaluation, BENCHES) is None


def test_evidence_of_a_row_with_failures():
    some = bench("grid", [row("GAN", "gan", [25, 20])])
    (candidate,) = choosing.ranked([some], labelled=True)
    assert candidate.evidence().startswith("22.5 ± 3.5 of 25 modes over 2 seeds (1 failed)")
    alone = dataclasses.replace(candidate, row=row("GAN", "gan", [25]))
    assert alone.evidence().startswith("25 of 25 modes (one seed); Wasserstein")
