"""Golden trajectories: the losses of a method's first steps, in float64, as files.

  python -m benchmarks.golden mdgan mgan     # writes kgan/methods/golden/mdgan.json, mgan.json
  python -m benchmarks.golden --check        # of all methods: how far today's losses are from them

A result is keyed to its method's file (`kgan.methods.golden`): whoever changes what a method
learns writes its file anew, says why in the commit, and so expires that method's results alone.
A test holds the code to the files within 1e-8, which any processor keeps.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kgan import presets
from kgan.data import Dataset
from kgan.files import replacing
from kgan.methods import golden

# Steps are run one a call, then two a call; fewer of images, whose networks are large.
CALLS = {"points": (1, 1, 1, 1, 2, 2), "images": (1, 1, 2)}
TOLERANCE = 1e-8
_IMAGE = (8, 8, 1)
# What presets do for many steps before their game begins or changes, in few; of several
# discriminators two are as good as all.
SHORT = {"pretraining_steps": 1, "margin_interval": 2, "round_steps": 2, "discriminators": 2}
# Losses that have another name today: no reason to expire results.
_RENAMED = {"mutual_information": "shared"}


@contextlib.contextmanager
def float64() -> Iterator[None]:
    """Make float64 the type of all that Keras makes meanwhile."""
    kept = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        yield
    finally:
        keras.config.set_floatx(kept[0])
        keras.config.set_dtype_policy(kept[1])


def trajectory(
    name: str, strategy: Any = None, *, calls: Sequence[int] | None = None, eagerly: bool = False
) -> dict[str, list[float]]:
    """Losses and metrics of each step of a preset, from fixed weights on fixed data.

    Args:
        name: of the preset; one of images is made for tiny ones.
        strategy: where to train; none for one replica.
        calls: steps of each call, as of a file if not given.
        eagerly: without a graph, whose making takes as long as a dozen steps.
    """
    # Layers are numbered anew; not within a strategy's scope.
    keras.utils.clear_session(free_memory=False)
    with float64(), (strategy or tf.distribute.get_strategy()).scope():
        model = build(name)
        model.compile(run_eagerly=eagerly)
        batch = 2 * max(4, getattr(model, "num_generators", 1))
        function = model.make_train_function()
        iterator = iter(model.stream(_dataset(model.sample_shape), batch))
        calls = calls or CALLS[golden.KINDS[len(model.sample_shape) == 3]]
        history = np.concatenate([function.run(iterator, count) for count in calls])
    return {name: history[:, i].tolist() for i, name in enumerate(model.log_names)}


def build(name: str) -> Any:
    """The model of a preset, of always the same weights; one of images is for tiny ones."""
    preset = presets.get(name)
    points = len(preset.example_shape or _IMAGE) == 1
    shape = preset.example_shape if points else _IMAGE
    keras.utils.set_random_seed(0)
    known = {**preset.arguments, **preset.network_arguments}
    given: dict[str, Any] = {k: v for k, v in SHORT.items() if k in known}
    if "classifier" in preset.network_arguments:
        given["classifier"] = _classifier(shape)
    return presets.build(name, example_shape=shape, **given)


def _settings(name: str) -> str:
    """All that a trajectory depends on, of two presets that may have the same."""
    keras.utils.clear_session(free_memory=False)
    config = {k: v for k, v in build(name).get_config().items() if k != "preset"}
    preset = dataclasses.asdict(presets.get(name))
    fields = ("learning_rate", "beta_1", "beta_2", "algorithm", "rate_factors", "player_options")
    return json.dumps([config, *(preset[field] for field in fields)], default=str)


def distance(found: dict[str, list[float]], kept: dict[str, list[float]]) -> float:
    """The largest difference of two trajectories, relative to the larger of 1 and the value."""
    kept = {_RENAMED.get(name, name): losses for name, losses in kept.items()}
    if list(found) != list(kept):
        return float("inf")
    one, other = (np.array(list(losses.values())) for losses in (found, kept))
    return float(np.max(np.abs(one - other) / np.maximum(1.0, np.abs(other))))


def kept(method: str) -> dict[str, dict[str, dict[str, list[float]]]]:
    """What a method's file holds: kind of data, preset, loss, its value at each step."""
    path = golden.path(method)
    return json.loads(path.read_text()) if path.exists() else {}


def write(method: str) -> None:
    """Write the file of a method: its presets of points, and those of images that differ.

    What is there and holds stays to the last digit, so that its tag does.
    """
    found: dict[str, dict[str, Any]] = {kind: {} for kind in golden.KINDS}
    seen = set()
    # The preset for any images comes first: the others are kept where they differ from it.
    for name in sorted(presets.names(), key=lambda name: (not name.endswith("_images"), name)):
        preset = presets.get(name)
        if name != f"{method}_{preset.dataset or 'images'}":
            continue
        settings = _settings(name)
        if settings in seen:
            continue
        seen.add(settings)
        kind = golden.KINDS[len(preset.example_shape or _IMAGE) == 3]
        before = kept(method).get(kind, {}).get(name)
        losses = trajectory(name)
        holds = before is not None and distance(losses, before) < TOLERANCE
        found[kind][name] = before if holds else losses
    text = json.dumps(found, indent=1)
    # A line for each loss.
    text = re.sub(r"\[[^\]]*\]", lambda match: " ".join(match.group().split()), text)
    with replacing(golden.path(method)) as temporary:
        temporary.write_text(text + "\n")


def _dataset(shape: tuple[int, ...]) -> Dataset:
    """Numbers that all processors read alike: sixteenths, or pixels."""
    rng = np.random.default_rng(0)
    if len(shape) == 1:
        examples = (rng.integers(-32, 33, (512, *shape)) / 16).astype("float32")
    else:
        examples = rng.integers(0, 256, (512, *shape), dtype=np.uint8)
    return Dataset(name="golden", split="train", examples=examples)


def _classifier(shape: tuple[int, ...]) -> keras.Model:
    layers = [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(4)]
    return keras.Sequential(layers)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("methods", nargs="*", help="Default: all.")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    for method in options.methods or presets.methods():
        if not options.check:
            write(method)
        for name, losses in (item for part in kept(method).values() for item in part.items()):
            print(f"{name}: {distance(trajectory(name), losses):.1e}", flush=True)


if __name__ == "__main__":
    main()
