"""K generators as one network."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from kgan.backend import engine
from kgan.backend.grouping import by_group
from kgan.backend.precision import floats
from kgan.errors import InputError
from kgan.game import own_layers
from kgan.game.copies import Recipe, copy_of_layer
from kgan.layers import StackedLayer
from kgan.signatures import check_arguments, checked


@keras.saving.register_keras_serializable("kgan")
class GeneratorBank(keras.Model):
    """A mixture of K generators, made from the networks of one.

    The first layers are each generator's own, the others are all generators' together; both may
    be empty. Own layers hold stacked weights `(K, ...)`, shared layers see all samples at once,
    so that a step of K generators is one pass and one gradient.

    Args:
        template: a functional Keras model from latents `(batch, latent_dim)` to samples. Its
            layers are copied; its weights are not used, all are drawn anew.
        generators: K, at least 1.
        private_layers: how many layers with a kernel, counted from the latents, each generator
            has of its own, with what follows them up to the next layer with a kernel, or with
            weights that cannot be stacked. None: all (MIM-GAN, MAD-GAN, DMGAN); 1: MGAN.
        mixture_weights: `(K,)` with sum 1, how often `sample` takes each generator; equal if None.
        first_shared: name of the first layer that all generators share, in place of
            `private_layers`.

    Raises:
        InputError: fewer than 1 generator, mixture weights that are no distribution, a layer that
            cannot be a generator's own, no such layer or not so many, or a template that is not
            functional, of one input and one output.
    """

    def __init__(
        self,
        template: keras.Model,
        generators: int,
        *,
        private_layers: int | None = None,
        mixture_weights: Sequence[float] | None = None,
        first_shared: str | None = None,
        **kwargs: Any,
    ):
        check_arguments(GeneratorBank.__init__, locals())
        # The networks have policies of their own; latents and mixture weights keep their precision.
        super().__init__(**{**kwargs, "dtype": keras.config.floatx()})
        own_layers.check_template(template)
        if generators < 1:
            raise InputError(f"generators must be at least 1. Received: generators={generators}")
        if private_layers is not None and private_layers < 0:
            raise InputError(
                f"private_layers must be at least 0. Received: private_layers={private_layers}"
            )
        self.generators = int(generators)
        self.private_layers = private_layers
        self.first_shared = first_shared
        # As a string: a dictionary would be tracked as state, and used up by the first reading.
        self._template = json.dumps(keras.saving.serialize_keras_object(template))
        self._recipe = Recipe(template)
        own = own_layers.names(template, private_layers, first_shared)
        self.network = keras.models.clone_model(
            template,
            clone_function=lambda layer: (
                own_layers.stacked(layer, generators) if layer.name in own else copy_of_layer(layer)
            ),
        )
        if generators > 1 and not any(_is_stacked(layer) for layer in self.network.layers):
            warnings.warn(
                f"No layer with weights is a generator's own: all {generators} are one and the "
                "same. Give `private_layers` of 1 or more.",
                stacklevel=2,
            )
        self.mixture = self.add_weight(
            name="mixture", shape=(self.generators,), initializer="ones", trainable=False
        )
        self.set_mixture_weights(mixture_weights)
        self.built = True

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """`(None, latent_dim)`."""
        return self.network.input_shape

    @property
    def mixture_weights(self) -> np.ndarray:
        """`(K,)` float32: how often each generator is taken."""
        return ops.convert_to_numpy(self.mixture)

    @checked
    def set_mixture_weights(self, weights: Sequence[float] | None) -> None:
        """Take each generator so often from now on.

        Args:
            weights: `(K,)` with sum 1; 0 switches a generator off. Equal if None.

        Raises:
            InputError: if they are no distribution.
        """
        self.mixture.assign(_distribution(weights, self.generators))

    def __call__(self, latents: Any, *args: Any, **kwargs: Any) -> Any:
        """See `call`."""
        self._check_rows(latents)
        return super().__call__(latents, *args, **kwargs)

    def call(self, latents: Any, training: bool = False) -> Any:
        """All generators at once, in turns.

        Args:
            latents: `(m * K, latent_dim)`; row `r` belongs to generator `r % K`.
            training: as Keras has it.

        Returns:
            `(m * K, ...)` in the same order.

        Raises:
            InputError: a number of rows that K does not divide.
        """
        # Inside, a generator's rows lie together.
        samples = self.network(_swapped(latents, -1, self.generators), training=training)
        return _swapped(samples, self.generators, -1)

    def predict(self, x: Any, batch_size: int | None = None, **kwargs: Any) -> Any:
        """Keras' `predict` of latents `(m * K, latent_dim)`, as `call` has them.

        Args:
            x: the latents.
            batch_size: of an array, 32 if None; the next multiple of K is taken.
            **kwargs: Keras' own.
        """
        if hasattr(x, "shape"):
            self._check_rows(x)
            batch_size = -(-(batch_size or 32) // self.generators) * self.generators
        return super().predict(x, batch_size=batch_size, **kwargs)

    def generate(self, latents: Any, generator: Any, *, dense: bool = False) -> Any:
        """Samples in inference mode, each by the generator that is named.

        Args:
            latents: `(n, latent_dim)`.
            generator: a number 0..K-1 for all, or `(n,)` of them.
            dense: whether every generator makes all samples, of which one's are taken: K times
                the work, and all that XLA can compile.
        """
        if not len(ops.shape(generator)):
            return self._generate_one(latents, generator)
        return by_group(
            lambda rows, k: floats(self._generate_one(rows, k)),
            latents,
            generator,
            count=self.generators,
            shape=tuple(self.network.output_shape[1:]),
            dense=dense,
        )

    def draw_generators(self, num_samples: Any, seed: Any) -> Any:
        """Numbers of generators by the mixture weights: `(num_samples,)` int32.

        Args:
            num_samples: how many.
            seed: two integers.
        """
        return self.generators_at(engine.noise((num_samples,), "uniform", seed))

    def generators_at(self, noise: Any) -> Any:
        """Numbers of generators `(n,)` int32, for draws `(n,)` from U[-1, 1] by mixture weight."""
        uniform = noise / 2 + 0.5
        ends = ops.cumsum(self.mixture)[:-1]
        return ops.cast(ops.searchsorted(ends, uniform, side="right"), "int32")

    def active_units(self, latents: Any, share: float = 0.1) -> dict[str, float]:
        """Fractions of the ReLU units that are active: MGAN, appendix C.2, figure 8a.

        A unit is active when it is positive for at least `share` of the samples: of its own
        generator's in a layer of the generators' own, of all in a shared one. In inference mode.
        Leaky units count alike, though one that is never positive still learns there.

        Args:
            latents: `(m * K, latent_dim)` as for `call`.
            share: in (0, 1].

        Returns:
            By name of the layer, 0..1, from the latents on; empty without ReLU layers, leaky or
            not.
        """
        found = [layer for layer in self.network.layers if _is_relu(layer)]
        if not found:
            return {}
        model = keras.Model(self.network.input, [layer.output for layer in found])
        outputs = model(_swapped(latents, -1, self.generators), training=False)
        every = self.network.layers
        shared = [i for i, x in enumerate(every) if x.weights and not _is_stacked(x)]
        active = {}
        for layer, values in zip(found, outputs if len(found) > 1 else [outputs], strict=True):
            positive = ops.convert_to_numpy(values) > 0
            own = every.index(layer) < min(shared, default=len(every))
            groups = positive.reshape(self.generators if own else 1, -1, *positive.shape[1:])
            active[layer.name] = float((groups.mean(axis=1) >= share).mean())
        return active

    def generator(self, k: int) -> keras.Model:
        """Generator `k` alone, as a Keras model of its own with a copy of its weights.

        Raises:
            InputError: if there is no such generator.
        """
        if not 0 <= k < self.generators:
            raise InputError(f"generator must lie in 0..{self.generators - 1}. Received: {k}")
        model = self._recipe.make()
        for mine, theirs in zip(self.network.layers, model.layers, strict=True):
            weights = mine.get_weights()
            theirs.set_weights([w[k] for w in weights] if _is_stacked(mine) else weights)
        return model

    def set_generator(self, k: int, model: keras.Model) -> None:
        """Give generator `k` the weights of `model`; shared layers take them for all generators.

        Args:
            k: 0..K-1.
            model: of the template's layers.

        Raises:
            InputError: if there is no such generator.
        """
        if not 0 <= k < self.generators:
            raise InputError(f"generator must lie in 0..{self.generators - 1}. Received: {k}")
        for mine, theirs in zip(self.network.layers, model.layers, strict=True):
            new = theirs.get_weights()
            if _is_stacked(mine):
                old = mine.get_weights()
                for stack, weight in zip(old, new, strict=True):
                    stack[k] = weight
                new = old
            mine.set_weights(new)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {
            "name": self.name,
            "template": json.loads(self._template),
            "generators": self.generators,
            "private_layers": self.private_layers,
            "first_shared": self.first_shared,
            "mixture_weights": self.mixture_weights.tolist(),
        }

    def remade(self, change: Callable[[Any], Any] = lambda template: template) -> GeneratorBank:
        """A bank of the same configuration, its weights drawn anew.

        Args:
            change: of the template, before.
        """
        return type(self)(**{**self.get_config(), "template": change(self._recipe.make())})

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> GeneratorBank:
        """A bank from `get_config()`."""
        template = keras.saving.deserialize_keras_object(
            config["template"], custom_objects=custom_objects
        )
        return cls(**{**config, "template": template})

    def _check_rows(self, latents: Any) -> None:
        rows = next(iter(getattr(latents, "shape", None) or ()), None)
        if rows is not None and rows % self.generators:
            raise InputError(
                f"A bank takes as many latents for each of its {self.generators} generators. "
                f"Received: {rows} rows; give a multiple of {self.generators}, or name the "
                "generators: generate(latents, generator)."
            )

    def _generate_one(self, latents: Any, generator: Any) -> Any:
        with self._selected(generator):
            return self.network(latents, training=False)

    @contextmanager
    def _selected(self, generator: Any) -> Iterator[None]:
        own = [layer for layer in self.network.layers if _is_stacked(layer)]
        for layer in own:
            layer.selected = generator
        try:
            yield
        finally:
            for layer in own:
                layer.selected = None


def _is_stacked(layer: keras.Layer) -> bool:
    return isinstance(layer, StackedLayer)


def _is_relu(layer: keras.Layer) -> bool:
    """Whether its outputs are positive where what comes in is, and there alone."""
    relus = keras.activations.relu, keras.activations.leaky_relu
    return (
        isinstance(layer, layers.ReLU | layers.LeakyReLU)
        or getattr(layer, "activation", None) in relus
    )


def _swapped(x: Any, rows: int, columns: int) -> Any:
    """`(rows * columns, ...)` with the two transposed; one of them may be -1."""
    axes = range(2, len(x.shape) + 1)
    groups = ops.transpose(ops.reshape(x, (rows, columns, *x.shape[1:])), (1, 0, *axes))
    return ops.reshape(groups, (-1, *x.shape[1:]))


def _distribution(weights: Sequence[float] | None, generators: int) -> np.ndarray:
    if weights is None:
        return np.full(generators, 1 / generators, np.float32)
    found = np.asarray(weights, np.float64)
    if (
        found.shape != (generators,)
        or not np.all(np.isfinite(found) & (found >= 0))
        or abs(found.sum() - 1) > 1e-4
    ):
        raise InputError(
            f"mixture_weights must be {generators} numbers of at least 0 with sum 1. "
            f"Received: {list(np.ravel(weights))}"
        )
    return (found / found.sum()).astype(np.float32)
