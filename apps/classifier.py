"""Train the classifier in whose features the images of a data set are measured.

  python -m apps.classifier --dataset=fashion_mnist

Evaluations train it by themselves where it is missing. It is kept in kgan's cache ($KGAN_CACHE, or
~/.cache/kgan) beside a record of its accuracy, and replaces the one before.
"""

from __future__ import annotations

from typing import Any

from absl import flags

from apps import data_flags, launch

FLAGS = flags.FLAGS

_EPOCHS = flags.DEFINE_integer(
    "epochs", None, "Passes over the training images. Default: as many as take 1,875 steps."
)
_OUTPUT = flags.DEFINE_string(
    "output", None, "Where to write it, a name ending in .keras. Default: the cache."
)
for _module in (data_flags, launch):
    flags.adopt_module_key_flags(_module)


def train(
    dataset: str,
    *,
    output: str | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    **options: Any,
) -> dict[str, Any]:
    """Trains and writes a classifier.

    Args:
        dataset: name for `kgan.data.load`.
        output: file to write, ending in .keras; None for the cache.
        epochs: passes over the training images.
        batch_size: images per step.
        seed: of weights and batches.
        **options: of `kgan.data.load`.

    Returns:
        Its record, and `path`, where it is.

    Raises:
        KganError: with one sentence, for all that a user can cause.
    """
    from kgan import data  # TensorFlow: --help should not wait for it.
    from kgan.training import classifier

    given = {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    training: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    train_set = data.load(dataset, split=classifier.labelled_split(dataset), **options)
    test_set = data.load(dataset, split="test", **options)
    # Before minutes of training.
    path = classifier.writable_path(output or classifier.cache_path(train_set))
    trained = classifier.train_classifier(train_set, test_set, **training)
    classifier.save_classifier(trained, path)
    return {**trained.record, "tested": len(test_set), "path": str(path)}


def main() -> None:
    """Train as the flags say; print the accuracy and where the classifier is."""
    from kgan.errors import InputError

    if not FLAGS["dataset"].present:
        raise InputError("Name the data set to classify, as --dataset=fashion_mnist.")
    training = launch.given(["epochs", "batch_size", "seed"])
    record = train(FLAGS.dataset, output=_OUTPUT.value, **data_flags.options(), **training)
    print(
        f"{record['dataset']}: {record['accuracy']:.2%} of {record['tested']:,} test images right "
        f"after {record['epochs']} epochs, {record['seconds']:.0f} s\n{record['path']}"
    )


if __name__ == "__main__":
    launch.start(main)
