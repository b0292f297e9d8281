"""The client, against a server that answers as TensorFlow Serving's REST interface does."""

import base64
import http.server
import io
import json
import subprocess
import sys
import threading
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from kgan.errors import InputError, ServingError
from kgan.serving.client import Client
from kgan.serving.limits import MAX_SAMPLES


def drawn(seeds):
    """A sample (2,) of each row of seeds."""
    return (np.asarray(seeds) * [1.0, 0.5]).astype(np.float32)


def png(value):
    buffer = io.BytesIO()
    Image.fromarray(np.full((4, 4), value, np.uint8)).save(buffer, format="PNG")
    return {"b64": base64.b64encode(buffer.getvalue()).decode()}


def predicted(model, signature, inputs):
    """`(status, answer)`: a single output is given without its name, several with."""
    if signature in ("sample", "sample_with_options"):
        samples = drawn(inputs["seeds"]).tolist()
        if model != "bank":
            return 200, {"outputs": samples}
        made = inputs.get("generator", [0] * len(samples))
        samples = (np.array(samples) + inputs.get("truncation", [0])[0]).tolist()
        if max(made) > 3:
            return 400, {"error": "generator must lie in 0..3, or be -1 for a draw."}
        return 200, {"outputs": {"samples": samples, "generator": made}}
    if signature == "sample_png":
        return 200, {"outputs": [png(row[1]) for row in inputs["seeds"]]}
    if signature == "discriminate":
        found = {"probability": [0.5] * len(inputs["samples"])}
        if model == "bank":
            found["embedding"] = [[sum(row)] for row in inputs["samples"]]
        return 200, {"outputs": found}
    if signature == "invert" and model == "bank":
        return 200, {"outputs": [row[::-1] for row in inputs["samples"]]}
    return 400, {"error": f'Serving signature key "{signature}" not found.'}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        model = self.path.split("/")[3]
        if model not in ("points", "bank"):
            return self.answer(404, {"error": f"Could not find any versions of model {model}"})
        if self.path.endswith("/metadata"):
            one = {"inputs": {"seeds": {}}, "outputs": {"samples": {}}}
            told = {"sample": one}
            if model == "bank":
                inputs = {"seeds": {}, "generator": {}, "truncation": {}}
                told["sample_with_options"] = {"inputs": inputs, "outputs": one["outputs"]}
            return self.answer(200, {"metadata": {"signature_def": {"signature_def": told}}})
        states = [{"version": "2", "state": "AVAILABLE"}, {"version": "1", "state": "END"}]
        return self.answer(200, {"model_version_status": states})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server, model = self.server, self.path.split("/")[3].partition(":")[0]
        server.rows.append(len(next(iter(body["inputs"].values()))))
        if server.refusals:
            return self.answer(server.refusals.pop(), {"error": "Batching queue is full."})
        if model == "strange":
            return self.answer(200, None, b"<html>")
        if model not in ("points", "bank"):
            return self.answer(404, {"error": f"Servable not found for request: Latest({model})"})
        server.asked[body["signature_name"]] += 1
        return self.answer(*predicted(model, body["signature_name"], body["inputs"]))

    def answer(self, status, told, raw=None):
        content = json.dumps(told).encode() if raw is None else raw
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        found.rows, found.refusals, found.asked = [], [], Counter()
        found.url = f"http://127.0.0.1:{found.server_address[1]}"
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def test_samples_do_not_depend_on_the_parts(server):
    expected = drawn([[3, i] for i in range(7)])
    for batch_size, rows in ((250, [7]), (3, [3, 3, 1])):
        server.rows.clear()
        client = Client(f"{server.url}/", batch_size=batch_size)
        samples = client.sample(7, model="points", seed=3)
        assert samples.dtype == np.float32
        np.testing.assert_array_equal(samples, expected)
        assert server.rows == rows


def test_what_a_mixture_and_an_inverse_are_asked(server):
    client = Client(server.url)
    np.testing.assert_array_equal(
        client.sample(2, model="bank", seed=1, generator=3), drawn([[1, 0], [1, 1]])
    )
    np.testing.assert_array_equal(
        client.sample(2, model="bank", seed=1, truncation=2), drawn([[1, 0], [1, 1]]) + 2
    )
    samples = np.array([[1, 2], [3, 4]])
    assert client.embed(samples, model="bank").tolist() == [[3], [7]]
    assert client.invert(samples, model="bank").tolist() == [[2, 1], [4, 3]]


def test_images_come_as_pil_images(server):
    images = Client(server.url, batch_size=2).sample_images(3, model="points")
    assert [np.asarray(image)[0, 0] for image in images] == [0, 1, 2]


def test_what_the_server_has(server):
    client = Client(server.url)
    assert client.models(["points", "none"]) == {"points": [2], "none": []}
    found = {"sample": {"inputs": ["seeds"], "outputs": ["samples"]}}
    assert client.signatures("points") == found


def test_a_busy_server_is_asked_again(server):
    server.refusals += [429, 503]
    assert Client(server.url).sample(1, model="points").shape == (1, 2)
    assert server.rows == [1, 1, 1]
    server.refusals += [429] * 99
    with pytest.raises(ServingError, match=r"within 0.3 s \(status 429: Batching queue is full\)"):
        Client(server.url, timeout=0.3).sample(1, model="points")


@pytest.mark.parametrize(
    ("ask", "error", "sentence"),
    [
        (lambda c: c.sample(1, model="x/y"), InputError, "has no such model: Servable not found"),
        (lambda c: c.sample(1, model="bank", generator=4), InputError, "must lie in 0..3"),
        (lambda c: c.sample(1, model="points", generator=1), InputError, "no choice of a gen"),
        (lambda c: c.sample(1, model="bank", truncation=-1), InputError, "truncation must be"),
        (lambda c: c.invert([[1, 2]], model="points"), InputError, '"invert" not found'),
        (lambda c: c.embed([[1, 2]], model="points"), InputError, "points does not embed: "),
        (lambda c: c.sample(1, model="strange"), ServingError, "is no TensorFlow Serving"),
        (lambda c: c.embed([[np.nan]], model="bank"), InputError, "not finite"),
        (lambda c: c.embed([1.0], model="bank"), InputError, r"Received: \(1,\)"),
        (lambda c: c.sample(0, model="points"), InputError, "num_samples must be"),
        (lambda c: c.sample(1, model="points", seed=-1), InputError, "seed must lie in"),
        (lambda c: c.sample("1", model="points"), InputError, "`num_samples` must be an integer"),
        (lambda c: Client("ftp://localhost:8500"), InputError, "REST interface"),
        (lambda c: Client("http://x", batch_size=MAX_SAMPLES + 1), InputError, "at most 1000"),
    ],
)
def test_errors_are_one_sentence(server, ask, error, sentence):
    with pytest.raises(error, match=sentence) as found:
        ask(Client(server.url, timeout=5))
    assert len(str(found.value).splitlines()) == 1


def test_without_tensorflow(server):
    """Neither it nor Keras is loaded, and a server that is not there is told within the time."""
    code = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "import kgan\n"
        "print(kgan.serving.Client(sys.argv[1]).sample(2, model='points', seed=1).tolist())\n"
        "try:\n"
        "    kgan.serving.Client('http://127.0.0.1:9', timeout=0.2).sample(2, model='points')\n"
        "except kgan.ServingError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, server.url], capture_output=True, text=True, timeout=60
    )
    samples, sentence = done.stdout.splitlines()
    assert (samples, done.stderr) == ("[[1.0, 0.0], [1.0, 0.5]]", "")
    assert sentence.startswith("The server at http://127.0.0.1:9 gave no answer within 0.2 s (")
