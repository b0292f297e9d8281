"""Train a GAN of one generator: the original game, the baseline of the other methods, or another.

One command trains it, measures it, writes a report and exports it:

  python -m apps.gan --dataset=fashion_mnist
  python -m apps.gan --method=wgan_gp --dataset=grid
  python -m apps.gan --method=sngan --dataset=grid --outputs=16 --entropy=0.01 --local=10

Any of MaEM-GAN's flags (--entropy, --local, ...) adds its terms, with a weight of 1 for those that
are not given (--norm: 0.01); the discriminator then needs several --outputs. What else is not given
is the preset's value for the method and the data set, on the networks that all methods have. The
same command again goes on where a run was cut off. All of a run lies in its --output_dir; see
report.html there.
"""

from __future__ import annotations

from absl import flags

from kgan.commands import launch, loss_flag, manifold_flags, noise_flag
from kgan.commands import training_flags as common

FLAGS = flags.FLAGS
_FLAGS = (
    "loss",
    "penalty",
    "penalty_weight",
    "weight_clip",
    "discriminator_steps",
    "objective",
    "flee",
    "fresh_noise",
    "outputs",
)
flags.DEFINE_integer("outputs", None, "Width of the discriminator's output.", lower_bound=1)
flags.DEFINE_string(
    "method",
    "gan",
    "gan, wgan, wgan_gp, lsgan, ...: an unknown one is answered with all there are.",
)
flags.DEFINE_string(
    "penalty",
    None,
    "On the discriminator's gradient: gradient (WGAN-GP), one_sided, dragan, zero_centred (R1), or "
    "none.",
)
flags.DEFINE_float("penalty_weight", None, "Weight of the penalty.")
flags.DEFINE_float(
    "weight_clip", None, "The discriminator's weights are clipped to +- this after its moves."
)
flags.DEFINE_integer(
    "discriminator_steps", None, "Moves of the discriminator for one of the generator."
)
flags.DEFINE_integer("objective", None, "The generator's in Realness GAN: 1, 2 or 3.")
flags.DEFINE_bool("flee", None, "Realness GAN's generator flees the fake anchor besides.")
for _module in (loss_flag, noise_flag, manifold_flags, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    _check()
    arguments = manifold_flags.regularizer()
    if FLAGS.penalty == "none":
        # A weight that is given all the same is refused by the class.
        arguments |= {"penalty": None, "penalty_weight": FLAGS.penalty_weight}
    common.train(FLAGS.method, _FLAGS, arguments)


def _check() -> None:
    """Refuse a method that there is not, and flags that are another's.

    Raises:
        InputError: with the methods that there are, or the flag.
    """
    import inspect

    from kgan import BEGAN, GAN, InputError, RealnessGAN, TwoPlayerModel, presets

    known = presets.methods(GAN, BEGAN, RealnessGAN)
    if FLAGS.method not in known:
        raise InputError(f"--method must be one of {known}. Received: {FLAGS.method!r}")
    preset = presets.get(presets.find(FLAGS.method, FLAGS.dataset))
    classes = (cls for cls in preset.model.__mro__ if issubclass(cls, TwoPlayerModel))
    options = {name for cls in classes for name in inspect.signature(cls).parameters}
    options |= preset.network_arguments.keys()
    for name, value in launch.given(_FLAGS).items():
        if name not in options:
            raise InputError(
                f"--method={FLAGS.method} has no such option: leave it out. "
                f"Received: --{name}={value}"
            )


if __name__ == "__main__":
    launch.start(main)
