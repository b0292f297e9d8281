"""What a published configuration consists of."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from kgan.backend.optimizers import Adam
from kgan.errors import InputError, check_one_of, check_whole
from kgan.game import AdversarialModel, packing
from kgan.methods.presets import latents

DECAYS = ("none", "cosine", "linear", "halving", "staircase")
Build = Callable[[tuple[int, ...], Any, Mapping[str, Any]], dict[str, Any]]
# By name, a value and the reason why presets have it; the value may be a function of the examples'
# shape. It is the reason of those presets alone that have this value.
Shared = Mapping[str, tuple[Any, str]]
COMMON: Shared = {
    "algorithm": ("adam", "DCGAN's optimizer (Radford et al. 2016), for all methods but WGAN"),
    "beta_2": (0.999, "Adam's own default (Kingma and Ba 2015)"),
    "outputs": (1, "the game looks at one value of a sample"),
    "discriminator_steps": (1, "the players take turns: Goodfellow et al., Algorithm 1, k = 1"),
    "fresh_noise": (True, "each move draws its own latents: Goodfellow et al., Algorithm 1"),
}


@dataclasses.dataclass(frozen=True)
class Networks:
    """A builder of networks that says what it builds.

    Attributes:
        build: `(example_shape, dtype, arguments) -> networks by argument name`.
        facts: what can be said of them, each as a value or a function of the examples' shape:
            `networks`, whose they are; `latent_dim`; `discriminator_norm`, one of
            `kgan.networks.lucic.NORMS`; and what else papers state, such as `stddev`.
        options: names of those facts that a user may choose, and their values. The builder finds
            what was chosen among its arguments.
    """

    build: Build
    facts: Mapping[str, Any]
    options: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)

    def __call__(
        self, example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The networks."""
        return self.build(example_shape, dtype, arguments)

    def differing(self, build: Build, **facts: Any) -> Networks:
        """Another builder of such networks, of which these facts hold besides."""
        return Networks(build, {**self.facts, **facts}, self.options)


@dataclasses.dataclass(frozen=True)
class Preset:
    """A method's networks and budget on a data set.

    Attributes:
        dataset: name for `kgan.data.load`; None for any image set.
        example_shape: of one example; None for any.
        networks: their builder.
        arguments: of the class, besides the networks.
        network_arguments: of the networks alone, such as the number of generators.
        steps: train steps (moves of the generator).
        batch_size: examples per move.
        learning_rate: at the start.
        rate_factors: by player, what `learning_rate` is multiplied by; 1 if not given.
        beta_1: of Adam.
        beta_2: of Adam.
        algorithm: the optimizers', `"adam"` or `"rmsprop"`, which has Keras' own defaults.
        player_options: by player, arguments of its optimizer in place of these. A `learning_rate`
            here stays as it is: neither a user's nor `decay` changes it.
        decay: how the learning rate falls over `steps`: `"none"`, to 0 by `"cosine"` or
            `"linear"`, by half after each quarter of them by `"halving"`, or by a tenth after each
            36th by `"staircase"`.
        reasons: by name of a value (see `kgan.methods.provenance`), why it is what it is where
            no paper or published code has it.
        shared: reasons that several presets share.
        interval: steps between rows of the log.
        snapshot_interval: steps between kept samples; a multiple of `interval`.
        steps_per_execution: steps per call into the graph.
        goes_with: by argument, the one that its value here belongs to, as a weight to what it
            weighs: where that is changed, the class's own default holds for it.
        resized: whether the set's images have another size, to be resized to `example_shape`.
        model: the method's class, which `Method` says.
    """

    dataset: str | None
    example_shape: tuple[int, ...] | None
    networks: Networks
    arguments: Mapping[str, Any]
    steps: int
    batch_size: int
    learning_rate: float
    beta_1: float
    network_arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    rate_factors: Mapping[str, float] = dataclasses.field(default_factory=dict)
    beta_2: float = 0.999
    algorithm: str = "adam"
    player_options: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)
    decay: str = "none"
    reasons: Mapping[str, str] = dataclasses.field(default_factory=dict)
    shared: Shared = dataclasses.field(default_factory=dict)
    interval: int = 125
    snapshot_interval: int = 500
    steps_per_execution: int = 25
    goes_with: Mapping[str, str] = dataclasses.field(default_factory=dict)
    resized: bool = False
    model: type[AdversarialModel] = AdversarialModel

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of the networks, by name."""
        facts = self.networks.facts.items()
        return {name: self._of_shape(value) for name, value in facts}

    def why(self, values: Mapping[str, Any]) -> dict[str, str]:
        """The reasons for those of `values` that have one."""
        shared = {
            name: why
            for reasons in (COMMON, self.shared)
            for name, (value, why) in reasons.items()
            if name in values and values[name] == self._of_shape(value)
        }
        return {**shared, **self.reasons}

    def _of_shape(self, value: Any) -> Any:
        return value(self.example_shape) if callable(value) else value

    def build(
        self,
        example_shape: tuple[int, ...] | None = None,
        dtype: Any = None,
        **changes: Any,
    ) -> AdversarialModel:
        """The model, its networks of fresh weights.

        Args:
            example_shape: where the preset is for any image set.
            dtype: dtype policy of the networks, such as `"mixed_bfloat16"`.
            **changes: arguments of the class or of its networks to change.

        Raises:
            InputError: if there is no example_shape, or a change that cannot work.
        """
        self._check_known(changes)
        networks = {k: changes.pop(k, v) for k, v in self.network_arguments.items()}
        networks |= self._chosen(changes)
        arguments = {**self.arguments_beside(changes), **changes}
        shape = tuple(example_shape or self.example_shape or ())
        if not shape:
            raise InputError(
                "This preset is for any image set. Received: no example_shape; give "
                "example_shape=(height, width, channels)."
            )
        if arguments.get("components", 2) < 2:
            raise InputError(
                f"components must be at least 2. Received: components={arguments['components']}"
            )
        if (latent_dim := arguments.get("latent_dim")) is not None:
            check_whole(1, latent_dim=latent_dim)
        pack = arguments.get("pack", 1)
        packing.check(pack, self.model)
        built = self.networks(shape, dtype, {**arguments, **networks})
        if pack > 1:
            seen = {name: built[name] for name in packing.NETWORKS if name in built}
            built |= {name: packing.network(one, pack) for name, one in seen.items()}
        if latent_dim is not None:
            built["generator"] = latents.resized(built["generator"], latent_dim)
        return self.model(**built, **arguments)

    def _check_known(self, changes: Mapping[str, Any]) -> None:
        """Refuse what neither the class nor these networks take, though others' may."""
        known = {n for cls in self.model.__mro__ for n in inspect.signature(cls).parameters}
        own = [*self.network_arguments, *self.networks.options]
        for name, value in changes.items():
            if name not in known.union(own):
                raise InputError(
                    f"{self.model.__name__} has no argument `{name}`, nor have the networks of "
                    f"this preset, which take {', '.join(own) or 'none'}. "
                    f"Received: {name}={value!r}"
                )

    def _chosen(self, changes: dict[str, Any]) -> dict[str, str]:
        """What is chosen of the networks' options, which it takes out of `changes`."""
        found = {name: changes.pop(name) for name in self.networks.options if name in changes}
        for name, value in found.items():
            check_one_of(self.networks.options[name], **{name: value})
        return found

    def arguments_beside(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The class's arguments that hold beside `changes`: see `goes_with`."""

        def kept(name: str) -> bool:
            other = self.goes_with.get(name)
            if other is None or other not in changes:
                return True
            usual = inspect.signature(self.model).parameters[other].default
            return bool(changes[other] == self.arguments.get(other, usual))

        return {name: value for name, value in self.arguments.items() if kept(name)}

    def optimizer(
        self,
        player: str,
        learning_rate: float | None = None,
        decay: str | None = None,
        decay_steps: int | None = None,
        *,
        factor: float | None = None,
        moves: int = 1,
    ) -> keras.optimizers.Optimizer:
        """The optimizer that the preset has for `player`.

        Args:
            player: its name.
            learning_rate: in place of the preset's.
            decay: in place of the preset's.
            decay_steps: over as many train steps, in place of the preset's.
            factor: what the rate is multiplied by, in place of the player's in `rate_factors`.
            moves: that the player makes in a train step, see `AdversarialModel.moves`: an
                optimizer, and so its schedule, counts each of them.
        """
        rate = self.learning_rate if learning_rate is None else learning_rate
        rate *= self.rate_factors.get(player, 1.0) if factor is None else factor
        decay = decay or self.decay
        steps = (decay_steps or self.steps) * moves
        schedules = keras.optimizers.schedules
        if decay == "cosine":
            rate = schedules.CosineDecay(rate, steps)
        elif decay == "linear":
            rate = schedules.PolynomialDecay(rate, steps, end_learning_rate=0.0)
        elif decay == "halving":
            rate = schedules.ExponentialDecay(rate, max(steps // 4, 1), 0.5, staircase=True)
        elif decay == "staircase":
            rate = schedules.ExponentialDecay(rate, max(steps // 36, 1), 0.9, staircase=True)
        options = {"learning_rate": rate, "name": f"{player}_{self.algorithm}"}
        if self.algorithm == "rmsprop":
            return keras.optimizers.RMSprop(**{**options, **self.player_options.get(player, {})})
        options |= {"beta_1": self.beta_1, "beta_2": self.beta_2}
        return Adam(**{**options, **self.player_options.get(player, {})})
