"""TensorFlow Serving's gRPC interface: Predict, GetModelMetadata, GetModelStatus."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from kgan.errors import InputError
from kgan.serving.server.core import Core
from kgan.serving.server.failures import INTERNAL, LATE, Failure, invalid
from kgan.serving.server.servable import DEFAULT, Signature

_FIELD = "signature_def"  # What is told of a model.


def start(core: Core, host: str, port: int) -> tuple[grpc.Server, int]:
    """Start the interface; `(server, port)`, where port 0 takes a free one.

    Raises:
        InputError: nothing can listen there.
    """
    most = core.limits.max_pending
    server = grpc.server(
        futures.ThreadPoolExecutor(most + 1, "kgan-grpc"),  # One that says that there is no place.
        options=[
            ("grpc.max_receive_message_length", core.limits.max_body),
            ("grpc.max_send_message_length", -1),
            ("grpc.so_reuseport", 0),
        ],
        maximum_concurrent_rpcs=2 * most,  # More get RESOURCE_EXHAUSTED.
    )
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(_Predictions(core), server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(_Models(core), server)
    try:
        found = server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    except RuntimeError as error:
        raise InputError(
            f"Nothing can listen at {host}, port {port}: give another `port`, or none by "
            "`grpc=False`."
        ) from error
    server.start()
    return server, found


class _Predictions(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, core: Core):
        self._core = core

    def Predict(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The outputs of a signature."""
        core, spec = self._core, request.model_spec
        with _told(context), core.counted(spec.name, "grpc"):
            servable = core.repository.get(spec.name, *_which(spec))
            with core.gate.enter() as ticket:
                ticket.hold(request.ByteSize())
                work = ticket.submit(_predict, core, servable, request)
                left = context.time_remaining()
                try:
                    return work.result(min(core.limits.timeout, left or core.limits.timeout))
                except futures.TimeoutError as error:
                    raise Failure(LATE, "The request took too long: ask again.") from error

    def GetModelMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The signatures of a model."""
        core, spec = self._core, request.model_spec
        with _told(context), core.counted(spec.name, "grpc"):
            if list(request.metadata_field) != [_FIELD]:
                raise invalid(f"metadata_field must be ['{_FIELD}'], and is all that there is.")
            servable = core.repository.get(spec.name, *_which(spec))
            answer = get_model_metadata_pb2.GetModelMetadataResponse()
            answer.model_spec.name = servable.name
            answer.model_spec.version.value = servable.version
            told = get_model_metadata_pb2.SignatureDefMap(signature_def=servable.definitions)
            answer.metadata[_FIELD].Pack(told)
            return answer


class _Models(model_service_pb2_grpc.ModelServiceServicer):
    def __init__(self, core: Core):
        self._core = core

    def GetModelStatus(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The versions of a model."""
        core, spec = self._core, request.model_spec
        with _told(context), core.counted(spec.name, "grpc"):
            answer = get_model_status_pb2.GetModelStatusResponse()
            for version in core.repository.status(spec.name, *_which(spec)):
                state = answer.model_version_status.add(version=version)
                state.state = get_model_status_pb2.ModelVersionStatus.AVAILABLE
                state.status.error_code = 0
            return answer


def _predict(core: Core, servable: Any, request: Any) -> Any:
    name = request.model_spec.signature_name or DEFAULT
    signature: Signature = servable.signature(name)
    inputs = {key: _array(key, value, signature) for key, value in request.inputs.items()}
    wanted = list(request.output_filter)
    unknown = [key for key in wanted if key not in signature.outputs]
    if unknown or len(set(wanted)) < len(wanted):
        raise invalid(
            f"output_filter must have names of outputs, each once: {sorted(signature.outputs)}. "
            f"Received: {wanted}"
        )
    outputs = core.compute(servable.name, signature, inputs)
    answer = predict_pb2.PredictResponse()
    answer.model_spec.name, answer.model_spec.signature_name = servable.name, name
    answer.model_spec.version.value = servable.version
    for key in wanted or outputs:
        made = tf.make_tensor_proto(outputs[key], signature.outputs[key].dtype)
        answer.outputs[key].CopyFrom(made)
    return answer


def _array(name: str, proto: Any, signature: Signature) -> Any:
    """An input's array. A few bytes may state a shape of any size, so that comes first."""
    if name not in signature.inputs:
        raise invalid(f"There is no input {name}: there are {sorted(signature.inputs)}.")
    wanted, shape = signature.inputs[name].dtype, proto.tensor_shape
    sizes = tuple(dim.size for dim in shape.dim)
    if proto.dtype != wanted.as_datatype_enum:
        raise invalid(f"{name} must be of {wanted.name}. Received: the type {proto.dtype}")
    if shape.unknown_rank or any(size < 0 for size in sizes):
        raise invalid(f"{name} must state its shape. Received: {list(sizes)}")
    signature.check(name, sizes)
    try:
        return tf.make_ndarray(proto)
    except Exception as error:  # NumPy's, of contents that are not of the shape.
        raise invalid(f"{name} has contents that are not of its shape: {error}") from error


def _which(spec: Any) -> tuple[int | None, str | None]:
    version = spec.version.value if spec.HasField("version") else None
    return version, spec.version_label or None


@contextmanager
def _told(context: grpc.ServicerContext) -> Iterator[None]:
    """Tell a client why its request is not answered."""
    try:
        yield
    except Failure as failure:
        _abort(context, failure.code, failure.message)
    except Exception:
        if context.code() is None:  # A fault of ours.
            context.set_code(grpc.StatusCode[INTERNAL])
            context.set_details("The server failed; its log says how.")
        raise


def _abort(context: grpc.ServicerContext, code: str, message: str) -> NoReturn:
    context.abort(grpc.StatusCode[code], message)
    raise AssertionError("abort raises")
