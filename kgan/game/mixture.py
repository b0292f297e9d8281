"""Games of many generators: what MGAN, MIM-GAN, MAD-GAN and DMGAN-PL have in common."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kgan import serving
from kgan.backend import engine
from kgan.errors import InputError, check_whole
from kgan.game import drawing, packing, streams
from kgan.game.adversarial import AdversarialModel
from kgan.game.bank import GeneratorBank
from kgan.losses import mixture

_SHIFT = np.array([0, streams.GENERATORS], np.int64)  # From a sample's seeds to its generator's.


class MixtureModel(AdversarialModel):
    """A game whose generator is a bank of K.

    In training each generator makes as many samples; `turn.fake` and `turn.latents` hold them in
    turns, row `r` of generator `r % K`. `sample` takes each generator by its mixture weight.

    Args:
        generator: the bank.
        samples_per_generator: that each generator makes for a turn, over all replicas; the
            batch of real examples divided by K if None.
        total_samples: in its place, how many all generators make for a turn together: each makes
            `ceil(total_samples / K)`, as in MGAN's section 5.2, where they are about 128.
        equal_batches: in its place, each generator makes as many samples as there are real
            examples, as in MIM-GAN's Algorithm 1.
        same_noise: whether all generators get the same latents.
        **kwargs: see `AdversarialModel`.

    Raises:
        InputError: a generator that is no bank, fewer than 1 sample, or two of the three ways to
            say how many.
    """

    generator: GeneratorBank

    def __init__(
        self,
        generator: GeneratorBank,
        *,
        samples_per_generator: int | None = None,
        total_samples: int | None = None,
        equal_batches: bool = False,
        same_noise: bool = False,
        **kwargs: Any,
    ):
        if not isinstance(generator, GeneratorBank):
            raise InputError(
                f"{type(self).__name__} needs a GeneratorBank. Received: a "
                f"{type(generator).__name__}; make one with GeneratorBank(model, generators=K)."
            )
        self.num_generators = generator.generators
        self.samples_per_generator = _own_samples(
            self.num_generators, samples_per_generator, total_samples, equal_batches
        )
        self.equal_batches = bool(equal_batches)
        self.same_noise = bool(same_noise)
        super().__init__(generator, **kwargs)
        if total_samples is not None and self.samples_per_generator is not None:
            self.samples_per_generator += -self.samples_per_generator % self.pack
        if self.samples_per_generator is not None and self.samples_per_generator % self.pack:
            raise InputError(
                f"Each generator must make whole packs of {self.pack}. Received: "
                f"{self.samples_per_generator} samples of each; give samples_per_generator, a "
                f"multiple of {self.pack}."
            )

    @property
    def mixture_weights(self) -> np.ndarray:
        """`(K,)` float32 with sum 1: how often `sample` takes each generator."""
        return self.generator.mixture_weights

    def set_mixture_weights(self, weights: Sequence[float] | None) -> None:
        """Take each generator so often from now on, in training and in sampling.

        Args:
            weights: `(K,)` with sum 1; 0 switches a generator off. Equal if None.

        Raises:
            InputError: if they are no distribution.
        """
        for bank in self.banks:
            bank.set_mixture_weights(weights)

    # Parts of losses ----------------------------------------------------------------------

    def by_generator(self, values: Any) -> Any:
        """`(m * K, ...)`, as `turn.fake` lies, to `(m, K, ...)`."""
        return mixture.by_generator(values, self.num_generators)

    def mixture_mean(self, values: Any) -> Any:
        """Expectation over the mixture of `(m * K,)` values."""
        return mixture.mixture_mean(values, ops.convert_to_tensor(self.generator.mixture))

    def draw_latents(self, batch: Any, seed: Any) -> Any:
        """`(m * K, latent_dim)`, row `r` for generator `r % K`."""
        count, width = self.num_generators, self.latent_dim
        own = self.samples_per_generator
        own = self.own_samples(batch) if own is None else engine.per_replica(own)
        if self.same_noise:
            noise = engine.replica_noise((own, width), self.latent_distribution, seed)
            return ops.repeat(noise, count, axis=0)
        noise = engine.replica_noise((own, count * width), self.latent_distribution, seed)
        return ops.reshape(noise, (-1, width))

    def own_samples(self, batch: Any) -> Any:
        """How many samples each generator makes beside `batch` real examples; a pack at least."""
        if self.samples_per_generator is not None:
            return self.samples_per_generator
        if self.equal_batches:
            return batch
        share = batch // (self.num_generators * self.pack)
        return self.pack * (max(share, 1) if isinstance(share, int) else ops.maximum(share, 1))

    def packed(self, samples: Any, generated: bool = False) -> Any:
        """As of `AdversarialModel`; what is generated in turns is packed by generator."""
        stride = self.num_generators if generated else 1
        return packing.packed(samples, self.pack, stride)

    def stream(self, dataset: Any, batch_size: int) -> Any:
        """The batch stream, where each generator gets its samples on every replica."""
        replicas = self.distribute_strategy.num_replicas_in_sync
        own = self.samples_per_generator
        shared_out = own is None and not self.equal_batches
        if shared_out and batch_size < self.num_generators * replicas:
            raise InputError(
                "Each generator must make a sample on every replica. Received: "
                f"batch_size={batch_size} for {self.num_generators} generators on {replicas} "
                "replicas; give a larger batch_size, or samples_per_generator."
            )
        if own is not None and own % (replicas * self.pack):
            packs = "" if self.pack == 1 else f" in packs of {self.pack}"
            raise InputError(
                "samples_per_generator must be divisible by the number of replicas. Received: "
                f"samples_per_generator={own}{packs} on {replicas} replicas."
            )
        return super().stream(dataset, batch_size)

    # Sampling -----------------------------------------------------------------------------

    def call(self, latents: Any, training: bool = False, generator: Any = None) -> Any:
        """Generate from latents `(n, latent_dim)`.

        Args:
            latents: in training mode as `draw_latents` gives them.
            training: as Keras has it.
            generator: a number 0..K-1, or `(n,)` of them. None: drawn by the mixture weights, for
                each row with a seed made from its latents, so that the same latents give the same
                sample, whatever rows lie beside them.
        """
        if training:
            return self.generator(latents, training=True)
        if generator is None:
            generator = self.generators_of(engine.row_seeds(latents))
        return self.sampler.generate(latents, generator)

    def draw_generators(self, num_samples: Any, seed: Any = None) -> Any:
        """Generators `(num_samples,)` int32 as `sample` draws them.

        Args:
            num_samples: how many.
            seed: an integer, or two of them; None for new ones.
        """
        pair = ops.cast(drawing.pair_of(seed), "int64")
        # Not the average's: its mixture weights are those of the last step.
        return self.generator.draw_generators(num_samples, pair + _SHIFT)

    def generators_of(self, seeds: Any) -> Any:
        """Generators `(n,)` int32 by mixture weight, each of its own row of seeds `(n, 2)`."""
        noise = engine.row_noise((), "uniform", ops.cast(seeds, "int64") + _SHIFT)
        return self.generator.generators_at(noise)

    def sample(
        self,
        num_samples: int,
        seed: int | None = None,
        *,
        generator: int | None = None,
        batch_size: int = 500,
    ) -> np.ndarray:
        """Generate samples.

        Args:
            num_samples: how many, at least 1.
            seed: of latents and generators: the same seed gives the same samples, None new ones.
            generator: the number of the one to take, 0..K-1; None for all, by mixture weight.
            batch_size: samples per pass through the generators; bounds the memory used.

        Returns:
            `(num_samples, ...)` float32, images in `value_range`.

        Raises:
            InputError: fewer than 1 sample, or no such generator, seed or batch size.
            NonFiniteLossError: a generator whose weights or samples are not finite.
        """
        check_whole(1, num_samples=num_samples, batch_size=batch_size)
        if generator is None:
            return self.sample_with_generators(num_samples, seed, batch_size=batch_size)[0]
        if not isinstance(generator, numbers.Integral) or not (
            0 <= generator < self.num_generators
        ):
            raise InputError(
                f"generator must be one of 0..{self.num_generators - 1}. Received: {generator}"
            )
        chosen = np.full(num_samples, generator, np.int32)
        return self._sample_by(chosen, seed, batch_size)

    def sample_with_generators(
        self, num_samples: int, seed: int | None = None, *, batch_size: int = 500
    ) -> tuple[np.ndarray, np.ndarray]:
        """What `sample` gives, and `(num_samples,)` int32, the generator of each."""
        check_whole(1, num_samples=num_samples, batch_size=batch_size)
        seed = drawing.seed_of(seed)  # Of generators and latents alike.
        chosen = ops.convert_to_numpy(self.draw_generators(num_samples, seed))
        return self._sample_by(chosen, seed, batch_size), chosen

    def active_units(self, samples_per_generator: int = 100, seed: int = 0) -> dict[str, float]:
        """By layer, the fraction 0..1 of ReLU units that are active: see `GeneratorBank`."""
        latents = self.sample_latents(samples_per_generator * self.num_generators, seed)
        return self.sampler.active_units(latents)

    def _sample_by(self, generators: np.ndarray, seed: int | None, batch_size: int) -> np.ndarray:
        latents = ops.convert_to_numpy(self.sample_latents(len(generators), seed))
        # Each generator's samples together: few passes, each through the weights of one.
        order = np.argsort(generators, kind="stable")
        samples = np.empty((len(order), *self.sample_shape), np.float32)
        for k in np.unique(generators):
            rows = order[generators[order] == k]
            samples[rows] = self._in_batches(
                lambda z, k=int(k): self.sampler.generate(z, k), latents[rows], batch_size
            )
        return samples

    def predict_step(self, data: Any) -> Any:
        """Keras' own, in a form that XLA can compile where it does."""
        latents, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        if not self.jit_compile:
            return self(latents, training=False)
        chosen = self.generators_of(engine.row_seeds(latents))
        return self.sampler.generate(latents, chosen, dense=True)

    @property
    def banks(self) -> list[GeneratorBank]:
        """The bank that is trained, and the moving average's where there is one."""
        return list({id(bank): bank for bank in (self.generator, self.sampler)}.values())

    def endpoints(self) -> dict[str, serving.Endpoint]:
        """As of `AdversarialModel`; samples come with their generators' numbers."""
        return serving.mixture_endpoints(self)


def _own_samples(generators: int, own: int | None, total: int | None, equal: bool) -> int | None:
    """How many samples each generator makes for a turn; None where the batch says it."""
    for name, value in (("samples_per_generator", own), ("total_samples", total)):
        if value is not None and value < 1:
            raise InputError(f"{name} must be at least 1. Received: {value}")
    if (own is not None) + (total is not None) + bool(equal) > 1:
        raise InputError(
            "How many samples a generator makes is said once: by `samples_per_generator`, "
            "`total_samples` or `equal_batches`, the others being None and False. Received: "
            f"samples_per_generator={own}, total_samples={total}, equal_batches={equal}"
        )
    return own if total is None else -(-total // generators)
