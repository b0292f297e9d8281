"""SavedModels that TensorFlow Serving can serve."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2

from kgan.backend import finite
from kgan.backend.writing import writing
from kgan.errors import RunError, check_one_of
from kgan.files import local_path, replacing_folder
from kgan.serving import warmup
from kgan.serving.endpoints import Endpoint
from kgan.serving.limits import MAX_SAMPLES
from kgan.serving.rounding import STORED_AS, StoredWeight, kind

ABOUT = "assets.extra/kgan.json"
"""File in a SavedModel that says what signatures cannot: `class`, the distribution of its
`latents`, `max_samples`, the most rows that `sample` takes at once, the images' `value_range`, and
a mixture's `num_generators`."""

PROTO = "saved_model.pb"
_CONTENTS = {PROTO, "variables", "assets", "assets.extra", "fingerprint.pb", "keras_metadata.pb"}
# What Keras gives to the root of what it exports, besides the endpoints.
_OF_KERAS = {"variables", "trainable_variables", "non_trainable_variables", "_misc_assets"}


def export(
    model: Any,
    directory: str | Path,
    *,
    verbose: bool = False,
    stored_as: str = STORED_AS[0],
) -> Path:
    """Write a SavedModel with named, batch-polymorphic signatures.

    Signatures, their inputs and outputs:

    - `serving_default`: `latents (n, latent_dim)` float32 to `samples (n, ...)` float32.
    - `sample`: `seeds (n, 2)` int32 to `samples`, for each row of two integers a sample of its
      own. At most 1,000 rows (`kgan.serving.MAX_SAMPLES`) are taken at once; more are an error.
    - `sample_png`, for images of 1, 3 or 4 channels: the same inputs to `image_bytes (n,)`, PNG
      files, which TF Serving's REST interface encodes in base64 for their name's ending.
    - `discriminate`: `samples (n, ...)` float32 to the method's named outputs, such as
      `probability (n,)` and MD-GAN's `embedding (n, d)`.
    - `invert`, of an `InverseModel`: `samples (n, ...)` float32 in the model's value range to
      `latents (n, latent_dim)` float32, as `model.invert`. `serving_default` maps them back.

    Every row of an answer is made of the same row of the inputs alone, whatever lies beside it.
    Every input has as many rows, and so has every output: a server may batch them. Inputs that are
    not finite are an error.

    What may be chosen for each row besides is taken by signatures whose names end in
    `_with_options`: `sample_with_options`, `sample_png_with_options`, `serving_with_options`:

    - `generator (n,)` int32, of a mixture: the numbers of the generators to take, where -1 stands
      for a draw by the mixture weights, by the row's seeds, or a seed made from its latents: what
      the signatures without options do. All of a mixture return it, `generator (n,)` int32.
    - `truncation (n,)` float32, of seeds where latents are normal: they are drawn from within
      `[-truncation, truncation]`; 0 is for none.

    What signatures cannot say lies beside them, in `assets.extra/kgan.json`, and requests that
    TensorFlow Serving runs at its start in `assets.extra/tf_serving_warmup_requests`.

    Args:
        model: an `AdversarialModel`.
        directory: the version's folder, such as `saved_models/mdgan_grid/1`. It appears whole, or
            not at all. An empty folder, and a SavedModel that kgan or Keras has exported, is
            replaced.
        verbose: whether to print where it is.
        stored_as: how weights of 1,024 numbers and more are stored, `"float32"`, `"float16"` or
            `"int8"`, see `kgan.serving.rounding`; computed with as the float32 that they round to.

    Returns:
        The folder.

    Raises:
        InputError: a path with a scheme, such as `gs://`, another `stored_as`, or weights that it
            cannot hold.
        NonFiniteLossError: weights that are not finite.
        RunError: it cannot be written, or what is there is not ours to replace.
    """
    check_one_of(STORED_AS, stored_as=stored_as)
    target = local_path(directory, "filepath")
    finite.require_finite(model, "exported")
    whole = replacing_folder(target, lambda folder: _check_ours(folder, target))
    with writing(target), whole as folder:
        endpoints = model.endpoints()
        module = _module(model, endpoints, stored_as)
        signatures = {name: getattr(module, name) for name in endpoints}
        tf.saved_model.save(module, str(folder), signatures=signatures)
        about = folder / ABOUT
        about.parent.mkdir(exist_ok=True)
        about.write_text(json.dumps(_about(model), indent=2) + "\n")
        warmup.write(folder, {name: endpoint.inputs for name, endpoint in endpoints.items()})
    if verbose:
        print(f"Saved artifact at '{target}'.")
    return target


def _module(model: Any, endpoints: Mapping[str, Endpoint], stored_as: str) -> tf.Module:
    """The endpoints as functions, and the weights that they use, each once and in their order.

    Keras' archive has weights twice, and in another order each time.
    """
    module, rounded = tf.Module(), _Rounded(model, stored_as)
    used: dict[int, tf.Variable] = {}
    for name, endpoint in endpoints.items():
        traced = _traced(endpoint.function, endpoint.inputs)
        if own := rounded.among(traced.get_concrete_function().variables):
            traced = _traced(_with_stored(endpoint.function, own), endpoint.inputs)
        setattr(module, name, traced)
        used |= {id(v): v for v in traced.get_concrete_function().variables}
    stored = (v for weight in rounded.made.values() for v in weight.variables)
    known = [*(variable.value for variable in model.variables), *stored]
    ordered = [variable for variable in known if id(variable) in used]
    others = used.keys() - {id(variable) for variable in ordered}
    module.weights = ordered + sorted((used[key] for key in others), key=lambda v: v.name)
    return module


def _traced(function: Any, inputs: Sequence[tf.TensorSpec]) -> Any:
    return tf.function(function, input_signature=inputs, autograph=False)


class _Rounded:
    """The large weights of a model in fewer bits, each made when an endpoint uses it."""

    def __init__(self, model: Any, stored_as: str):
        kinds = ((v, kind(v, stored_as)) for v in model.variables)
        self._large = [(v, how) for v, how in kinds if how != "float32"]
        self.made: dict[int, StoredWeight] = {}

    def among(self, used: Iterable[tf.Variable]) -> list[tuple[keras.Variable, StoredWeight]]:
        """Those of an endpoint's weights that are large, and what they are stored in."""
        there = {id(variable) for variable in used}
        own = [(v, how) for v, how in self._large if id(v.value) in there]
        for v, how in own:
            if id(v) not in self.made:
                self.made[id(v)] = StoredWeight(v, how)
        return [(v, self.made[id(v)]) for v, _ in own]


def _with_stored(function: Any, own: Sequence[tuple[keras.Variable, StoredWeight]]) -> Any:
    """An endpoint's function that takes weights from what they are stored in."""

    def of_stored(*args: Any) -> Any:
        given = [(whole, stored.read()) for whole, stored in own]
        with keras.StatelessScope(state_mapping=given):
            return function(*args)

    of_stored.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return of_stored


def _about(model: Any) -> dict[str, Any]:
    about: dict[str, Any] = {
        "class": type(model).__name__,
        "latents": model.latent_distribution,
        "max_samples": MAX_SAMPLES,
    }
    if len(model.sample_shape) == 3:
        about["value_range"] = list(model.value_range)
    if hasattr(model, "num_generators"):
        about["num_generators"] = model.num_generators
    return about


def _check_ours(folder: Path, target: Path) -> None:
    """Refuse to replace what is no SavedModel of kgan's or Keras'.

    Args:
        folder: with contents.
        target: what it is called.

    Raises:
        RunError: the folder is something else, or holds more.
    """
    there = {path.name for path in folder.iterdir()}
    versions = sorted(int(name) for name in there if name.isdigit())
    free = target / str(max(versions, default=0) + 1)
    if versions or "models.config" in there:
        raise RunError(
            f"{target} holds a model's versions ({', '.join(map(str, versions)) or 'none yet'}), "
            f"and is left as it is: export a new one, as {free}."
        )
    foreign = sorted(there - _CONTENTS)
    if foreign or PROTO not in there or not _of_ours(folder):
        what = f"it has {foreign[0]}" if foreign else "another program's, or broken"
        raise RunError(
            f"{target} is not empty and no SavedModel that kgan has exported ({what}), and is left "
            f"as it is: name a new folder, as {free}."
        )


def _of_ours(folder: Path) -> bool:
    """Whether kgan, or Keras, has written a SavedModel."""
    if (folder / ABOUT).is_file():
        return True
    proto = saved_model_pb2.SavedModel()
    try:
        proto.ParseFromString((folder / PROTO).read_bytes())
        (graph,) = proto.meta_graphs
        root = graph.object_graph_def.nodes[0]
    except (OSError, ValueError, IndexError, DecodeError):
        return False
    return {child.local_name for child in root.children} >= _OF_KERAS
