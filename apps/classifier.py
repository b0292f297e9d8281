"""Train the classifier in whose features the images of a data set are measured.

  python -m apps.classifier --dataset=fashion_mnist

Evaluations train it by themselves where it is missing. It is kept in kgan's cache ($KGAN_CACHE, or
~/.cache/kgan) beside a record of its accuracy, and replaces the one before.
"""

from __future__ import annotations

from typing import Any

from absl import flags

from apps import common

FLAGS = flags.FLAGS

_EPOCHS = flags.DEFINE_integer(
    "epochs", None, "Passes over the training images. Default: as many as take 1,875 steps."
)
_OUTPUT = flags.DEFINE_string(
    "output", None, "Where to write it, a name ending in .keras. Default: the cache."
)
_COMMON = ("dataset", "data_dir", "image_size", "on_broken", "seed", "batch_size", "debug")
for _name in _COMMON:
    flags.declare_key_flag(_name)


def train(
    dataset: str,
    *,
    data_dir: str | None = None,
    image_size: int | None = None,
    on_broken: str = "error",
    output: str | None = None,
    **training: Any,
) -> dict[str, Any]:
    """Trains and writes a classifier.

    Args:
        dataset: name for `kgan.data.load`.
        data_dir: where the data lie.
        image_size: side to resize to.
        on_broken: what to do with broken image files.
        output: file to write, ending in .keras; None for the cache.
        **training: `epochs`, `batch_size` and `seed` of `train_classifier`.

    Returns:
        Its record, and `path`, where it is.

    Raises:
        KganError: with one sentence, for all that a user can cause.
    """
    from kgan import data  # TensorFlow: --help should not wait for it.
    from kgan.training import classifier

    options: dict[str, Any] = {
        "data_dir": data_dir,
        "image_size": image_size,
        "on_broken": on_broken,
    }
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
    # The flags of training runs are known here too, and would do nothing.
    defined = FLAGS.flags_by_module_dict()[common.__name__]
    idle = [flag.name for flag in defined if flag.present and flag.name not in _COMMON]
    if idle:
        raise InputError(f"apps.classifier has no flag --{idle[0]}. Try --help.")
    known = [name for name in _COMMON if name not in ("dataset", "debug")]
    record = train(FLAGS.dataset, output=_OUTPUT.value, **common.given([*known, "epochs"]))
    print(
        f"{record['dataset']}: {record['accuracy']:.2%} of {record['tested']:,} test images right "
        f"after {record['epochs']} epochs, {record['seconds']:.0f} s\n{record['path']}"
    )


if __name__ == "__main__":
    common.start(main)
