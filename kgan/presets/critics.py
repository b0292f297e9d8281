"""Critics that MaEM-GAN is measured against: one generator, other games.

All are on the networks and budgets that the other methods have. On images, learning rates and
numbers of steps are the defaults of Lucic et al. (arXiv:1711.10337) where they have the method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from kgan.game import AdversarialModel
from kgan.methods import BEGAN, GAN, RealnessGAN
from kgan.networks import lucic_autoencoder, lucic_generator
from kgan.presets import images, points
from kgan.presets.preset import Preset

# The authors of the WGAN trained with PyTorch's RMSprop, whose average is longer than Keras'.
_RMSPROP: Mapping[str, Any] = {
    "algorithm": "rmsprop",
    "player_options": {name: {"rho": 0.99} for name in ("discriminator", "generator")},
}
_FIVE: Mapping[str, Any] = {"discriminator_steps": 5}
_PENALTY: Mapping[str, Any] = {"penalty": "gradient", "penalty_weight": 10.0}
# On points that of Gulrajani et al.'s own code for 25 Gaussians: where 10 holds a critic's slope at
# 1, modes of std 0.05 are nothing to it (1.5% within 3 std on the grid, 84% with this).
_LIGHT_PENALTY: Mapping[str, Any] = {"penalty_weight": 0.1}
# The paper's bound of 0.01 leaves these critics flat. On Fashion-MNIST, with its rate of 5e-5, a
# Frechet distance of 72 and 7 classes were left after 3,000 steps; with these, 10.1 and all 10.
# On the grid 2% of the samples are within 3 std of a mode; 0.1 gives 51%, 0.2 64%, 0.5 88%.
_IMAGE_CLIP: Mapping[str, Any] = {"weight_clip": 0.1}
_WIDE_CLIP: Mapping[str, Any] = {"weight_clip": 0.5}
# Of one move 3 modes of the ring are left; of two all, and on the grid 94% within 3 std.
_TWO: Mapping[str, Any] = {"discriminator_steps": 2}
_FAST: Mapping[str, Any] = {"learning_rate": 2e-3}


def _presets(
    method: str,
    source: str,
    arguments: Mapping[str, Any],
    *,
    model: type[AdversarialModel] = GAN,
    on_images: Callable[..., dict[str, Any]] | None = None,
    on_points: Callable[..., dict[str, Any]] = points.networks,
    outputs: tuple[int, int] = (1, 1),
    image_budget: Mapping[str, Any] | None = None,
    point_budget: Mapping[str, Any] | None = None,
    point_arguments: Mapping[str, Any] | None = None,
    budget: Mapping[str, Any] | None = None,
) -> dict[str, Preset]:
    """A method's presets for the image sets and the points.

    Args:
        method: its name.
        source: the paper, and what is ours.
        arguments: of the class.
        model: the class.
        on_images: builder of networks; Lucic et al.'s without batch norm by default.
        on_points: the same for points.
        outputs: the discriminator's, on images and on points; 1 by default, and none of its own for
            an autoencoder.
        image_budget: what differs from that of all methods on images.
        point_budget: the same on points.
        point_arguments: of the class, what differs on points.
        budget: what differs on images and on points.
    """
    shared: dict[str, Any] = {"model": model, "source": source}
    arguments = {"latent_distribution": "uniform", **arguments}
    widths = [{} if model is BEGAN else {"outputs": n} for n in outputs]
    found = {
        f"{method}_{name or 'images'}": Preset(
            dataset=name,
            example_shape=shape,
            networks=on_images or images.networks(batch_norm=False),
            arguments=arguments,
            network_arguments=widths[0],
            steps=steps,
            **{**images.BUDGET, **(budget or {}), **(image_budget or {}), **shared},
        )
        for name, (shape, steps) in images.SETS.items()
    }
    found |= {
        f"{method}_{name}": Preset(
            dataset=name,
            networks=on_points,
            arguments={**arguments, "fresh_noise": True, **(point_arguments or {})},
            network_arguments=widths[1],
            example_shape=(width,),
            **{**points.BUDGET, **(budget or {}), **(point_budget or {}), **shared},
        )
        for name, (width, _) in points.SETS.items()
    }
    return found


def _image_autoencoder(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "generator": lucic_generator(example_shape, images.LATENT_DIM, dtype=dtype),
        "discriminator": lucic_autoencoder(example_shape, dtype=dtype),
    }


def _point_autoencoder(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, keras.Model]:
    """The discriminator of points, its last layer as wide as its input."""
    (width,) = points.checked(example_shape)
    return {
        "generator": points.generator(example_shape, dtype=dtype),
        "discriminator": points.discriminator(
            example_shape, width, output_scale=points.data_scale(width), dtype=dtype
        ),
    }


_WITH_NORM = images.networks(batch_norm=True)
PRESETS: dict[str, Preset] = {
    **_presets(
        "wgan",
        "Arjovsky et al., arXiv:1701.07875: clipping and RMSprop; the bounds, 0.1 on images and "
        "0.5 on points, and the rates are ours",
        {"loss": "wasserstein", **_IMAGE_CLIP, **_FIVE},
        on_images=_WITH_NORM,
        point_arguments=_WIDE_CLIP,
        budget=_RMSPROP,
    ),
    **_presets(
        "wgan_gp",
        "Gulrajani et al., arXiv:1704.00028; beta_2 is the paper's, the penalty of points, 0.1, "
        "that of their code for 25 Gaussians",
        {"loss": "wasserstein", **_PENALTY, **_FIVE},
        image_budget={"learning_rate": 1e-4},
        point_budget=_FAST,
        point_arguments=_LIGHT_PENALTY,
        budget={"beta_2": 0.9},
    ),
    **_presets(
        "lsgan",
        "Mao et al., arXiv:1611.04076",
        {"loss": "least_squares"},
        on_images=_WITH_NORM,
    ),
    **_presets(
        "hinge",
        "Lim and Ye, arXiv:1705.02894; networks and rates of the GAN",
        {"loss": "hinge"},
        on_images=_WITH_NORM,
    ),
    **_presets(
        "ragan",
        "Jolicoeur-Martineau, arXiv:1807.00734; networks and rates of the GAN; two moves on points "
        "are ours",
        {"loss": "relativistic_average"},
        on_images=_WITH_NORM,
        point_arguments=_TWO,
    ),
    **_presets(
        "dragan",
        "Kodali et al., arXiv:1705.07215; without batch norm, which Lucic et al. have: its rows "
        "bear on each other's gradients; a penalty of 0.1 on points",
        {"loss": "non_saturating", "penalty": "dragan", "penalty_weight": 10.0},
        image_budget={"learning_rate": 1e-4},
        point_arguments=_LIGHT_PENALTY,
    ),
    **_presets(
        "began",
        "Berthelot et al., arXiv:1703.10717, as Lucic et al. have it; its autoencoder without "
        "batch norm, and on points the discriminator of all methods",
        {"diversity_ratio": 0.75, "balance_rate": 1e-3, **_FIVE},
        model=BEGAN,
        on_images=_image_autoencoder,
        on_points=_point_autoencoder,
        image_budget={"learning_rate": 1e-4},
    ),
    **_presets(
        "realness",
        "Xiangli et al., arXiv:2002.05512: objective 2, the best of their table; outcomes and skew "
        "of the authors' code for CelebA, networks and rates of the GAN",
        {"objective": 2, "skew": 1.0},
        model=RealnessGAN,
        on_images=_WITH_NORM,
        outputs=(51, 51),
    ),
    **_presets(
        "maf",
        "Liu et al., arXiv:2109.08955, MaEM-GAN's baseline: an m-dimensional Wasserstein critic "
        "with a gradient penalty on its mean; m is ours, networks, penalty and rates are those of "
        "WGAN-GP",
        {"loss": "wasserstein", **_PENALTY, **_FIVE},
        outputs=(128, 16),
        image_budget={"learning_rate": 1e-4},
        point_budget=_FAST,
        point_arguments=_LIGHT_PENALTY,
        budget={"beta_2": 0.9},
    ),
}
