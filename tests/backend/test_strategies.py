"""Strategies by name, and who is the one that writes."""

import json
import types

import pytest
import tensorflow as tf

from kgan.backend.strategies import STRATEGIES, is_chief, make_strategy, slurm_cluster, told
from kgan.errors import InputError


def test_none_is_one_device():
    strategy = make_strategy("none")
    assert strategy.num_replicas_in_sync == 1
    assert strategy is tf.distribute.get_strategy()


def test_auto_takes_all_logical_cpus_where_there_is_no_gpu():
    strategy = make_strategy("auto")
    assert isinstance(strategy, tf.distribute.MirroredStrategy)
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    assert strategy.num_replicas_in_sync == len(devices)


def test_unknown_name():
    with pytest.raises(InputError, match=r"one of .*mirrored.* Received: 'tpu'"):
        make_strategy("tpu")
    assert "tpu" not in STRATEGIES


@pytest.mark.parametrize(
    "config",
    [
        None,
        "",
        "no json",
        "[]",
        "3",
        "null",
        "{}",
        '{"cluster": {}}',
        '{"cluster": {"worker": []}}',
        '{"cluster": {"worker": ["127.0.0.1:1"]}}',
        '{"cluster": {"worker": ["127.0.0.1:1"]}, "task": {"type": "worker", "index": 1}}',
        '{"cluster": {"worker": ["127.0.0.1:1"]}, "task": {"type": "evil", "index": 0}}',
    ],
)
def test_multi_worker_needs_the_cluster(monkeypatch, config):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if config is not None:
        monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(InputError, match="needs TF_CONFIG with the cluster's workers"):
        make_strategy("multi_worker")


SLURM = {
    "SLURM_JOB_ID": "4321007",
    "SLURM_PROCID": "2",
    "SLURM_STEP_NUM_TASKS": "3",
    "SLURM_STEP_NODELIST": "n[01-02]",
    "SLURM_STEP_TASKS_PER_NODE": "2,1",
    "SLURMD_NODENAME": "n02",
}


def in_slurm(monkeypatch, **changes):
    for name, value in {**SLURM, **changes}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


def test_the_tasks_of_a_slurm_job_are_the_workers(monkeypatch):
    in_slurm(monkeypatch)
    resolver = slurm_cluster()
    addresses = ["n01:21007", "n01:21008", "n02:21007"]
    assert resolver.cluster_spec().as_dict() == {"worker": addresses}
    assert (resolver.task_type, resolver.task_id) == ("worker", 2)
    assert resolver.num_accelerators() == {"GPU": len(tf.config.list_physical_devices("GPU"))}


@pytest.mark.parametrize(
    "changes",
    [
        {"SLURM_PROCID": None},
        {"SLURM_PROCID": "3"},
        {"SLURM_STEP_NUM_TASKS": "x"},
        {"SLURM_STEP_NUM_TASKS": "4"},
        {"SLURM_STEP_NODELIST": "n[01"},
        {"SLURM_STEP_TASKS_PER_NODE": ""},
    ],
)
def test_slurm_needs_its_variables(monkeypatch, changes):
    in_slurm(monkeypatch, **changes)
    with pytest.raises(InputError, match=r"needs the variables that Slurm .*SLURM_STEP_NUM_TASKS="):
        make_strategy("slurm")


def test_nodes_in_another_order_than_the_alphabets_are_refused(monkeypatch):
    names = {"SLURM_STEP_NODELIST": "n9,n10", "SLURMD_NODENAME": "n10"}
    in_slurm(monkeypatch, **names, SLURM_STEP_TASKS_PER_NODE="1(x2)", SLURM_STEP_NUM_TASKS="2")
    monkeypatch.setenv("SLURM_PROCID", "1")
    with pytest.raises(InputError, match="n9:21007 is task 1, which Slurm has on n10"):
        make_strategy("slurm")


def test_a_strategy_is_taken_as_it_is_unless_its_replicas_go_their_own_ways(two_replicas):
    assert make_strategy(two_replicas) is two_replicas
    other = object.__new__(tf.distribute.experimental.ParameterServerStrategy)
    with pytest.raises(InputError, match="ParameterServerStrategy; give a MirroredStrategy"):
        make_strategy(other)


def test_where_it_trains_is_told(two_replicas, monkeypatch):
    assert told(two_replicas) == "the CPU as 2 devices"
    assert told(make_strategy("none")) == "the CPU"
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": ["a:1", "b:1"]}), task_type="worker", task_id=1
    )
    devices = [f"/job:worker/replica:0/task:1/device:GPU:{i}" for i in (0, 2)]
    extended = types.SimpleNamespace(worker_devices=devices)
    gpus = [f"gpu {i}" for i in range(4)]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus)
    monkeypatch.setattr(
        tf.config.experimental, "get_device_details", lambda gpu: {"device_name": f"Model of {gpu}"}
    )
    there = types.SimpleNamespace(extended=extended, cluster_resolver=resolver)
    assert told(there) == (
        "GPU:0, GPU:2 (Model of gpu 0, Model of gpu 2), 2 of 4; worker 1, 2 in all"
    )


def test_gpus_grow_and_one_is_taken_unless_all_are_asked_for(monkeypatch):
    grown, taken = [], []
    monkeypatch.delenv("TF_FORCE_GPU_ALLOW_GROWTH", raising=False)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["g0", "g1"])
    monkeypatch.setattr(
        tf.config.experimental, "set_memory_growth", lambda gpu, on: grown.append((gpu, on))
    )
    there = [types.SimpleNamespace(name=f"/device:GPU:{i}") for i in range(2)]
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: there)
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", taken.append)
    make_strategy("auto")
    assert grown == [("g0", True), ("g1", True)] and taken == [["/device:GPU:0"]]
    monkeypatch.setenv("TF_FORCE_GPU_ALLOW_GROWTH", "false")
    make_strategy("mirrored")
    assert len(grown) == 2 and taken[1] == ["/device:GPU:0", "/device:GPU:1"]


@pytest.mark.parametrize(
    ("jobs", "task", "index", "chief"),
    [
        ({"worker": 2}, "worker", 0, True),
        ({"worker": 2}, "worker", 1, False),
        ({"chief": 1, "worker": 2}, "chief", 0, True),
        ({"chief": 1, "worker": 2}, "worker", 0, False),
    ],
)
def test_chief(monkeypatch, jobs, task, index, chief):
    config = {
        "cluster": {job: [f"127.0.0.1:{i}" for i in range(n)] for job, n in jobs.items()},
        "task": {"type": task, "index": index},
    }
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()

    class Worker:
        cluster_resolver = resolver

    monkeypatch.setattr(tf.distribute, "get_strategy", Worker)
    assert is_chief() is chief


def test_a_process_alone_is_the_chief(two_replicas):
    assert is_chief()
    with two_replicas.scope():
        assert is_chief()
