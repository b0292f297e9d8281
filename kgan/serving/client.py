"""A client of TensorFlow Serving's REST interface for kgan's models. It needs no TensorFlow."""

from __future__ import annotations

import base64
import http.client
import io
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from PIL import Image

from kgan.errors import InputError, ServingError, check_positive, check_whole
from kgan.serving.limits import MAX_SAMPLES, WITH_OPTIONS
from kgan.signatures import checked

_LAST_SEED = 2**31 - 1
# The inputs of signatures with options: type, and what stands for none.
_OPTIONS = {"generator": (np.int32, -1), "truncation": (np.float32, 0)}
_AGAIN = {429, 502, 503, 504}  # The server is busy, or not there yet.
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0  # Seconds.


class Client:
    """Asks a server for samples, embeddings and latents.

        client = kgan.serving.Client("http://localhost:8501")
        points = client.sample(64, model="mdgan_grid", seed=0)  # (64, 2)

    Large requests go out in parts of `batch_size` rows; an answer's rows do not depend on it. What
    a server cannot answer now (no connection, 429, 503) is asked again until `timeout` is over.

    Args:
        url: of the server, such as `"http://localhost:8501"`.
        timeout: seconds that a call of a method may take, over 0.
        batch_size: rows of a request, 1 to 1,000.

    Raises:
        InputError: an address that is none of HTTP, or numbers out of range.
    """

    @checked
    def __init__(self, url: str, *, timeout: float = 60.0, batch_size: int = 250):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise InputError(
                "`url` must be the address of a server's REST interface, such as "
                f"http://localhost:8501. Received: {url!r}"
            )
        check_positive(timeout=timeout)
        check_whole(1, batch_size=batch_size)
        if batch_size > MAX_SAMPLES:
            raise InputError(f"batch_size must be at most {MAX_SAMPLES}. Received: {batch_size}")
        self.url, self.timeout, self.batch_size = url.rstrip("/"), timeout, batch_size

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def models(self, names: Iterable[str]) -> dict[str, list[int]]:
        """Of models by name the versions that are served; none of those that the server lacks.

        Args:
            names: to ask for: TensorFlow Serving does not list what it has.
        """
        end = time.monotonic() + self.timeout
        found = {}
        for name in names:
            try:
                states = self._get(_path(name), end)["model_version_status"]
            except _MissingError:
                states = []
            served = (int(one["version"]) for one in states if one.get("state") == "AVAILABLE")
            found[name] = sorted(served)
        return found

    def signatures(self, model: str) -> dict[str, dict[str, list[str]]]:
        """By name the `inputs` and `outputs` of what a model can be asked."""
        told = self._get(f"{_path(model)}/metadata", time.monotonic() + self.timeout)
        try:
            found = told["metadata"]["signature_def"]["signature_def"]
            return {
                name: {side: sorted(one.get(side, {})) for side in ("inputs", "outputs")}
                for name, one in found.items()
            }
        except (KeyError, TypeError, AttributeError) as error:
            raise self._strange(f"{model}'s metadata have no {error}") from error

    @checked
    def sample(
        self,
        num_samples: int,
        *,
        model: str,
        seed: int = 0,
        generator: int | None = None,
        truncation: float | None = None,
    ) -> np.ndarray:
        """Samples `(num_samples, ...)` float32.

        Args:
            num_samples: how many, at least 1.
            model: its name on the server.
            seed: 0 to 2^31 - 1: the same gives the same samples, and the first of them are those
                of a smaller `num_samples`.
            generator: of a mixture, the number of the one to take; None for a draw by weight.
            truncation: of normal latents, over 0: they are drawn from within as much of 0; None
                for all of them.

        Raises:
            InputError: what the server refuses, and an option that the model has not.
            ServingError: no answer within the time, or one that is none of TensorFlow Serving's.
        """
        drawn = self._draw(num_samples, model, seed, "sample", generator, truncation)
        return self._joined(drawn, "samples")

    @checked
    def sample_images(
        self,
        num_samples: int,
        *,
        model: str,
        seed: int = 0,
        generator: int | None = None,
        truncation: float | None = None,
    ) -> list[Image.Image]:
        """The same of a model of images, as PIL images; they travel as PNG files."""
        parts = self._draw(num_samples, model, seed, "sample_png", generator, truncation)
        files = [file["b64"] for part in parts for file in self._output(part, "image_bytes")]
        return [Image.open(io.BytesIO(base64.b64decode(file))) for file in files]

    def embed(self, samples: Any, *, model: str) -> np.ndarray:
        """The discriminator's embeddings `(n, d)` float32 of samples `(n, ...)`.

        Raises:
            InputError: a model that does not embed, and as `sample`.
            ServingError: as `sample`.
        """
        parts = self._ask(model, "discriminate", {"samples": _floats(samples)})
        return self._joined(parts, "embedding", f"{model} does not embed")

    def invert(self, samples: Any, *, model: str) -> np.ndarray:
        """Latents `(n, latent_dim)` float32 of samples, by a model with an inverse.

        Raises:
            InputError, ServingError: as `sample`.
        """
        return self._joined(self._ask(model, "invert", {"samples": _floats(samples)}), "latents")

    def _draw(
        self,
        num_samples: int,
        model: str,
        seed: int,
        signature: str,
        generator: int | None,
        truncation: float | None,
    ) -> list[Any]:
        """The outputs of a signature that draws, or of the one with options where some are given.

        That one takes all that the model has, for every row.
        """
        check_positive(truncation=truncation)
        inputs = _seeds(num_samples, seed)
        given = {"generator": generator, "truncation": truncation}
        wanted = [name for name, value in given.items() if value is not None]
        if not wanted:
            return self._ask(model, signature, inputs)
        signature = f"{signature}{WITH_OPTIONS}"
        known = self.signatures(model).get(signature, {}).get("inputs", [])
        lacking = [name for name in wanted if name not in known]
        if lacking:
            raise InputError(
                f"{model} on the server at {self.url} has no choice of a {lacking[0]}. Received: "
                f"{lacking[0]}={given[lacking[0]]}"
            )
        for name, (dtype, none) in _OPTIONS.items():
            if name in known:
                value = none if given[name] is None else given[name]
                inputs[name] = np.full(num_samples, value, dtype)
        return self._ask(model, signature, inputs)

    def _ask(self, model: str, signature: str, inputs: Mapping[str, np.ndarray]) -> list[Any]:
        """The outputs of a signature for each part of the inputs' rows."""
        end = time.monotonic() + self.timeout
        rows = len(next(iter(inputs.values())))
        outputs = []
        for first in range(0, rows, self.batch_size):
            part = {k: v[first : first + self.batch_size].tolist() for k, v in inputs.items()}
            body = {"signature_name": signature, "inputs": part}
            outputs.append(self._get(f"{_path(model)}:predict", end, body).get("outputs"))
        return outputs

    def _joined(self, parts: list[Any], name: str, lacking: str = "") -> np.ndarray:
        found = [self._output(part, name, lacking) for part in parts]
        try:
            return np.concatenate([np.asarray(rows, np.float32) for rows in found])
        except (ValueError, TypeError) as error:
            raise self._strange(f"{name} are no array ({error})") from error

    def _output(self, outputs: Any, name: str, lacking: str = "") -> Any:
        """An output by its name: where it is the only one, the server leaves its name out."""
        if not isinstance(outputs, Mapping):
            if outputs is None:
                raise self._strange("no outputs")
            return outputs
        if name not in outputs:
            raise InputError(
                f"{lacking or f'There is no output {name}'}: the server at {self.url} gives "
                f"{', '.join(map(str, outputs))}."
            )
        return outputs[name]

    def _get(self, path: str, end: float, body: Any = None) -> Any:
        """What the server answers, asked again while it may help; `end` is of `monotonic`."""
        wait = _FIRST_WAIT
        while True:
            try:
                return self._once(path, end - time.monotonic(), body)
            except _AgainError as error:
                if time.monotonic() + wait >= end:
                    raise ServingError(
                        f"The server at {self.url} gave no answer within {self.timeout:g} s "
                        f"({error}): see whether it runs there, or raise `timeout`."
                    ) from error
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def _once(self, path: str, seconds: float, body: Any) -> Any:
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
            raise _AgainError(str(reason) or type(error).__name__) from error
        except ValueError as error:
            raise self._strange(str(error)) from error
        if not isinstance(found, dict):
            raise self._strange("no JSON object")
        return found

    def _refusal(self, status: int, content: bytes) -> Exception:
        """The error that an answer with a status other than 200 is."""
        try:
            told = json.loads(content)["error"]
        except (ValueError, KeyError, TypeError):
            told = content.decode("utf-8", "replace")[:200]
        told = " ".join(str(told).split()).rstrip(".")
        if status in _AGAIN:
            return _AgainError(f"status {status}: {told}")
        if status == 404:
            return _MissingError(f"The server at {self.url} has no such model: {told}.")
        if 400 <= status < 500:
            return InputError(f"The server at {self.url} refuses the request: {told}.")
        return ServingError(f"The server at {self.url} failed with status {status}: {told}.")

    def _strange(self, what: str) -> ServingError:
        return ServingError(
            f"What answers at {self.url} is no TensorFlow Serving ({what}): give the address of "
            "its REST interface, whose port is 8501 by default."
        )


class _AgainError(Exception):
    """No answer now; asked again there may be one."""


class _MissingError(InputError):
    """The server has no such model."""


def _path(model: str) -> str:
    return f"/v1/models/{urllib.parse.quote(str(model), safe='')}"


def _seeds(num_samples: int, seed: int) -> dict[str, np.ndarray]:
    check_whole(1, num_samples=num_samples)
    if not 0 <= seed <= _LAST_SEED:
        raise InputError(f"seed must lie in 0..{_LAST_SEED}. Received: {seed}")
    rows = np.stack([np.full(num_samples, seed), np.arange(num_samples)], axis=1)
    return {"seeds": rows.astype(np.int32)}


def _floats(samples: Any) -> np.ndarray:
    try:
        found = np.asarray(samples, np.float32)
    except (ValueError, TypeError) as error:
        raise InputError(f"samples must be one array of numbers: {error}.") from error
    if found.ndim < 2 or not len(found) or not np.isfinite(found).all():
        raise InputError(
            "samples must be finite numbers of the shape (n, ...). Received: "
            f"{'numbers that are not finite' if found.ndim > 1 and len(found) else found.shape}"
        )
    return found
