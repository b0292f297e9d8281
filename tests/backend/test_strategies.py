"""Strategies by name, and who is the one that writes."""

import json

import pytest
import tensorflow as tf

from kgan.backend.strategies import STRATEGIES, is_chief, make_strategy
from kgan.errors import InputError


def test_none_is_one_device():
    strategy = make_strategy("none")
    assert strategy.num_replicas_in_sync == 1
    assert strategy is tf.distribute.get_strategy()


def test_mirrored_takes_all_logical_cpus_where_there_is_no_gpu():
    strategy = make_strategy("mirrored")
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
