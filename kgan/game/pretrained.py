"""Games by name: untrained, as a preset says, or with the weights of a trained one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from kgan import serving
from kgan.errors import InputError
from kgan.files import local_path
from kgan.game import recipes
from kgan.game.saving import RecordedModel
from kgan.signatures import checked
from kgan.zoo import card, places, storing

Model = TypeVar("Model", bound="PresetModel")


class _Presets:
    """`cls.presets`."""

    def __get__(self, model: Any, cls: type[PresetModel]) -> dict[str, str]:
        known = recipes.registry()
        return {
            name: known.told(name) + ("; trained weights are here" * bool(places.at_hand(name)))
            for name, preset in known.presets().items()
            if issubclass(preset.model, cls)
        }


class PresetModel(RecordedModel):
    """A recorded model that is made by the name of a preset."""

    preset: str | None
    step: Any
    presets: Mapping[str, str] = _Presets()  # type: ignore[assignment]
    """Names of the class's presets, and what each is, in a few words."""

    def __repr__(self) -> str:
        try:
            steps = int(self.step.numpy())
        except (AttributeError, NotImplementedError):  # Half made, or within a graph.
            return super().__repr__()
        of = "" if self.preset is None else f", preset={self.preset}"
        told = f"trained for {steps:,} steps" if steps else "untrained"
        return f"<{type(self).__name__} name={self.name}{of}, {told}>"

    @property
    def trained(self) -> bool:
        """Whether it has made a train step, here or before it was saved."""
        return int(self.step.numpy()) > 0

    @classmethod
    @checked
    def from_preset(
        cls: type[Model], name: str | Path, load_weights: bool | None = None, **changes: Any
    ) -> Model:
        """A published configuration by its name, such as `"mdgan_fashion_mnist"`.

        It is untrained unless `load_weights=True`, as it says of itself: `trained` is False.

        Args:
            name: see `presets`; or a folder that `save_to_preset` or `kgan zoo` has written.
            load_weights: whether to take a trained model: that of `KGAN_MODELS`, a folder of
                yours, of the checkout's `saved_models`, or, with the hashes of its card, of the
                address `KGAN_MODELS_URL`. None: of a folder yes, of a name no.
            **changes: arguments of the class or of its networks to change, such as
                `components=10`; of an untrained preset alone.

        Returns:
            The model. One with trained weights is not compiled: `compile()` gives it the preset's
            optimizers.

        Raises:
            InputError: if there is no such preset, it is not one of this class, or changes to what
                is trained.
            DataError: trained weights that are not to be found, or broken.
        """
        folder = _folder(name, bool(load_weights))
        if folder is None:
            preset = recipes.recipe(str(name))
            _check_class(cls, preset.model, name)
            if not load_weights:
                return preset.build(preset=str(name), **changes)
            folder = places.find(str(name), recipes.registry().command(str(name)))
        elif load_weights is False:
            raise InputError(
                "An untrained model is made by a preset's name, see `kgan.presets.names()`. "
                f"Received: load_weights=False for the folder {name}"
            )
        if changes:
            given = next(iter(changes))
            raise InputError(
                "What is trained has its arguments already: leave changes out, or make an "
                f"untrained model. Received: {given}={changes[given]!r} for {name}"
            )
        path = card.check(folder, card.read(folder), places.MODEL)
        model = serving.load_keras_file(path)
        _check_class(cls, type(model), name)
        return model

    @checked
    def save_to_preset(self, folder: str | Path) -> Path:
        """Write the model for `from_preset(folder)`: `model.keras`, and a card with its hash.

        Args:
            folder: a new or an empty one, or one of a saved model, which is replaced.

        Returns:
            The folder.

        Raises:
            InputError: a path with a scheme, such as `gs://`.
            NonFiniteLossError: weights that are not finite.
            RunError: it cannot be written, or holds something else.
        """
        target = local_path(folder, "folder")
        with storing.replacing_model(target) as written:
            storing.store_model(self, written / places.MODEL)
            card.write(written, storing.facts(self))
        return target


def _folder(name: str | Path, trained: bool) -> Path | None:
    """The folder that is meant; None for a preset that is to be built or found."""
    if name in recipes.registry().presets():
        return None
    if isinstance(name, Path) or os.path.isdir(name):  # noqa: PTH112 (no error for any text)
        return local_path(name, "name")
    return places.at_hand(name) if trained else None  # The zoo has models of no preset's name.


def _check_class(cls: type, found: type, name: str | Path) -> None:
    if not issubclass(found, cls):
        raise InputError(
            f"The preset {str(name)!r} is one of {found.__name__}, not of {cls.__name__}."
        )
