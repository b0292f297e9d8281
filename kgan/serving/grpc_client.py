"""TensorFlow Serving's gRPC interface as a client asks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from kgan.serving import answers

_FIELD = "signature_def"
_AGAIN = {"RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED"}
_REFUSED = {"INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE"}
_TOO_LARGE = "larger than max"  # What gRPC says, as of a server that has no room.


class GrpcClient:
    """Asks once; who calls asks again.

    Args:
        url: of the server, such as grpc://localhost:8500.
    """

    def __init__(self, url: str):
        self.url = url
        sizes = [(f"grpc.max_{way}_message_length", -1) for way in ("receive", "send")]
        channel = grpc.insecure_channel(url.partition("://")[2], sizes)
        self._predictions = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(channel)

    def versions(self, model: str, seconds: float) -> list[int]:
        """As of `RestClient`."""
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = model
        states = self._ask(self._models.GetModelStatus, request, seconds).model_version_status
        served = get_model_status_pb2.ModelVersionStatus.AVAILABLE
        return sorted(one.version for one in states if one.state == served)

    def signatures(self, model: str, seconds: float) -> dict[str, dict[str, list[str]]]:
        """As of `RestClient`."""
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=[_FIELD])
        request.model_spec.name = model
        answer = self._ask(self._predictions.GetModelMetadata, request, seconds)
        told = get_model_metadata_pb2.SignatureDefMap()
        if not answer.metadata[_FIELD].Unpack(told):
            raise answers.strange(self.url, f"{model}'s metadata have no {_FIELD}")
        return {
            name: {"inputs": sorted(one.inputs), "outputs": sorted(one.outputs)}
            for name, one in told.signature_def.items()
        }

    def predict(
        self, model: str, signature: str, inputs: Mapping[str, np.ndarray], seconds: float
    ) -> Any:
        """The outputs by name."""
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = model, signature
        for name, rows in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(rows))
        answer = self._ask(self._predictions.Predict, request, seconds)
        return {name: tf.make_ndarray(value) for name, value in answer.outputs.items()}

    def _ask(self, call: Any, request: Any, seconds: float) -> Any:
        try:
            return call(request, timeout=max(seconds, 0.01))
        except grpc.RpcError as error:
            code, told = error.code().name, error.details() or ""
            if code == "NOT_FOUND":
                raise answers.missing(self.url, told) from error
            if code in _REFUSED or _TOO_LARGE in told:
                raise answers.refused(self.url, told) from error
            if code in _AGAIN:
                raise answers.again(code, told) from error
            raise answers.failed(self.url, code, told) from error
