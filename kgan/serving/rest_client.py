"""TensorFlow Serving's REST interface as a client asks it. It needs no TensorFlow."""

from __future__ import annotations

import base64
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

import numpy as np

from kgan.serving import answers

_AGAIN = {429, 502, 503, 504}  # The server is busy, or not there yet.


class RestClient:
    """Asks once; who calls asks again.

    Args:
        url: of the server, without a slash at its end.
    """

    def __init__(self, url: str):
        self.url = url

    def versions(self, model: str, seconds: float) -> list[int]:
        """The versions of a model that are served.

        Raises:
            MissingError: there is no such model.
        """
        states = self._get(_path(model), seconds).get("model_version_status", [])
        return sorted(int(one["version"]) for one in states if one.get("state") == "AVAILABLE")

    def signatures(self, model: str, seconds: float) -> dict[str, dict[str, list[str]]]:
        """By name the `inputs` and `outputs` of what a model can be asked."""
        told = self._get(f"{_path(model)}/metadata", seconds)
        try:
            found = told["metadata"]["signature_def"]["signature_def"]
            return {
                name: {side: sorted(one.get(side, {})) for side in ("inputs", "outputs")}
                for name, one in found.items()
            }
        except (KeyError, TypeError, AttributeError) as error:
            raise answers.strange(self.url, f"{model}'s metadata have no {error}") from error

    def predict(
        self, model: str, signature: str, inputs: Mapping[str, np.ndarray], seconds: float
    ) -> Any:
        """The outputs by name, or the only one: the server then leaves its name out."""
        asked = {name: rows.tolist() for name, rows in inputs.items()}
        body = {"signature_name": signature, "inputs": asked}
        outputs = self._get(f"{_path(model)}:predict", seconds, body).get("outputs")
        if outputs is None:
            raise answers.strange(self.url, "no outputs")
        return _decoded(outputs)

    def _get(self, path: str, seconds: float, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=max(seconds, 0.01)) as answer:
                found = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise self._refusal(error.code, error.read()) from error
        except (OSError, http.client.HTTPException) as error:  # Timeouts are OSErrors.
            reason = getattr(error, "reason", None) or error
            raise answers.AgainError(str(reason) or type(error).__name__) from error
        except ValueError as error:
            raise answers.strange(self.url, str(error)) from error
        if not isinstance(found, dict):
            raise answers.strange(self.url, "no JSON object")
        return found

    def _refusal(self, status: int, content: bytes) -> Exception:
        """The error that an answer with a status other than 200 is."""
        try:
            told = json.loads(content)["error"]
        except (ValueError, KeyError, TypeError):
            told = content.decode("utf-8", "replace")[:200]
        if status in _AGAIN:
            return answers.again(f"status {status}", told)
        if status == 404:
            return answers.missing(self.url, told)
        if 400 <= status < 500:
            return answers.refused(self.url, told)
        return answers.failed(self.url, f"status {status}", told)


def _path(model: str) -> str:
    return f"/v1/models/{urllib.parse.quote(str(model), safe='')}"


def _decoded(outputs: Any) -> Any:
    """The same with bytes for base64."""
    if isinstance(outputs, Mapping):
        if outputs.keys() == {"b64"}:
            return base64.b64decode(outputs["b64"])
        return {name: _decoded(value) for name, value in outputs.items()}
    if isinstance(outputs, list) and outputs and isinstance(outputs[0], Mapping):
        return [_decoded(value) for value in outputs]
    return outputs
