"""Small run directories as training leaves them."""

import csv
import json
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
