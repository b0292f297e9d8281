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

STRATEGIES = ("auto", "mirrored", "multi_worker", "slurm", "none")
_GROWTH = "TF_FORCE_GPU_ALLOW_GROWTH"
_SLURM = ("PROCID", "STEP_NUM_TASKS", "STEP_NODELIST", "STEP_TASKS_PER_NODE")


def make_strategy(name: str | tf.distribute.Strategy) -> tf.distribute.Strategy:
    """A `tf.distribute` strategy by its flag's name.

    GPUs are given memory as it is needed, unless TF_FORCE_GPU_ALLOW_GROWTH says otherwise, or
    TensorFlow uses them already.

    Args:
        name: `"auto"`: the first GPU of this machine, or all its logical CPUs where it has none;
            `"mirrored"`: all its GPUs, or the same; `"multi_worker"`: the workers in the
            environment's TF_CONFIG; `"slurm"`: the tasks of this Slurm job step; `"none"`: what
            TensorFlow takes by itself. A strategy is taken as it is.

    Raises:
        InputError: if the name is unknown, TF_CONFIG or Slurm's variables are missing or wrong, or
            the strategy is one whose replicas do not take their steps together.
    """
    if isinstance(name, tf.distribute.Strategy):
        return _synchronous(name)
    grow_memory()
    if name == "none":
        return tf.distribute.get_strategy()
    if name in ("auto", "mirrored"):
        gpus = tf.config.list_logical_devices("GPU")[: 1 if name == "auto" else None]
        devices = gpus or tf.config.list_logical_devices("CPU")
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
    if name == "slurm":
        return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=slurm_cluster())
    raise InputError(f"The strategy must be one of {STRATEGIES}. Received: {name!r}")


def _synchronous(strategy: tf.distribute.Strategy) -> tf.distribute.Strategy:
    if isinstance(strategy, tf.distribute.experimental.ParameterServerStrategy):
        raise InputError(
            "A game's replicas take their steps together, and those of a parameter server do not. "
            "Received: a ParameterServerStrategy; give a MirroredStrategy or a "
            "MultiWorkerMirroredStrategy."
        )
    return strategy


def slurm_cluster() -> tf.distribute.cluster_resolver.ClusterResolver:
    """The tasks of this Slurm job step as workers, by TensorFlow's `SlurmClusterResolver`.

    Each task has the GPUs that Slurm lets it see. TensorFlow's resolver by itself asks nvidia-smi,
    which nodes without GPUs lack, and shares out what it finds anew. Ports are of the job's number,
    so that two jobs on a node do not meet: 20000 to 29999 for the first task of each, and on.

    Raises:
        InputError: Slurm's variables are missing or wrong, or name nodes in an order that
            TensorFlow's resolver does not keep.
    """
    resolvers = tf.distribute.cluster_resolver
    told = {f"SLURM_{name}": os.environ.get(f"SLURM_{name}") for name in _SLURM}
    try:
        found = resolvers.SlurmClusterResolver(
            port_base=20_000 + int(os.environ.get("SLURM_JOB_ID", "0")) % 10_000,
            gpus_per_node=int(told["SLURM_STEP_NUM_TASKS"] or ""),
            gpus_per_task=1,
            auto_set_gpu=False,
        )
        workers = found.cluster_spec().as_dict()["worker"]
        own = workers[found.task_id]
    except (RuntimeError, ValueError, LookupError, TypeError) as error:
        received = ", ".join(f"{name}={value}" for name, value in told.items())
        raise InputError(
            "`strategy=slurm` needs the variables that Slurm gives to the tasks of `srun`. "
            f"Received: {received}"
        ) from error
    node = os.environ.get("SLURMD_NODENAME")
    if node and own.rpartition(":")[0] != node:
        raise InputError(
            f"TensorFlow's resolver takes nodes in the order of the alphabet, where {own} is task "
            f"{found.task_id}, which Slurm has on {node}. Name nodes with as many digits each, as "
            "n02 and n10, or give TF_CONFIG and `strategy=multi_worker`."
        )
    return resolvers.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": workers}),
        task_type="worker",
        task_id=found.task_id,
        num_accelerators={"GPU": len(tf.config.list_physical_devices("GPU"))},
        rpc_layer="grpc",
    )


def grow_memory() -> None:
    """Let GPUs' memory be taken as it is needed: others may use the rest.

    Nothing changes where TF_FORCE_GPU_ALLOW_GROWTH says what shall be, or TensorFlow uses a GPU
    already.
    """
    if _GROWTH in os.environ:
        return
    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # It is in use.
            return


def told(strategy: tf.distribute.Strategy) -> str:
    """Where a strategy trains, for the log: its devices here, and which worker this is."""
    gpus = tf.config.list_physical_devices("GPU")
    used, cpus = _devices(strategy, bool(gpus))
    if used:
        names = ", ".join(dict.fromkeys(_name_of(gpus[i]) for i in used if i < len(gpus)))
        found = f"{', '.join(f'GPU:{i}' for i in used)} ({names}), {len(used)} of {len(gpus)}"
    else:
        found = "the CPU" if cpus < 2 else f"the CPU as {cpus} devices"
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.task_type:
        return found
    workers = sum(len(tasks) for tasks in resolver.cluster_spec().as_dict().values())
    return f"{found}; {resolver.task_type} {resolver.task_id}, {workers} in all"


def _devices(strategy: tf.distribute.Strategy, gpus: bool) -> tuple[list[int], int]:
    """The numbers of this process's GPUs that take part, and how many CPU devices do."""
    try:
        named = strategy.extended.worker_devices
    except RuntimeError:  # TensorFlow's own choice, without a strategy.
        return ([0], 0) if gpus else ([], 1)
    specs = [tf.DeviceSpec.from_string(device) for device in named]
    used = [int(spec.device_index) for spec in specs if spec.device_type == "GPU"]
    return used, len(specs) - len(used)


def _name_of(gpu: tf.config.PhysicalDevice) -> str:
    details = tf.config.experimental.get_device_details(gpu)
    return str(details.get("device_name", "unknown"))


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
