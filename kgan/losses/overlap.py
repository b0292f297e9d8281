"""MIM-GAN's term: how much a mixture's generators overlap, told by a classifier of the data.

Source: Li, Liang, Neuman, Chen, Cui, "Multi-generator GAN learning disconnected manifolds with
mutual information" (Knowledge-Based Systems 212, 2021, 106513), Eqs. (4) and (5), Algorithm 1. A
frozen classifier C turns samples into class probabilities; the generators minimise lambda times one
of the terms here. Their arguments come from one pass of C over all K m samples:
for a bank's rows, whose row r is made by generator r % K from latents r, `ops.reshape(logits,
(m, K, classes))`.

This is our reading. Eq. (5) wants the mutual information `I(p(G_i(z)); p(G_j(z)))`, but the paper
never defines the joint distribution of Eq. (4). Section 3.3 asks for a value that is higher when
both generators make the digits 0 to 4 than when one of them makes 5 to 9. No mutual information of
the predictions can do that, as it does not change when classes change names: paired by the same z
it is log 5 in both cases if z decides the class, and of independent z it is 0 in both. It is also 0
when all generators make one and the same class, so total collapse would be its global minimum.
What the paper describes is the information that a sample's class *lacks* about its generator:

    H(generator | class) = H(generator) - I(generator; class) = log K - JSD(p_1, ..., p_K)

which `overlap` computes for all K generators at once and `pairwise` for every two, as Eq. (5) does.

It is one of two repairs of Eq. (4), `I = H(p_i) + H(p_j) - H(p_i, p_j)`. The other keeps its three
entropies and takes the pooled samples' for the joint one: `H(p_i) + H(p_j) - H((p_i + p_j) / 2)`.
That also falls as two generators part (both 0 to 4: log 5; 0 to 4 and 5 to 9: log 5 - log 2), but
it rewards generators of fewer classes besides: it is least, -log 2, where each makes one class
alone, of its own. It is not built.

    K = 2, uniform on their classes          overlap = pairwise   paired (z decides the class)
    both make 0 to 4                         log 2                log 5
    one makes 0 to 4, the other 5 to 9       0                    log 5
    one makes 0 to 4, the other 3 to 7       (2/5) log 2          log 5
    both make one class                      log 2                0

Where all generators are equal the gradients of `overlap` and `pairwise` by the logits vanish: it is
their maximum, and a saddle of the game. Generators need different weights or different latents to
leave it. The classifier must be soft: where it is certain, its own gradients vanish.

All values are in nats and float32. They and their gradients are finite for all probabilities, 0 and
1 included: no logarithm's argument is below 1e-30.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops
from scipy.special import xlogy
from scipy.stats import binom

from kgan.backend.precision import floats
from kgan.errors import InputError

_LEAST = 1e-30  # Far above float32's least number: some devices take those near it for 0.


def generator_class_probabilities(logits: Any) -> Any:
    """`p_k = mean_b softmax C(G_k(z_b))`: the classes that each generator makes.

    Args:
        logits: (m, K, classes) of m samples of each of K generators.

    Returns:
        (K, classes) float32, rows of sum 1.

    Raises:
        InputError: another rank.
    """
    return ops.mean(ops.softmax(_float("logits", logits, 3), axis=-1), axis=0)


def overlap(probabilities: Any, weights: Any = None) -> Any:
    """`H(generator | class)`: what a sample's class leaves open about its generator.

    It is `H(pi) - JSD_pi(p_1, ..., p_K)`, for equal weights
    `log K - [H(mean_k p_k) - mean_k H(p_k)]`, and costs O(K classes). With the posterior
    `q(k | c) = pi_k p_k(c) / sum_j pi_j p_j(c)` it is `-sum_k pi_k E_{c ~ p_k} log q(k | c)`, and
    its gradient is that of this cross-entropy with q held fixed: the force of MGAN's classifier of
    generators (Hoang et al. 2018, Eq. (2)), if that saw the class only, at its optimum.

    The p_k of few samples look less overlapping than they are, as JSD is convex.

    Args:
        probabilities: (K, classes), rows of sum 1: `generator_class_probabilities`.
        weights: (K,) probabilities pi of the generators, of sum 1; None for 1 / K.

    Returns:
        A scalar from 0 (no class has two generators) to H(pi), at most log K (all p_k are equal).

    Raises:
        InputError: another rank, or not one weight for each generator.
    """
    probabilities = _float("probabilities", probabilities, 2)
    generators = probabilities.shape[0]
    if weights is None:
        joint = probabilities / generators
    else:
        weights = _float("weights", weights, 1)
        if weights.shape[0] != generators:
            raise InputError(
                f"There must be one weight for each of the {generators} generators. "
                f"Received: {weights.shape[0]}"
            )
        joint = ops.expand_dims(weights, 1) * probabilities
    classes = ops.sum(joint, axis=0)
    # No term is negative, so that small values are not lost in the rounding of log K.
    return ops.sum(joint * (_log(classes) - _log(joint)))


def expected_overlap(samples: int, generators: int, classes: int) -> float:
    """What `overlap` is, on average, for K generators that are all the same.

    They make all classes alike, and the classifier is certain. From few samples each it is less
    than the log K that it should be: JSD is convex, and the p_k differ by chance.

    Args:
        samples: m, of each generator.
        generators: K.
        classes: how many the classifier tells.

    Returns:
        In nats, from near 0 to log K.
    """
    # log K - [H(mean_k p_k) - mean_k H(p_k)], of m K and of m draws.
    pooled, own = (_expected_entropy(n, classes) for n in (samples * generators, samples))
    return math.log(generators) - (pooled - own)


def _expected_entropy(draws: int, classes: int) -> float:
    """Of the histogram of draws from a uniform distribution over the classes."""
    counts = np.arange(draws + 1)
    shares = counts / draws
    return float(-classes * (binom.pmf(counts, draws, 1 / classes) * xlogy(shares, shares)).sum())


def pairwise(probabilities: Any) -> Any:
    """Eq. (5): `1/2 sum_{i != j} I_ij` with `I_ij = log 2 - JSD(p_i, p_j)`.

    Its gradient in one joint step is Algorithm 1's, which visits the generators one by one and
    descends `sum_{j != i} I_ij` with the others fixed: generator i is in the pairs (i, j) and
    (j, i), and the 1/2 makes them one. (The second argument of every pair must not be held fixed in
    the *joint* sum: that halves the force.) All K updates start from the same weights here, as the
    algorithm's mutual information does; the sum grows with K^2 where `overlap` grows with log K.

    Args:
        probabilities: (K, classes), rows of sum 1: `generator_class_probabilities`.

    Returns:
        A scalar from 0 (no class has two generators) to K (K - 1) / 2 log 2 (all p_k are equal).

    Raises:
        InputError: another rank.
    """
    probabilities = _float("probabilities", probabilities, 2)
    first, second = ops.expand_dims(probabilities, 1), ops.expand_dims(probabilities, 0)
    # I_ij = (A_ij + A_ji) / 2 with A_ij = sum_c p_i log((p_i + p_j) / p_i), all terms positive.
    halves = ops.sum(first * (_log(first + second) - _log(first)), axis=-1)
    return _sum_over_pairs(halves)


def paired(probabilities: Any) -> Any:
    """Eq. (4) read literally: `1/2 sum_{i != j}` of the mutual information under the same latents.

    The joint is `P_ij(a, b) = mean_z p_i(a | z) p_j(b | z)`. Its marginals are p_i and p_j, so its
    mutual information is well defined as it stands: no need to symmetrise P as IIC does (Ji et al.
    2019), whose two variables are the same network's; `P_ji` is the transpose of `P_ij`.

    For comparison only: it sees whether the generators react to z alike, not whether they make the
    same classes. Total collapse has its least value 0, and so have generators that ignore z.

    Args:
        probabilities: (m, K, classes), `p_k(c | z_b)`, of sum 1 over the classes. All K generators
            have the same m latents in the same order. Takes O(m (K classes)^2) time and
            O((K classes)^2) memory.

    Returns:
        A scalar from 0, up to rounding, to K (K - 1) / 2 log(classes).

    Raises:
        InputError: another rank.
    """
    probabilities = _float("probabilities", probabilities, 3)
    samples, generators, classes = ops.shape(probabilities)
    flat = ops.reshape(probabilities, (samples, generators * classes))
    joint = ops.matmul(ops.transpose(flat), flat) / floats(samples)
    joint = ops.reshape(joint, (generators, classes, generators, classes))
    # The marginals of this very matrix, whatever the multiplication's precision (TF32 on GPUs).
    first = ops.sum(joint, axis=3, keepdims=True)
    second = ops.sum(joint, axis=1, keepdims=True)
    terms = joint * (_log(joint) - _log(first) - _log(second))
    return _sum_over_pairs(ops.sum(terms, axis=(1, 3)))


def _sum_over_pairs(values: Any) -> Any:
    """`1/2 sum_{i != j}` of a (K, K) matrix."""
    return 0.5 * ops.sum(values * (1.0 - ops.eye(values.shape[0])))


def _log(values: Any) -> Any:
    return ops.log(ops.maximum(values, _LEAST))


def _float(name: str, values: Any, rank: int) -> Any:
    values = floats(values)
    if len(values.shape) != rank:
        shape = {1: "(K,)", 2: "(K, classes)", 3: "(m, K, classes)"}[rank]
        raise InputError(f"{name} must have the shape {shape}. Received: {tuple(values.shape)}")
    return values
