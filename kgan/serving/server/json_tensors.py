"""TensorFlow Serving's JSON of Predict, in rows (`instances`) and in columns (`inputs`)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from kgan.serving.server.failures import invalid


class Request(NamedTuple):
    """A request's body.

    Attributes:
        signature: the signature's name; "" for the default.
        rows: whether it is in rows.
        content: what stands under `instances` or `inputs`.
    """

    signature: str
    rows: bool
    content: Any


def read(body: bytes) -> Request:
    """The parts of a body, whatever they hold.

    Raises:
        Failure: it is no JSON object of this kind.
    """
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    try:
        found = json.loads(body)
    except RecursionError as error:
        raise invalid("JSON Parse error: it is nested too deeply") from error
    except ValueError as error:  # UnicodeDecodeError is one.
        raise invalid(f"JSON Parse error: {error}") from error
    if not isinstance(found, dict):
        raise invalid("JSON Value: Is not object")
    name = found.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid("'signature_name' key must be a string value.")
    keys = [key for key in ("instances", "inputs") if key in found]
    if len(keys) != 1:
        raise invalid(
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist"
            if keys
            else "Missing 'inputs' or 'instances' key"
        )
    content = found[keys[0]]
    if keys == ["instances"] and not (isinstance(content, list) and content):
        raise invalid("Expecting 'instances' to be a list/array of at least one value")
    return Request(name, keys == ["instances"], content)


def arrays(
    request: Request,
    dtypes: Mapping[str, np.dtype],
    check: Callable[[str, tuple[int, ...]], None],
) -> dict[str, np.ndarray]:
    """The inputs of a request.

    Args:
        request: of `read`.
        dtypes: of all inputs, by name; object for strings.
        check: raises for a shape that an input cannot have.

    Raises:
        Failure: they are none of these inputs.
    """
    columns = _of_rows(request.content, dtypes) if request.rows else _of_columns(request, dtypes)
    found = {}
    for name, values in columns.items():
        found[name] = _array(values, dtypes[name], name)
        check(name, found[name].shape)
    return found


def answer(outputs: Mapping[str, np.ndarray], rows: bool) -> bytes:
    """The body of an answer.

    Raises:
        Failure: outputs that cannot be said so.
    """
    values = {name: _values(name, array) for name, array in outputs.items()}
    if not rows:
        return _dump("outputs", values if len(values) > 1 else next(iter(values.values())))
    sizes = {name: array.shape[0] if array.ndim else None for name, array in outputs.items()}
    if None in sizes.values() or len(set(sizes.values())) > 1:
        raise invalid(f"Tensors have inconsistent batch sizes: {sizes}; ask for columns.")
    if len(values) == 1:
        return _dump("predictions", next(iter(values.values())))
    return _dump(
        "predictions",
        [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)],
    )


def _dump(key: str, value: Any) -> bytes:
    return json.dumps({key: value}, separators=(",", ":")).encode()


def _of_rows(instances: list[Any], names: Mapping[str, Any]) -> dict[str, list[Any]]:
    if not _is_named(instances[0]):
        if len(names) > 1:
            raise invalid(
                "instances is a plain list, but expecting list of objects as multiple input "
                "tensors required as per tensorinfo_map"
            )
        for place, value in enumerate(instances):
            if _is_named(value):
                raise invalid(f"Expecting value/list but got object at item {place} of input list")
        return dict.fromkeys(names, instances)
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for place, row in enumerate(instances):
        if not _is_named(row):
            raise invalid(f"Expecting object but got list at item {place} of input list")
        if row.keys() != names.keys():
            raise invalid(
                f"Failed to process element: {place} of 'instances' list. JSON object keys must be "
                f"equal to: {','.join(sorted(names))}"
            )
        for name, value in row.items():
            columns[name].append(value)
    return columns


def _of_columns(request: Request, names: Mapping[str, Any]) -> dict[str, Any]:
    content = request.content
    if not _is_named(content):
        if len(names) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as multiple input tensors "
                "required as per tensorinfo_map"
            )
        return dict.fromkeys(names, content)
    for name in names:
        if name not in content:
            raise invalid(f"Missing named input: {name} in 'inputs' object.")
    return {name: content[name] for name in names}


def _is_named(value: Any) -> bool:
    return isinstance(value, dict) and not _is_bytes(value)


def _is_bytes(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"b64"} and isinstance(value["b64"], str)


def _array(values: Any, dtype: np.dtype, name: str) -> np.ndarray:
    """Nested lists as an array of a type, where they are one."""
    of_strings = dtype.kind == "O"
    if of_strings:
        values = _decoded(values)
    try:
        # Strings would be made one length, bytes lose their zeros.
        found = np.array(values, object if of_strings else None)
    except (ValueError, OverflowError) as error:
        raise invalid(f"{name} must be lists of equal lengths: {error}") from error
    if of_strings:
        wrong = next((one for one in found.ravel() if not isinstance(one, bytes)), None)
        if wrong is not None:
            raise invalid(f"{name} must be strings in lists of equal lengths")
        return found
    if not found.size:
        return found.astype(dtype)
    kinds = {"f": "fiu", "b": "b"}.get(dtype.kind, "iu")
    if found.dtype.kind not in kinds or (dtype.kind != "b" and _has_bool(values)):
        raise invalid(f"JSON Value of {name} is not of expected type: {dtype.name}")
    with np.errstate(over="ignore"):
        made = found.astype(dtype)
    # Numbers that the type cannot hold.
    lost = np.isinf(made) & np.isfinite(found) if dtype.kind == "f" else made != found
    if np.any(lost):
        raise invalid(f"Cannot convert JSON value of {name} to {dtype.name} without loss.")
    return made


def _has_bool(values: Any) -> bool:
    """Whether true or false is among numbers: NumPy would take it for one."""
    if not isinstance(values, list):
        return isinstance(values, bool)
    if values and isinstance(values[0], list):
        return any(map(_has_bool, values))
    return bool in set(map(type, values))


def _decoded(values: Any) -> Any:
    """The same lists with bytes for strings and for base64."""
    if isinstance(values, list):
        return [_decoded(value) for value in values]
    try:
        if _is_bytes(values):
            return base64.b64decode(values["b64"], validate=True)
        return values.encode() if isinstance(values, str) else values
    except (binascii.Error, ValueError) as error:
        raise invalid("Unable to base64 decode, or no UTF-8") from error


def _values(name: str, array: np.ndarray) -> Any:
    """An output as nested lists; of bytes, base64 for names that say so."""
    if array.dtype.kind not in "OSU":
        return array.astype(np.float64 if array.dtype.kind not in "fiub" else array.dtype).tolist()

    def told(value: Any) -> Any:
        if isinstance(value, list):
            return [told(one) for one in value]
        if name.endswith("_bytes"):
            return {"b64": base64.b64encode(value).decode()}
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise invalid(f"{name} holds bytes, and its name does not end in _bytes.") from error

    return told(array.tolist())
