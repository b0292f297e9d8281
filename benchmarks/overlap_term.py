"""What MIM-GAN's term does: generators with it and without it, on five seeds.

  python -m benchmarks.overlap_term
  python -m benchmarks.overlap_term --output=docs/results/mimgan_overlap.md

Ten generators of Fashion-MNIST pooled to 8x8 pixels, dense networks, six samples of each generator
a step, 1,500 steps: where the discriminator alone does not part them. All but the term's weight is
the same in each row: data, networks, initial weights, noise and batches.

Measured by another classifier than the term's own, of other initial weights: generators learn what
theirs takes for a class besides what looks like one. `own_overlap` is what theirs sees.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers
from scipy import stats

import kgan
from benchmarks import timing
from kgan import Adam, data, metrics
from kgan.classifiers import training as classifier
from kgan.classifiers.features import class_probabilities

GENERATORS, LATENT_DIM, SIDE = 10, 32, 8
# Of `kgan.metrics.evaluate`: what is compared, with the number of digits.
SCORES = {
    "generator_overlap": 3,
    "own_overlap": 3,
    "distinct_generators": 2,
    "frechet_distance": 2,
    "classifier_score": 2,
}


def pooled(images: data.Dataset) -> data.Dataset:
    """28x28 images as means over 4x4 pixels, with a border of 2."""
    padded = np.pad(images.examples, ((0, 0), (2, 2), (2, 2), (0, 0)))
    means = padded.reshape(-1, SIDE, 4, SIDE, 4, 1).mean(axis=(2, 4))
    return data.Dataset(
        name=f"{images.name} pooled to {SIDE}x{SIDE}",
        split=images.split,
        examples=means.round().astype(np.uint8),
        labels=images.labels,
        source=images.source,
    )


def networks() -> tuple[keras.Model, keras.Model]:
    """One generator and a discriminator."""
    generator = [keras.Input((LATENT_DIM,))]
    for _ in range(2):
        generator += [layers.Dense(256), layers.BatchNormalization(momentum=0.9), layers.ReLU()]
    generator += [layers.Dense(SIDE**2, activation="sigmoid"), layers.Reshape((SIDE, SIDE, 1))]
    discriminator = [keras.Input((SIDE, SIDE, 1)), layers.Flatten()]
    for _ in range(2):
        discriminator += [layers.Dense(256), layers.LeakyReLU(0.2)]
    return keras.Sequential(generator), keras.Sequential([*discriminator, layers.Dense(1)])


def measure(
    train: data.Dataset,
    test: data.Dataset,
    looks: classifier.TrainedClassifier,
    judge: classifier.TrainedClassifier,
    *,
    diversity: float,
    seed: int,
    steps: int,
) -> dict[str, Any]:
    """Train MIM-GAN under what one classifier `looks` at; another one's scores, and seconds."""
    keras.utils.set_random_seed(seed)
    generator, discriminator = networks()
    model = kgan.MIMGAN(
        kgan.GeneratorBank(generator, GENERATORS),
        discriminator,
        looks.model,
        diversity=diversity,
        latent_distribution="normal",
        seed=seed,
    )
    model.compile(Adam(2e-4, beta_1=0.5), steps_per_execution=min(50, steps))
    start = time.perf_counter()
    model.fit(train, batch_size=64, steps_per_epoch=steps, verbose=0)
    seconds = time.perf_counter() - start
    images, generators = model.sample_with_generators(5_000, seed=seed)
    network = judge.feature_network()
    features, logits = network.predict(images, model.value_range)
    real, _ = network.predict(test.floats(np.arange(min(5_000, len(test)))), (0, 1))
    probabilities = class_probabilities(logits)
    _, seen = looks.feature_network().predict(images, model.value_range)
    table, own = (
        metrics.generator_class_table(p, generators, GENERATORS)
        for p in (probabilities, class_probabilities(seen))
    )
    statistics = [metrics.FeatureStatistics.from_features(f) for f in (features, real)]
    return {
        "generator_overlap": metrics.generator_overlap(table),
        "own_overlap": metrics.generator_overlap(own),
        "distinct_generators": metrics.distinct_generators(table),
        "frechet_distance": metrics.frechet_distance(*statistics),
        "classifier_score": metrics.classifier_score(probabilities),
        "seconds": seconds,
    }


def table(rows: dict[tuple[float, int], dict[str, Any]]) -> str:
    """A Markdown table: a row each, then mean and standard deviation by weight."""
    names = list(SCORES)
    lines = [
        f"| weight | seed | {' | '.join(names)} | seconds |",
        "|" + " ---: |" * (len(names) + 3),
    ]
    for (diversity, seed), row in rows.items():
        cells = [f"{row[n]:.{SCORES[n]}f}" for n in names]
        lines.append(f"| {diversity:g} | {seed} | {' | '.join(cells)} | {row['seconds']:.0f} |")
    for diversity in dict.fromkeys(key[0] for key in rows):
        values = {n: [r[n] for k, r in rows.items() if k[0] == diversity] for n in names}
        cells = [metrics.Repeated.of(v).text(SCORES[n]) for n, v in values.items()]
        lines.append(f"| {diversity:g} | all | {' | '.join(cells)} | |")
    return "\n".join(lines)


def effect(rows: dict[tuple[float, int], dict[str, Any]], weight: float) -> str:
    """The paired difference in overlap between `weight` and 0, with its 95% interval."""
    seeds = [seed for diversity, seed in rows if diversity == 0]
    pairs = [
        rows[0.0, s]["generator_overlap"] - rows[weight, s]["generator_overlap"] for s in seeds
    ]
    text = f"Overlap without the term less with it at weight {weight:g}: mean {np.mean(pairs):.3f}"
    if len(pairs) < 2:
        return text
    low, high = stats.t.interval(0.95, len(pairs) - 1, np.mean(pairs), stats.sem(pairs))
    return f"{text}, 95% interval {low:.3f} to {high:.3f} (Student's t, {len(pairs)} pairs)"


def compare(weights: Sequence[float], seeds: Sequence[int], steps: int) -> list[str]:
    """Train and measure all; the paragraphs of the report."""
    train, test = (pooled(data.load("fashion_mnist", split=s)) for s in ("train", "test"))
    looks = classifier.cached_classifier(train, test)
    judge = classifier.train_classifier(train, test, seed=1)
    rows = {}
    for seed in seeds:
        for weight in weights:
            rows[float(weight), seed] = measure(
                train, test, looks, judge, diversity=weight, seed=seed, steps=steps
            )
            print(weight, seed, rows[float(weight), seed], flush=True)
    effects = [effect(rows, float(w)) for w in weights if w > 0 and 0 in weights]
    accuracy = (
        f"{steps} steps; the term's classifier gets {looks.accuracy:.1%} of the test images right, "
        f"the one that measures {judge.accuracy:.1%}."
    )
    return [accuracy, table(rows), *effects]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = timing.parser("overlap_term", __doc__)
    parser.add_argument("--weights", type=float, nargs="+", default=[0.0, 0.1, 1.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--steps", type=int, default=1_500)
    parser.add_argument("--output", type=Path, help="a Markdown file to write")
    return parser.parse_args(arguments)


def main() -> None:
    """Compare as the command line says; print the tables, and write them where --output says."""
    given = parse()
    paragraphs = compare(given.weights, given.seeds, given.steps)
    paragraphs += timing.conditions()
    print("\n\n".join(paragraphs))
    if given.output:
        timing.write(
            given.output, "MIM-GAN's generators with the overlap term and without", paragraphs
        )


if __name__ == "__main__":
    main()
