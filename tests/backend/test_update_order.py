"""What a step reads before a write it still reads before it, when TensorFlow has optimised it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops
from tensorflow.core.protobuf import config_pb2
from tensorflow.python.grappler import tf_optimizer
from tensorflow.python.training.saver import export_meta_graph

import kgan
from kgan.layers import SpectralDense

WRITES = ("Assign", "ResourceApply")


@keras.saving.register_keras_serializable("kgan_tests")
class LinearGame(kgan.AdversarialModel):
    """The gradient of the critic's last layer does not depend on that layer."""

    def __init__(self, generator, critic):
        super().__init__(
            generator,
            players=[kgan.Player("critic", [critic]), kgan.Player("generator", [generator])],
            phases=[kgan.Phase("critic", repeats=2), kgan.Phase("generator")],
        )
        self.critic = critic

    def critic_loss(self, turn):
        fake, real = (self.critic(x, training=turn.training) for x in (turn.fake, turn.real))
        return ops.mean(fake) - ops.mean(real)

    def generator_loss(self, turn):
        return -ops.mean(self.critic(turn.fake, training=turn.training))


def ancestors(graph):
    """All that must be done before each node: `{name: set of names}`."""
    nodes = {node.name: node for node in graph.node}
    found = {}

    def visit(name):
        if name not in found:
            inputs = {i.lstrip("^").split(":")[0] for i in nodes[name].input}
            found[name] = inputs.union(*map(visit, inputs))
        return found[name]

    for name in nodes:
        visit(name)
    return found


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
# The spectral one also writes in the forward pass.
@pytest.mark.parametrize("dense", [layers.Dense, SpectralDense])
def test_the_dependency_optimizer_keeps_reads_and_writes_in_order(optimizer, dense):
    critic = keras.Sequential([keras.Input((2,)), dense(4, "tanh"), dense(1)])
    model = LinearGame(kgan.networks.mlp(3, [4], 2), critic)
    model.compile(kgan.Adam() if optimizer == "adam" else optimizer)
    graph = (
        tf.function(model.train_step, autograph=False)
        .get_concrete_function(tf.TensorSpec((8, 2), tf.float32))
        .graph
    )
    before = graph.as_graph_def()
    meta = export_meta_graph(graph_def=before, graph=graph)
    wanted = [tensor.name for tensor in (*graph.outputs, *graph.control_outputs)]
    meta.collection_def["train_op"].node_list.value.extend(wanted)
    options = config_pb2.ConfigProto()
    options.graph_options.rewrite_options.optimizers.append("dependency")
    options.graph_options.rewrite_options.min_graph_nodes = -1
    after = tf_optimizer.OptimizeGraph(options, meta)
    assert len(after.node) < len(before.node)

    resources = {n.name: n.input[0] for n in before.node if n.op.startswith((*WRITES, "ReadV"))}
    reads = {n.name for n in before.node if n.op == "ReadVariableOp"}
    first, last = ancestors(before), ancestors(after)
    pairs = [
        (one, other)
        for one, resource in resources.items()
        for other in resources
        if one in first[other] and resource == resources[other] and not {one, other} <= reads
    ]
    assert len(pairs) > 20
    kept = [one in last[other] for one, other in pairs if one in last and other in last]
    assert np.sum(kept) > 20
    assert all(kept)
