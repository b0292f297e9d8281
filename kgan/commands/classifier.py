"""Train the classifier of a data set: images are measured in its features, MIM-GAN learns from it.

  python -m apps.classifier --dataset=fashion_mnist
  python -m apps.classifier --dataset=celeb_a --attributes=Wearing_Hat,Eyeglasses

Evaluations and MIM-GAN train it by themselves where it is missing. It is kept in kgan's cache
($KGAN_CACHE, or ~/.cache/kgan) beside a record of its accuracy, and replaces the one before of the
same --network, --attributes, --any_attribute, --noise and --label_smoothing.
"""

from __future__ import annotations

from typing import Any

from absl import flags

from kgan.commands import data_flags, launch, option_flags
from kgan.methods import catalog

FLAGS = flags.FLAGS

flags.DEFINE_integer(
    "epochs",
    None,
    "Passes over the training examples. Default: as many as take 1,875 steps, 1,000 for points.",
)
_OUTPUT = flags.DEFINE_string(
    "output", None, "Where to write it, a name ending in .keras. Default: the cache."
)
option_flags.define(catalog.options("classifier"))
for _module in (data_flags, launch):
    flags.adopt_module_key_flags(_module)


def train(
    dataset: str,
    *,
    output: str | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    kind: dict[str, Any] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Trains and writes a classifier.

    Args:
        dataset: name for `kgan.data.load`.
        output: file to write, ending in .keras; None for the cache.
        epochs: passes over the training examples.
        batch_size: examples per step.
        seed: of weights, noise and batches.
        kind: network, attributes, any_attribute, noise and label_smoothing of
            `kgan.classifiers.training.train_classifier`, where not its defaults.
        **options: of `kgan.data.load`.

    Returns:
        Its record, and `path`, where it is.

    Raises:
        KganError: with one sentence, for all that a user can cause.
    """
    from kgan import data  # TensorFlow: --help should not wait for it.
    from kgan.classifiers import training as classifier

    kind = kind or {}
    given = {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    training: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    train_set = data.load(dataset, split=classifier.labelled_split(dataset), **options)
    test_set = data.load(dataset, split="test", **options)
    # Before minutes of training.
    path = classifier.writable_path(output or classifier.cache_path(train_set, **kind))
    trained = classifier.train_classifier(train_set, test_set, **kind, **training)
    classifier.save_classifier(trained, path)
    return {**trained.record, "tested": len(test_set), "path": str(path)}


def main() -> None:
    """Train as the flags say; print the accuracy and where the classifier is."""
    from kgan.errors import InputError

    if not FLAGS["dataset"].present:
        raise InputError("Name the data set to classify, as --dataset=fashion_mnist.")
    training = launch.given(["epochs", "batch_size", "seed"])
    kind = option_flags.given(catalog.options("classifier"))
    options = data_flags.options()
    record = train(FLAGS.dataset, output=_OUTPUT.value, kind=kind, **options, **training)
    what = "images" if len(record["image_shape"]) == 3 else "points"
    print(
        f"{record['dataset']}: {record['accuracy']:.2%} of {record['tested']:,} test {what} right "
        f"after {record['epochs']} epochs, {record['seconds']:.0f} s\n{record['path']}"
    )
