"""Where a model trains: one device, one machine, or several workers."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import tensorflow as tf

from kgan.errors import InputError
from kgan.files import local_path

STRATEGIES = ("mirrored", "multi_worker", "none")


def make_strategy(name: str) -> tf.distribute.Strategy:
    """A `tf.distribute` strategy by its flag's name.

    Args:
        name: `"mirrored"`: all GPUs of this machine, or all its logical CPUs where it has none;
            `"multi_worker"`: the workers in the environment's TF_CONFIG; `"none"`: one device.

    Raises:
        InputError: if the name is unknown, or TF_CONFIG missing or wrong.
    """
    if name == "none":
        return tf.distribute.get_strategy()
    if name == "mirrored":
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    if name == "multi_worker":
        try:
            json.loads(os.environ["TF_CONFIG"])["cluster"]["worker"][0]
            return tf.distribute.MultiWorkerMirroredStrategy()
        except (LookupError, ValueError, TypeError) as error:
            raise InputError(
                "`strategy=multi_worker` needs TF_CONFIG with the cluster's workers and this "
                "one's task in the environment. Received: "
                f"TF_CONFIG={os.environ.get('TF_CONFIG')!r}"
            ) from error
    raise InputError(f"The strategy must be one of {STRATEGIES}. Received: {name!r}")


def check_scope(strategy: tf.distribute.Strategy, variables: Iterable[keras.Variable]) -> None:
    """Check that variables were made where a model trains.

    Raises:
        InputError: if one was made elsewhere, or another strategy's scope is the current one.
    """
    advice = (
        "A model, its networks and its optimizers must be made within the scope of the strategy "
        "that it trains on: with strategy.scope():"
    )
    if tf.distribute.has_strategy() and tf.distribute.get_strategy() is not strategy:
        raise InputError(
            f"{advice} Received: a model of {type(strategy).__name__}, compiled within the scope "
            f"of {type(tf.distribute.get_strategy()).__name__}."
        )
    for variable in variables:
        if not strategy.extended.variable_created_in_scope(variable.value):
            raise InputError(
                f"{advice} Received: {variable.path} of elsewhere, for {type(strategy).__name__}."
            )


@contextmanager
def workplace(strategy: tf.distribute.Strategy, path: str | Path) -> Iterator[Path]:
    """Where this process writes: `path` if it is the chief, else a folder that goes away.

    All workers do the same job, since collectives need them all; one copy of its files is kept.
    """
    with strategy.scope():
        chief = is_chief()
    if chief:
        yield local_path(path, "output_dir")
        return
    with tempfile.TemporaryDirectory(prefix="kgan-worker-") as folder:
        yield Path(folder)


def is_chief() -> bool:
    """Whether this process is the one that writes files."""
    resolver = tf.distribute.get_strategy().cluster_resolver
    if resolver is None or not resolver.task_type:
        return True
    return resolver.task_type == "chief" or (
        resolver.task_type == "worker"
        and resolver.task_id == 0
        and "chief" not in resolver.cluster_spec().jobs
    )
