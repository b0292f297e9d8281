"""Requests that TensorFlow Serving runs at its start: the first one of a signature is slow.

The messages are TensorFlow Serving's `PredictionLog`, of which the fields that are needed are
declared here: who exports a model need not have its package.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from tensorflow.core.framework import tensor_pb2

FILE = "assets.extra/tf_serving_warmup_requests"
_PACKAGE = "kgan.serving.warmup"
# By message its fields: name, number, type.
_MESSAGES = {
    "ModelSpec": [("signature_name", 3, "string")],
    "Input": [("key", 1, "string"), ("value", 2, "tensorflow.TensorProto")],
    "PredictRequest": [("model_spec", 1, "ModelSpec"), ("inputs", 2, "Input*")],
    "PredictLog": [("request", 1, "PredictRequest")],
    "PredictionLog": [("predict_log", 6, "PredictLog")],
}


def write(folder: Path, signatures: Mapping[str, Sequence[tf.TensorSpec]]) -> None:
    """Write a request of one row of zeros for each signature.

    Args:
        folder: of a SavedModel.
        signatures: by name their inputs.
    """
    path = folder / FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as file:
        for name, inputs in sorted(signatures.items()):
            log = _prediction_log()
            log.predict_log.request.model_spec.signature_name = name
            for spec in sorted(inputs, key=lambda spec: spec.name):
                row = tf.zeros([1, *spec.shape[1:]], spec.dtype)
                value = tf.make_tensor_proto(row)
                log.predict_log.request.inputs.add(key=spec.name, value=value)
            file.write(log.SerializeToString(deterministic=True))


def _prediction_log() -> Any:
    return message_factory.GetMessageClass(_descriptor())()


@functools.cache
def _descriptor() -> Any:
    """Of `PredictionLog`. A map is on the wire a list of keys with their values."""
    tensor = tensor_pb2.DESCRIPTOR.name
    file = descriptor_pb2.FileDescriptorProto(
        name="kgan/serving/warmup.proto", package=_PACKAGE, syntax="proto3", dependency=[tensor]
    )
    kinds = descriptor_pb2.FieldDescriptorProto
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            told = message.field.add(name=field, number=number)
            told.label = kinds.LABEL_REPEATED if kind.endswith("*") else kinds.LABEL_OPTIONAL
            told.type = kinds.TYPE_STRING if kind == "string" else kinds.TYPE_MESSAGE
            if kind != "string":
                whole = kind.rstrip("*")
                told.type_name = f".{whole}" if "." in whole else f".{_PACKAGE}.{whole}"
    pool = descriptor_pool.Default()
    pool.Add(file)
    return pool.FindMessageTypeByName(f"{_PACKAGE}.PredictionLog")
