"""Every public loss against NumPy, SciPy or scikit-learn: in both precisions, and compiled."""

import inspect
import pkgutil
from importlib import import_module
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from scipy import special, stats
from scipy.linalg import sqrtm
from scipy.optimize import brentq
from sklearn import metrics as sklearn
from sklearn.metrics.pairwise import cosine_similarity

from kgan import losses
from kgan.losses import (
    adagan,
    adversarial,
    began,
    dfm,
    feature_matching,
    gaussian,
    gman,
    gradient_penalty,
    hinge,
    least_squares,
    madgan,
    magan,
    manifold,
    mixgan,
    mixture,
    mode_seeking,
    overlap,
    prior,
    realness,
    relativistic,
    simplex,
    values,
    veegan,
    wasserstein,
)

RNG = np.random.default_rng(0)
K, ROWS, REAL = 3, 48, 32
SIMPLEX = simplex.SimplexMixture(4, 0.25)
SUM_OF_ALL = simplex.SimplexMixture(4, 0.25, "sum")
FAKE_ANCHOR, REAL_ANCHOR = realness.anchors(7)


def normal(*shape):
    return RNG.normal(size=shape)


INPUTS = {
    "real": normal(REAL, 1) + 1,
    "fake": normal(ROWS, 1) - 1,
    "balance": np.float64(0.4),
    "real_error": np.float64(RNG.random()),
    "fake_error": np.float64(RNG.random()),
    "latents": normal(ROWS, 3),
    "images": normal(ROWS, 2, 2, 1),
    "others": normal(ROWS, 2, 2, 1),
    "fewer": normal(16, 2, 2, 1),
    "shares": RNG.random(ROWS),
    "codes": normal(ROWS, 5),
    "neighbours": (lambda x: x / np.linalg.norm(x, axis=1, keepdims=True))(normal(ROWS, 5)),
    "real_logits": normal(REAL, 1 + K),
    "fake_logits": normal(ROWS, 1 + K),
    "weights": np.array([0.2, 0.3, 0.5]),
    "classes": normal(ROWS // K, K, 5),
    "real_outcomes": normal(ROWS, 7),
    "fake_outcomes": normal(ROWS, 7),
    "posteriors": special.softmax(normal(REAL, K), axis=1),
    "prior": normal(K),
    "log_likelihoods": -RNG.gamma(1.0, size=ROWS),
}


def log_sigmoid(x):
    return special.log_expit(x)


def water_level(x):
    """Where what stands above the ratios, of a base of 0.7 each, is 0.3 on the mean."""
    return brentq(lambda level: np.clip(level - 0.7 * x.shares, 0, None).mean() - 0.3, 0, 2)


def averaged(x, weights):
    """Of (m * K,) values in turns, by weight."""
    return weights @ x.reshape(-1, K).mean(axis=0)


def odds(logits):
    return logits[:, 0] - special.logsumexp(logits[:, 1:], axis=1)


def cross_entropy_of_generators(logits, weights):
    labels = np.tile(np.arange(K), len(logits) // K)
    chances = special.softmax(logits, axis=1)
    return sklearn.log_loss(labels, chances, sample_weight=weights[labels])


def of_madgan(real, fake):
    """`K sum_i pi_i E_i` of a function of generated odds, and what the real side adds."""
    return lambda x: real(odds(x.real_logits)) + K * averaged(fake(odds(x.fake_logits)), x.weights)


def spread(x):
    """Real examples over the generated ones, in turns of as many."""
    return np.repeat(x.fewer, ROWS // len(x.fewer), axis=0)


def between(x):
    shares = x.shares[:, None, None, None]
    return shares * spread(x) + (1 - shares) * x.images


def moments(x):
    return x.latents.mean(axis=0), np.cov(x.latents.T)


def bures(x):
    mean, covariance = moments(x)
    root = sqrtm(covariance).real
    return np.sqrt(mean @ mean + np.trace(covariance + np.eye(3) - 2 * root))


def kl_of_gaussians(x):
    mean, covariance = moments(x)
    covariance = covariance + gaussian.KL_RIDGE * np.eye(3)
    inverse = np.linalg.inv(covariance)
    logs = np.linalg.slogdet(covariance)[1]
    return 0.5 * (logs - 3 + np.trace(inverse) + mean @ inverse @ mean)


def log_densities(x):
    """(components, rows) of the simplex' Gaussians."""
    return np.stack(
        [stats.multivariate_normal(v, 0.25).logpdf(x.latents) for v in SIMPLEX.vertices]
    )


def by_class(x):
    return special.softmax(x.classes, axis=2).mean(axis=0)


def lacking(p, weights):
    """H(generator | class), from the joint distribution."""
    joint = weights[:, None] * p
    return stats.entropy(joint.ravel()) - stats.entropy(joint.sum(axis=0))


def every_two(value):
    return sum(value(i, j) for i in range(K) for j in range(i))


def paired_information(x):
    p = special.softmax(x.classes, axis=2)

    def information(i, j):
        joint = np.einsum("ma,mb->ab", p[:, i], p[:, j]) / len(p)
        return stats.entropy(joint.ravel(), np.outer(joint.sum(axis=1), joint.sum(axis=0)).ravel())

    return every_two(information)


def from_anchor(anchor, logits):
    return np.mean(stats.entropy(anchor, special.softmax(logits, axis=1), axis=1))


def anchored(x):
    return from_anchor(FAKE_ANCHOR, x.fake_outcomes)


def to_each_other(x):
    real, fake = (special.softmax(y, axis=1) for y in (x.real_outcomes, x.fake_outcomes))
    return stats.entropy(real, fake, axis=1).mean()


def places(logits):
    way = REAL_ANCHOR - FAKE_ANCHOR
    return (special.softmax(logits, axis=1) - FAKE_ANCHOR) @ way / (way @ way)


def relative(x):
    return x.real - x.fake.mean(), x.fake - x.real.mean()


def norms(x):
    return np.linalg.norm(x.reshape(len(x), -1), axis=1)


def unlikely(x):
    return np.log(1e-6 - np.expm1(x.log_likelihoods))


anchors = {"fake_anchor": FAKE_ANCHOR, "real_anchor": REAL_ANCHOR}

# By name, with what is varied after a space: ours, and another's of the same inputs in float64.
LOSSES = {
    "adagan.density_ratios": (
        lambda x: adagan.density_ratios(x.real),
        lambda x: 1 / special.expit(x.real[:, 0]) - 1,
    ),
    "adagan.threshold": (lambda x: adagan.threshold(x.shares, 0.3), water_level),
    "adagan.data_weights": (
        lambda x: adagan.data_weights(x.shares, x.balance, 0.3),
        lambda x: np.clip(x.balance - 0.7 * x.shares, 0, None) / 0.3,
    ),
    "adagan.discriminator_loss": (
        lambda x: adagan.discriminator_loss(x.real, x.shares[:REAL], x.fake, ops.mean),
        lambda x: (
            -(x.shares[:REAL] @ log_sigmoid(x.real[:, 0])) / REAL - log_sigmoid(-x.fake).mean()
        ),
    ),
    "adversarial.discriminator_loss": (
        lambda x: adversarial.discriminator_loss(x.real, x.fake),
        lambda x: -log_sigmoid(x.real).mean() - log_sigmoid(-x.fake).mean(),
    ),
    "adversarial.discriminator_loss smoothing=0.2": (
        lambda x: adversarial.discriminator_loss(x.real, x.fake, smoothing=0.2),
        lambda x: (
            sklearn.log_loss(
                np.repeat([1, 0], REAL),
                special.expit(np.tile(x.real, (2, 1))),
                sample_weight=np.repeat([0.8, 0.2], REAL),
            )
            - log_sigmoid(-x.fake).mean()
        ),
    ),
    "adversarial.minimax_generator_loss": (
        lambda x: adversarial.minimax_generator_loss(x.fake),
        lambda x: log_sigmoid(-x.fake).mean(),
    ),
    "adversarial.non_saturating_generator_loss": (
        lambda x: adversarial.non_saturating_generator_loss(x.fake),
        lambda x: -log_sigmoid(x.fake).mean(),
    ),
    "began.reconstruction_error": (
        lambda x: began.reconstruction_error(x.images, x.others),
        lambda x: abs(x.images - x.others).mean(axis=(1, 2, 3)),
    ),
    "began.reconstruction_error power=2": (
        lambda x: began.reconstruction_error(x.images, x.others, power=2),
        lambda x: ((x.images - x.others) ** 2).mean(axis=(1, 2, 3)),
    ),
    "began.discriminator_loss": (
        lambda x: began.discriminator_loss(x.real_error, x.fake_error, x.balance),
        lambda x: x.real_error - 0.4 * x.fake_error,
    ),
    "began.next_balance": (
        lambda x: began.next_balance(x.balance, x.real_error, x.fake_error, 0.7, 0.1),
        lambda x: 0.4 + 0.1 * (0.7 * x.real_error - x.fake_error),
    ),
    "began.convergence": (
        lambda x: began.convergence(x.real_error, x.fake_error, 0.7),
        lambda x: x.real_error + abs(0.7 * x.real_error - x.fake_error),
    ),
    "dfm.denoising_error": (
        lambda x: dfm.denoising_error(x.codes, x.neighbours),
        lambda x: (norms(x.codes - x.neighbours) ** 2).mean() / x.codes.shape[1],
    ),
    "feature_matching.squared_gap": (
        lambda x: feature_matching.squared_gap(x.weights, x.prior),
        lambda x: np.linalg.norm(x.weights - x.prior) ** 2,
    ),
    "gaussian.moments": (
        lambda x: keras.ops.concatenate(
            [keras.ops.reshape(y, (-1,)) for y in gaussian.moments(x.latents)]
        ),
        lambda x: np.concatenate([np.ravel(y) for y in moments(x)]),
    ),
    **{
        f"gaussian.norm p={p}": (
            lambda x, p=p: gaussian.norm(x.latents, p),
            lambda x, p=p: np.linalg.norm(x.latents.ravel(), p),
        )
        for p in (1, 2, 3, np.inf)
    },
    "gaussian.p_norm": (
        lambda x: gaussian.p_norm(*gaussian.moments(x.latents)),
        lambda x: np.linalg.norm(moments(x)[0]) + np.linalg.norm(moments(x)[1] - np.eye(3)),
    ),
    "gaussian.wasserstein": (
        lambda x: gaussian.wasserstein(*gaussian.moments(x.latents)),
        bures,
    ),
    "gaussian.kl": (lambda x: gaussian.kl(*gaussian.moments(x.latents)), kl_of_gaussians),
    "gaussian.wasserstein_1d": (
        lambda x: gaussian.wasserstein_1d(*gaussian.moments(x.latents)),
        lambda x: np.hypot(
            np.linalg.norm(moments(x)[0]), np.linalg.norm(x.latents.std(axis=0, ddof=1) - 1)
        ),
    ),
    "gaussian.consistency": (
        lambda x: gaussian.consistency(x.images, x.others),
        lambda x: norms(x.images - x.others).mean(),
    ),
    "gman.discriminator_losses": (
        lambda x: gman.discriminator_losses(x.real_logits, x.fake_logits),
        lambda x: (
            -log_sigmoid(x.real_logits).mean(axis=0) - log_sigmoid(-x.fake_logits).mean(axis=0)
        ),
    ),
    "gman.non_saturating_losses": (
        lambda x: gman.non_saturating_losses(x.fake_logits),
        lambda x: -log_sigmoid(x.fake_logits).mean(axis=0),
    ),
    "gman.weights": (
        lambda x: gman.weights(x.prior, 2.0),
        lambda x: special.softmax(2 * x.prior),
    ),
    **{
        f"gman.combined mean={mean}": (
            lambda x, mean=mean: gman.combined(x.weights, 2.0, mean),
            lambda x, of=of: of(x.weights, weights=special.softmax(2 * x.weights)),
        )
        for mean, of in (
            ("arithmetic", np.average),
            ("geometric", stats.gmean),
            ("harmonic", stats.hmean),
        )
    },
    "gradient_penalty.interpolates": (
        lambda x: gradient_penalty.interpolates(x.fewer, x.images, x.shares),
        between,
    ),
    "gradient_penalty.perturbed": (
        lambda x: gradient_penalty.perturbed(x.images, x.balance, x.others, x.shares),
        lambda x: x.images + 0.2 * x.shares[:, None, None, None] * x.others,
    ),
    "gradient_penalty.penalty": (
        lambda x: gradient_penalty.penalty(x.images),
        lambda x: (norms(x.images) - 1) ** 2,
    ),
    "gradient_penalty.penalty one_sided=True": (
        lambda x: gradient_penalty.penalty(x.images, one_sided=True),
        lambda x: np.maximum(norms(x.images) - 1, 0) ** 2,
    ),
    "gradient_penalty.squared_norms": (
        lambda x: gradient_penalty.squared_norms(x.images),
        lambda x: norms(x.images) ** 2,
    ),
    "hinge.discriminator_loss": (
        lambda x: hinge.discriminator_loss(x.real, x.fake),
        # Of both sides by as much.
        lambda x: (
            2
            * sklearn.hinge_loss(
                np.repeat([1, -1], [REAL, ROWS]),
                np.concatenate([x.real, x.fake]).ravel(),
                sample_weight=np.repeat([1 / REAL, 1 / ROWS], [REAL, ROWS]),
            )
        ),
    ),
    "hinge.generator_loss": (lambda x: hinge.generator_loss(x.fake), lambda x: -x.fake.mean()),
    "least_squares.discriminator_loss": (
        lambda x: least_squares.discriminator_loss(x.real, x.fake),
        lambda x: (np.mean((x.real - 1) ** 2) + np.mean(x.fake**2)) / 2,
    ),
    "least_squares.generator_loss": (
        lambda x: least_squares.generator_loss(x.fake),
        lambda x: np.mean((x.fake - 1) ** 2) / 2,
    ),
    "madgan.real_log_odds": (
        lambda x: madgan.real_log_odds(x.fake_logits),
        lambda x: odds(x.fake_logits),
    ),
    "madgan.discriminator_loss": (
        lambda x: madgan.discriminator_loss(x.real_logits, x.fake_logits, x.weights),
        # Who made a sample, the data or one of the generators, as the paper has it.
        lambda x: (
            sklearn.log_loss(
                np.zeros(REAL), special.softmax(x.real_logits, axis=1), labels=range(4)
            )
            + K
            * sklearn.log_loss(
                np.tile(np.arange(1, K + 1), ROWS // K),
                special.softmax(x.fake_logits, axis=1),
                sample_weight=np.tile(x.weights, ROWS // K),
                labels=range(1 + K),
            )
        ),
    ),
    "madgan.minimax_generator_loss": (
        lambda x: madgan.minimax_generator_loss(x.fake_logits, x.weights),
        of_madgan(lambda real: 0, lambda fake: log_sigmoid(-fake)),
    ),
    "madgan.non_saturating_generator_loss": (
        lambda x: madgan.non_saturating_generator_loss(x.fake_logits, x.weights),
        of_madgan(lambda real: 0, lambda fake: -log_sigmoid(fake)),
    ),
    "magan.discriminator_loss": (
        lambda x: magan.discriminator_loss(x.shares, x.weights, 0.35),
        lambda x: x.shares.mean() + (0.15 + 0.05) / 3,  # Of 0.2, 0.3 and 0.5.
    ),
    "magan.next_margin": (
        lambda x: magan.next_margin(0.9, x.balance, 0.6, 0.5),
        lambda x: 0.4,
    ),
    "manifold.unit": (
        lambda x: manifold.unit(x.codes),
        lambda x: x.codes / np.linalg.norm(x.codes, axis=1, keepdims=True),
    ),
    "manifold.nearest_similarity": (
        lambda x: manifold.nearest_similarity(x.codes, x.neighbours),
        lambda x: np.diag(cosine_similarity(x.codes, x.neighbours)).mean(),
    ),
    "manifold.log_distance": (
        lambda x: manifold.log_distance(x.codes, x.neighbours),
        lambda x: np.log(((x.codes - x.neighbours) ** 2).mean()),
    ),
    "manifold.log_distance mean_of_logs=True": (
        lambda x: manifold.log_distance(x.codes, x.neighbours, mean_of_logs=True),
        lambda x: np.log(((x.codes - x.neighbours) ** 2).mean(axis=1)).mean(),
    ),
    "manifold.mean_squared": (
        lambda x: manifold.mean_squared(x.neighbours, x.codes),
        lambda x: ((x.codes - x.neighbours) ** 2).mean(),
    ),
    "manifold.mean_norm": (
        lambda x: manifold.mean_norm(x.codes),
        lambda x: norms(x.codes).mean(),
    ),
    "manifold.mean_norm squared=True": (
        lambda x: manifold.mean_norm(x.codes, squared=True),
        lambda x: (norms(x.codes) ** 2).mean(),
    ),
    "manifold.local_error": (
        lambda x: manifold.local_error(x.neighbours, x.codes),
        lambda x: norms(x.codes - x.neighbours).mean(),
    ),
    "manifold.local_error squared=True": (
        lambda x: manifold.local_error(x.neighbours, x.codes, squared=True),
        lambda x: (norms(x.codes - x.neighbours) ** 2).mean(),
    ),
    "manifold.mixes": (lambda x: manifold.mixes(x.fewer, x.images, x.shares), between),
    "manifold.isometric_loss": (
        lambda x: manifold.isometric_loss(x.codes, x.neighbours),
        lambda x: 1 - np.diag(cosine_similarity(x.codes, x.neighbours)).mean(),
    ),
    "mixgan.weight_entropy": (
        lambda x: mixgan.weight_entropy(x.prior),
        lambda x: -np.log(stats.gmean(special.softmax(x.prior))),
    ),
    "mixture.by_generator": (
        lambda x: mixture.by_generator(x.latents, K),
        lambda x: np.stack([x.latents[k::K] for k in range(K)], axis=1),
    ),
    "mixture.mixture_mean": (
        lambda x: mixture.mixture_mean(values.flat(x.fake), x.weights),
        lambda x: averaged(x.fake, x.weights),
    ),
    "mixture.generator_cross_entropy": (
        lambda x: mixture.generator_cross_entropy(x.fake_logits[:, 1:], x.weights),
        lambda x: cross_entropy_of_generators(x.fake_logits[:, 1:], x.weights),
    ),
    "mixture.generator_accuracy": (
        lambda x: mixture.generator_accuracy(x.fake_logits[:, 1:], x.weights),
        lambda x: sklearn.accuracy_score(
            np.tile(np.arange(K), ROWS // K),
            x.fake_logits[:, 1:].argmax(axis=1),
            sample_weight=np.tile(x.weights, ROWS // K),
        ),
    ),
    "mode_seeking.distances": (
        lambda x: mode_seeking.distances(x.images, x.others),
        lambda x: np.abs(x.images - x.others).mean(axis=(1, 2, 3)),
    ),
    "mode_seeking.ratio": (
        lambda x: mode_seeking.ratio(x.weights, x.shares),
        lambda x: x.weights.mean() / x.shares.mean(),
    ),
    "mode_seeking.loss": (
        lambda x: mode_seeking.loss(x.balance, 0.1),
        lambda x: 1 / (x.balance + 0.1),
    ),
    "overlap.generator_class_probabilities": (
        lambda x: overlap.generator_class_probabilities(x.classes),
        by_class,
    ),
    "overlap.overlap": (
        lambda x: overlap.overlap(overlap.generator_class_probabilities(x.classes)),
        lambda x: lacking(by_class(x), np.full(K, 1 / K)),
    ),
    "overlap.overlap weights": (
        lambda x: overlap.overlap(overlap.generator_class_probabilities(x.classes), x.weights),
        lambda x: lacking(by_class(x), x.weights),
    ),
    "overlap.pairwise": (
        lambda x: overlap.pairwise(overlap.generator_class_probabilities(x.classes)),
        lambda x: every_two(lambda i, j: lacking(by_class(x)[[i, j]], np.full(2, 0.5))),
    ),
    "overlap.paired": (
        lambda x: overlap.paired(keras.ops.softmax(x.classes, axis=2)),
        paired_information,
    ),
    "prior.entropy": (
        lambda x: prior.entropy(x.prior),
        lambda x: stats.entropy(special.softmax(x.prior)),
    ),
    "prior.prior_loss": (
        lambda x: prior.prior_loss(x.posteriors, x.prior, x.balance),
        lambda x: (
            -(x.posteriors * special.log_softmax(x.prior)).mean()
            - 0.4 * stats.entropy(special.softmax(x.prior))
        ),
    ),
    "realness.discriminator_loss": (
        lambda x: realness.discriminator_loss(x.real_outcomes, x.fake_outcomes, **anchors),
        lambda x: from_anchor(REAL_ANCHOR, x.real_outcomes) + anchored(x),
    ),
    **{
        f"realness.generator_loss objective={n}": (
            lambda x, n=n: realness.generator_loss(
                x.real_outcomes, x.fake_outcomes, **anchors, objective=n
            ),
            lambda x, added=added: added(x) - anchored(x),
        )
        for n, added in (
            (1, lambda x: 0),
            (2, to_each_other),
            (3, lambda x: from_anchor(REAL_ANCHOR, x.fake_outcomes)),
        )
    },
    "realness.position": (
        lambda x: realness.position(x.fake_outcomes, **anchors),
        lambda x: places(x.fake_outcomes),
    ),
    "realness.real_probability": (
        lambda x: realness.real_probability(x.fake_outcomes, **anchors),
        lambda x: np.clip(places(x.fake_outcomes), 0, 1),
    ),
    "relativistic.discriminator_loss": (
        lambda x: relativistic.discriminator_loss(x.real, x.fake),
        lambda x: -log_sigmoid(relative(x)[0]).mean() - log_sigmoid(-relative(x)[1]).mean(),
    ),
    "relativistic.generator_loss": (
        lambda x: relativistic.generator_loss(x.real, x.fake),
        lambda x: -log_sigmoid(-relative(x)[0]).mean() - log_sigmoid(relative(x)[1]).mean(),
    ),
    "relativistic.paired_discriminator_loss": (
        lambda x: relativistic.paired_discriminator_loss(x.real, x.fake[:REAL]),
        lambda x: -log_sigmoid(x.real - x.fake[:REAL]).mean(),
    ),
    "relativistic.paired_generator_loss": (
        lambda x: relativistic.paired_generator_loss(x.real, x.fake[:REAL]),
        lambda x: -log_sigmoid(x.fake[:REAL] - x.real).mean(),
    ),
    "simplex.SimplexMixture log_density": (
        lambda x: SIMPLEX.log_density(x.latents),
        lambda x: log_densities(x).max(axis=0),
    ),
    "simplex.SimplexMixture log_density of all": (
        lambda x: SUM_OF_ALL.log_density(x.latents),
        lambda x: special.logsumexp(log_densities(x), axis=0) - np.log(4),
    ),
    "simplex.SimplexMixture log_likelihood": (
        lambda x: SIMPLEX.log_likelihood(x.latents),
        lambda x: (
            log_densities(x).max(axis=0) - stats.multivariate_normal(np.zeros(3), 0.25).logpdf(0)
        ),
    ),
    "simplex.SimplexMixture shares": (
        lambda x: SIMPLEX.shares(x.latents),
        lambda x: special.softmax(log_densities(x), axis=0).T,
    ),
    "simplex.imbalance": (
        lambda x: simplex.imbalance(SIMPLEX.shares(x.latents)),
        lambda x: np.log(4) - stats.entropy(special.softmax(log_densities(x), axis=0).mean(axis=1)),
    ),
    "simplex.log_unlikelihood": (
        lambda x: simplex.log_unlikelihood(x.log_likelihoods, 1e-6),
        unlikely,
    ),
    "simplex.discriminator_loss": (
        lambda x: simplex.discriminator_loss(x.log_likelihoods[:REAL], x.log_likelihoods, 1e-6),
        lambda x: -x.log_likelihoods[:REAL].mean() - unlikely(x).mean(),
    ),
    "simplex.saturating_generator_loss": (
        lambda x: simplex.saturating_generator_loss(x.log_likelihoods, 1e-6),
        lambda x: unlikely(x).mean(),
    ),
    "simplex.non_saturating_generator_loss": (
        lambda x: simplex.non_saturating_generator_loss(x.log_likelihoods),
        lambda x: -x.log_likelihoods.mean(),
    ),
    "values.flat": (lambda x: values.flat(x.fake), lambda x: x.fake.ravel()),
    "veegan.log_ratio": (lambda x: veegan.log_ratio(x.fake), lambda x: x.fake.mean()),
    "veegan.reconstruction": (
        lambda x: veegan.reconstruction(x.codes, x.neighbours),
        lambda x: (norms(x.codes - x.neighbours) ** 2).mean(),
    ),
    "wasserstein.critic_loss": (
        lambda x: wasserstein.critic_loss(x.real, x.fake),
        lambda x: x.fake.mean() - x.real.mean(),
    ),
    "wasserstein.generator_loss": (
        lambda x: wasserstein.generator_loss(x.fake),
        lambda x: -x.fake.mean(),
    ),
}

# Points between others, and rows in another order: of the type that they come in.
KEPT = {"gradient_penalty.interpolates", "gradient_penalty.perturbed", "manifold.mixes"}
KEPT |= {"mixture.by_generator"}

# What computes no loss, or is a loss by another name.
OTHERS = {
    "overlap.expected_overlap",
    "realness.anchors",
    "realness.check_objective",
    "simplex.simplex_vertices",
}
OTHERS |= {"games.Game"}  # Pairs of those above.


def test_every_public_function_is_here():
    found = set()
    for info in pkgutil.iter_modules(losses.__path__):
        module = import_module(f"{losses.__name__}.{info.name}")
        for name, member in inspect.getmembers(module):
            own = getattr(member, "__module__", "") == module.__name__
            if (
                own
                and not name.startswith("_")
                and (inspect.isfunction(member) or inspect.isclass(member))
            ):
                found.add(f"{info.name}.{name}")
    assert found - OTHERS == {name.split()[0] for name in LOSSES}


def every_loss(inputs):
    return {name: ours(SimpleNamespace(**inputs)) for name, (ours, _) in LOSSES.items()}


WAYS = {
    "eager": every_loss,
    "graph": tf.function(every_loss, autograph=False),
    "xla": tf.function(every_loss, autograph=False, jit_compile=True),
}


def tensors(arrays):
    return {name: tf.constant(x, keras.config.floatx()) for name, x in arrays.items()}


def off_by(change, name):
    """All inputs, one of which has a number in its middle that is changed."""
    changed = np.array(INPUTS[name])
    changed.flat[changed.size // 2] += change
    return tensors({**INPUTS, name: changed})


@pytest.fixture(params=["float32", "float64"])
def precision(request):
    if request.param == "float64":
        request.getfixturevalue("float64")
    return request.param


def check(found, precision):
    # What keeps slopes finite stands in the sixth digit of a root.
    near = 1e-5 if precision == "float32" else 1e-9
    expected = SimpleNamespace(**INPUTS)
    for name, (_, oracle) in LOSSES.items():
        assert name in KEPT or keras.backend.standardize_dtype(found[name].dtype) == precision, name
        tolerance = max(near, 1e-5 * name.startswith("gaussian.wasserstein"))
        np.testing.assert_allclose(
            found[name], oracle(expected), rtol=tolerance, atol=tolerance, err_msg=name
        )


@pytest.mark.parametrize("way", WAYS)
def test_every_loss_is_anothers(way, precision):
    check(WAYS[way](tensors(INPUTS)), precision)


def test_every_loss_takes_arrays_and_numbers(precision):
    check(every_loss({k: x if x.ndim else float(x) for k, x in INPUTS.items()}), precision)


@pytest.mark.parametrize("way", WAYS)
def test_no_loss_hides_what_is_not_a_number(way):
    """Of whatever it depends on: who watches the loss alone sees a game that has diverged."""
    loss, hidden = WAYS[way], []
    usual = loss(tensors(INPUTS))
    for name in INPUTS:
        moved, broken = loss(off_by(0.3, name)), loss(off_by(np.nan, name))
        for key, value in broken.items():
            if np.any(moved[key] != usual[key]) and np.isfinite(value).all():
                hidden.append(f"{key} of {name}")
    # A count: how many are right.
    assert hidden in ([], ["mixture.generator_accuracy of fake_logits"])
