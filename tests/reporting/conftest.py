"""Small run directories as training leaves them."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

CLASSES = ("shirt", "shoe", "bag")


def write_run(path: Path, *, method: str, dataset: str, metrics: dict, evaluation: dict) -> Path:
    (path / "samples").mkdir(parents=True)
    config = {
        "method": method,
        "dataset": dataset,
        "flags": {"seed": 7, "steps": 400, "components": 8, "data_dir": None, "evaluate": True},
        "model": {"weights": {"generator": 1234}},
        "versions": {"keras": "3.15.1"},
        "git_revision": "0123456789ab",
        "machine": "x86_64, 2 cores",
        "command": f"python -m apps.{method} --dataset={dataset} --seed=7",
    }
    (path / "config.json").write_text(json.dumps(config))
    (path / "evaluation.json").write_text(json.dumps(evaluation))
    with (path / "metrics.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(metrics)
        writer.writerows(zip(*metrics.values(), strict=True))
    return path


def curves(rng: np.random.Generator) -> dict:
    steps = np.arange(10, 410, 10)
    return {
        "step": steps,
        "seconds": steps * 0.5,
        "steps_per_second": np.full(40, 2.0),
        "discriminator_loss": rng.normal(size=40),
        "generator_loss": rng.normal(size=40),
    }


@pytest.fixture
def image_run(tmp_path: Path) -> Path:
    """MD-GAN on 10x10 grey images of three classes, three snapshots."""
    rng = np.random.default_rng(0)
    evaluation = {
        "seed": 7,
        "steps": 400,
        "samples": 9876,
        "frechet_distance": 12.3456,
        "feature_network": "toy classifier",
        "classifier_score": 2.5,
        "class_histogram": [0.5, 0.3, 0.2],
        "wall_seconds": 432.1,
        "steps_per_second": 2.345,
        "peak_rss_mb": 1500.4,
        "real": {
            "frechet_distance": 0.4321,
            "classifier_score": 2.9,
            "class_histogram": [0.4, 0.3, 0.3],
        },
    }
    path = write_run(
        tmp_path / "images",
        method="mdgan",
        dataset="toy_images",
        metrics=curves(rng),
        evaluation=evaluation,
    )
    np.savez(
        path / "samples" / "real.npz",
        samples=rng.uniform(size=(20, 10, 10, 1)).astype(np.float32),
        labels=rng.integers(3, size=20),
        class_names=np.array(CLASSES),
    )
    for step in (0, 200, 400):
        np.savez(
            path / "samples" / f"step_{step:09d}.npz",
            samples=rng.uniform(size=(16, 10, 10, 1)).astype(np.float32),
            embeddings=rng.normal(size=(30, 7)).astype(np.float32),
            labels=rng.integers(3, size=30),
        )
    return path


@pytest.fixture
def point_run(tmp_path: Path) -> Path:
    """MD-GAN on a mixture of four Gaussians of which one is missed, three snapshots."""
    rng = np.random.default_rng(1)
    means = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    labels = rng.integers(4, size=200)
    metrics = curves(rng)
    metrics["modes_covered"] = ["", "3"] * 20
    metrics["modes_strict"] = ["", "2"] * 20
    metrics["high_quality"] = ["", "0.875"] * 20
    evaluation = {
        "seed": 7,
        "steps": 400,
        "samples": 1000,
        "modes_total": 4,
        "modes_covered": 3,
        "modes_strict": 3,
        "high_quality": 0.912,
        "reverse_kl": 0.0567,
        "mode_counts": [300, 312, 300, 0],
        "wall_seconds": 20.0,
        "steps_per_second": 20.0,
        "real": {"modes_covered": 4, "modes_strict": 4, "high_quality": 0.989},
    }
    path = write_run(
        tmp_path / "points", method="mdgan", dataset="grid", metrics=metrics, evaluation=evaluation
    )
    real = means[labels] + 0.05 * rng.normal(size=(200, 2))
    np.savez(
        path / "samples" / "real.npz",
        samples=real.astype(np.float32),
        labels=labels,
        means=means,
        std=np.full(4, 0.05),
    )
    for step in (0, 200, 400):
        points = means[rng.integers(3, size=150)] + 0.05 * rng.normal(size=(150, 2))
        np.savez(
            path / "samples" / f"step_{step:09d}.npz",
            samples=points.astype(np.float32),
            embeddings=rng.normal(size=(200, 7)).astype(np.float32),
            labels=labels,
        )
    return path


def told_of(table: list, samples: list) -> dict:
    """What evaluation.json tells of three generators."""
    return {
        "generators": 3,
        "generator_samples": samples,
        "generator_overlap": 0.01234,
        "effective_generators": 2.9987,
        "distinct_generators": 2.512,
        **({"generator_modes": table, "own_mode_generators": 2} if len(table[0]) == 4 else {}),
        **({"generator_classes": table} if len(table[0]) == 3 else {}),
    }


@pytest.fixture
def point_mixture_run(point_run: Path) -> Path:
    """MGAN's: each of three generators on a mode of its own, and a fourth mode missed."""
    rng = np.random.default_rng(2)
    with np.load(point_run / "samples" / "real.npz") as file:
        means = file["means"]
    for path in (point_run / "samples").glob("step_*.npz"):
        generators = rng.integers(3, size=150).astype(np.int32)
        points = means[generators] + 0.05 * rng.normal(size=(150, 2))
        np.savez(path, samples=points.astype(np.float32), generators=generators)
    table = [[290, 0, 5, 0], [0, 312, 0, 0], [10, 0, 295, 0]]
    return with_evaluation(point_run, told_of(table, [340, 320, 340]))


@pytest.fixture
def image_mixture_run(image_run: Path) -> Path:
    """MIM-GAN's: images of three generators, the last with little to do."""
    rng = np.random.default_rng(3)
    for path in (image_run / "samples").glob("step_*.npz"):
        rows = rng.uniform(size=(3, 8, 10, 10, 1)).astype(np.float32)
        np.savez(
            path,
            samples=rows[0].repeat(2, axis=0),
            generators=np.arange(16) % 2,
            by_generator=rows,
        )
    table = [[4000, 900, 0], [500, 0, 4400], [38, 19, 19]]
    return with_evaluation(image_run, told_of(table, [4900, 4900, 76]))


INVERSE = {
    "real_samples": 1000,
    "data_error": 0.0321,
    "latent_error": 0.456,
    "latent_mean": 0.0789,
    "latent_ks": 0.0654,
    "floor": {"latent_mean": 0.0123, "latent_ks": 0.0234},
}


@pytest.fixture
def point_inverse_run(point_run: Path) -> Path:
    """InvertGAN's: latents in two dimensions of four modes, the last of which is missed."""
    rng = np.random.default_rng(4)
    with np.load(point_run / "samples" / "step_000000400.npz") as file:
        samples = file["samples"]
    np.savez(
        point_run / "samples" / "inverse.npz",
        step=400,
        split=np.array("test"),
        latents=rng.normal(size=(120, 2)).astype(np.float32),
        labels=np.arange(120) % 4,
        noise=rng.normal(size=(150, 2)).astype(np.float32),
        samples=samples,
    )
    return with_evaluation(point_run, {"inverse": INVERSE})


@pytest.fixture
def image_inverse_run(image_run: Path) -> Path:
    """InvertGAN's: 6 images there and back, and 2 ways of 4 images."""
    rng = np.random.default_rng(5)
    images = rng.uniform(size=(6, 10, 10, 1)).astype(np.float32)
    np.savez(
        image_run / "samples" / "inverse.npz",
        step=400,
        split=np.array("train"),
        latents=rng.normal(size=(90, 5)).astype(np.float32),
        labels=np.arange(90) % 3,
        images=images,
        reconstructions=images / 2,
        interpolations=rng.uniform(size=(2, 4, 10, 10, 1)).astype(np.float32),
    )
    return with_evaluation(image_run, {"inverse": {**INVERSE, "data_rmse": 0.0987}})


def with_evaluation(run: Path, more: dict) -> Path:
    path = run / "evaluation.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **more}))
    return run


def with_endings(run: Path, *, generators: bool = False) -> Path:
    """Ways between latents and nearest neighbours, as a run keeps them when it ends."""
    rng = np.random.default_rng(6)
    with np.load(run / "samples" / "step_000000400.npz") as file:
        samples = file["samples"]
    images = samples.ndim == 4
    shape = (3, 4, *samples.shape[1:])
    ways = rng.uniform(size=shape).astype(np.float32)
    makers = {"generators": np.arange(3, dtype=np.int32)} if generators else {}
    path = run / "samples" / "interpolations.npz"
    np.savez(path, step=400, curve=np.array("arc"), samples=ways, **makers)
    shown = {}
    if images:
        nearest = rng.uniform(size=(4, 5, *samples.shape[1:])).astype(np.float32)
        distances = np.sort(rng.uniform(0.2, 0.9, size=(4, 5)), axis=1)
        shown = {"samples": samples[:4], "nearest": nearest, "distances": distances}
    np.savez(
        run / "samples" / "neighbours.npz",
        step=400,
        space=np.array("pixels" if images else "plane"),
        train_used=500,
        train_size=600,
        sample_distances=rng.uniform(0.3, 0.8, size=100),
        test_distances=rng.uniform(0.4, 0.9, size=80),
        **shown,
    )
    return run


@pytest.fixture
def image_ending_run(image_run: Path) -> Path:
    return with_endings(image_run)


@pytest.fixture
def point_ending_run(point_mixture_run: Path) -> Path:
    return with_endings(point_mixture_run, generators=True)


@pytest.fixture
def sibling():
    """A function: a copy of a run with other flags, scores and metrics."""

    def make(run: Path, name: str, flags: dict, scores: dict | None = None, **config) -> Path:
        copy = shutil.copytree(run, run.parent / name)
        told = json.loads((copy / "config.json").read_text())
        told |= config
        told["flags"] |= flags
        (copy / "config.json").write_text(json.dumps(told))
        return with_evaluation(copy, {"seed": told["flags"]["seed"], **(scores or {})})

    return make
