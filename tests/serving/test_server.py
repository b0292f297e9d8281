"""The server: TensorFlow Serving's answers, its bounds, and its end, in a process of its own."""

import base64
import http.client
import json
import re
import signal
import socket
import threading
import time
import urllib.parse

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from benchmarks import malformed
from kgan import networks
from kgan.serving.server import metrics
from kgan.serving.server.limits import Limits
from kgan.serving.server.running import Server


def save_sums(folder):
    """A SavedModel of sums, of words, and of one number."""
    module = tf.Module()
    spec = tf.TensorSpec

    def signature(*inputs):
        return tf.function(input_signature=inputs, autograph=False)

    pair = spec((None, 2), tf.float32, "x"), spec((None,), tf.int32, "n")
    module.sum = signature(*pair)(
        lambda x, n: {"sum": tf.reduce_sum(x, 1) + tf.cast(n, tf.float32)}
    )
    module.words = signature(spec((None,), tf.string, "word"))(
        lambda word: {"same_bytes": word, "length": tf.strings.length(word)}
    )
    module.one = signature(spec((), tf.int32, "n"))(lambda n: {"next": n + 1})
    names = {"serving_default": module.sum, "words": module.words, "one": module.one}
    tf.saved_model.save(module, str(folder), signatures=names)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """`(folder of models, models by name)`."""
    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("models")
    template = keras.Sequential(
        [keras.Input((3,)), layers.Dense(12, "sigmoid"), layers.Reshape((2, 2, 3))]
    )
    critic = keras.Sequential([keras.Input((2, 2, 3)), layers.Flatten(), layers.Dense(4)])
    made = {
        "bank": kgan.MGAN(kgan.GeneratorBank(template, 3), critic, latent_distribution="normal"),
        "inverse": kgan.InvertGAN(
            networks.mlp(3, [4], 2), networks.mlp(2, [4], 3), networks.mlp(2, [4], 1)
        ),
        "embeds": kgan.MDGAN(networks.mlp(3, [4], 2), networks.mlp(2, [4], 3)),
    }
    for name, model in made.items():
        model.export(folder / name / "1")
    for version in ("2", "10"):
        save_sums(folder / "sums" / version)
    config = "".join(
        f'config {{ name: "{name}" base_path: "/models/{name}" model_platform: "tensorflow" '
        f"{'model_version_policy { all {} }' if name == 'sums' else ''} }} "
        for name in (*made, "sums")
    )
    (folder / "models.config").write_text(f"model_config_list {{ {config} }}")
    return folder, made


@pytest.fixture(scope="module")
def server(models, commands, tmp_path_factory):
    """The command, and the addresses of its interfaces."""
    log = tmp_path_factory.mktemp("log") / "log"
    flags = [f"--models={models[0]}", "--rest_api_port=0", "--port=0", "--batch_timeout_ms=5"]
    command = commands.start("apps.serve", *flags, log=log)
    assert command.wait_for(lambda: "SIGTERM" in command.output, 60), command.output
    command.url = re.search(r"REST: (http://[\d.:]+)/", command.output)[1]
    command.grpc = re.search(r"gRPC: ([\d.:]+)", command.output)[1]
    return command


def request(url, path, body=None, method=None, **headers):
    """`(status, answer)` of a request."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=30)
    body = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(method or ("GET" if body is None else "POST"), path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    is_json = answer.headers["content-type"] == "application/json"
    return answer.status, json.loads(content) if is_json else content.decode()


def predict(server, body, model="sums"):
    return request(server.url, f"/v1/models/{model}:predict", body)


def test_rows_and_columns(server):
    rows = [{"x": [1, 2.5], "n": 3}, {"x": [0, 0], "n": -1}]
    assert predict(server, {"instances": rows}) == (200, {"predictions": [6.5, -1.0]})
    columns = {"x": [[1, 2.5], [0, 0]], "n": [3, -1]}
    assert predict(server, {"inputs": columns}) == (200, {"outputs": [6.5, -1.0]})
    word = base64.b64encode(b"\x00\xff").decode()
    body = {"signature_name": "words", "inputs": [{"b64": word}, "ab"]}
    told = [{"b64": word}, {"b64": base64.b64encode(b"ab").decode()}]
    assert predict(server, body)[1] == {"outputs": {"same_bytes": told, "length": [2, 2]}}
    body = {"signature_name": "words", "instances": [{"b64": word}, "ab"]}
    told = [{"same_bytes": one, "length": 2} for one in told]
    assert predict(server, body) == (200, {"predictions": told})
    assert predict(server, {"signature_name": "one", "inputs": 4}) == (200, {"outputs": 5})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"instances": [{"x": [1, 2]}]}, "keys must be equal to: n,x"),
        ({"instances": [[1, 2]]}, "expecting list of objects"),
        ({"inputs": {"x": [[1, 2]]}}, "Missing named input: n"),
        ({"inputs": {"x": [[1, 2]], "n": [1.5]}}, "n is not of expected type: int32"),
        ({"inputs": {"x": [[1, 2]], "n": [2**31]}}, "n to int32 without loss"),
        ({"inputs": {"x": [[1, 1e39]], "n": [1]}}, "x to float32 without loss"),
        ({"inputs": {"x": [[1, True]], "n": [1]}}, "x is not of expected type: float32"),
        ({"inputs": {"x": [[1, 2]], "n": [1, 2]}}, "Inputs must have as many rows"),
        (
            {"inputs": {"x": [[1]], "n": [1]}},
            r"x must have the shape \[-1, 2\]. Received: \[1, 1\]",
        ),
        ({"signature_name": "words", "inputs": [1]}, "word must be strings"),
        ({"signature_name": "words", "inputs": [{"b64": "?"}]}, "base64"),
        ({"signature_name": "mine", "inputs": 1}, 'signature name: "mine" not found'),
        ({"signature_name": "one", "instances": [1]}, r"must have the shape \[\]"),
    ],
)
def test_what_cannot_be_answered_is_told(server, body, words):
    status, answer = predict(server, body)
    assert status == 400 and list(answer) == ["error"]
    assert re.search(words, answer["error"])
    assert len(answer["error"]) < 600


def test_malformed_bodies_get_a_4xx(server):
    wrong = []
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=30)
    for body in malformed.bodies(220):
        connection.request("POST", "/v1/models/bank:predict", body)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        if not (400 <= answer.status < 500 and list(told) == ["error"]):
            wrong.append((body[:200], answer.status))
    assert not wrong
    assert request(server.url, "/healthz")[0] == 200
    assert "Traceback" not in server.output


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/v1/models/none:predict", 404, r"Servable not found for request: Latest\(none\)"),
        ("/v1/models/sums/versions/3:predict", 404, r"Specific\(sums, 3\)"),
        ("/v1/models/sums/labels/new:predict", 400, "Unrecognized servable version label"),
        ("/v1/models/sums:classify", 400, "answers :predict alone"),
        ("/v1/models/sums/versions/99999999999999999999999:predict", 400, "to numeric"),
        ("/v1/models/../sums:predict", 400, "Malformed request: POST /v1/models/../sums"),
        ("/v1/models/%2e%2e%2fsums:predict", 400, "Malformed request"),
        ("/elsewhere", 404, "Malformed request: POST /elsewhere"),
    ],
)
def test_paths_that_are_none(server, path, status, words):
    found, answer = request(server.url, path, {"instances": [1]})
    assert found == status
    assert re.search(words, answer["error"])


def test_status_and_metadata(server):
    good = {"error_code": "OK", "error_message": ""}
    states = [{"version": v, "state": "AVAILABLE", "status": good} for v in ("10", "2")]
    assert request(server.url, "/v1/models/sums") == (200, {"model_version_status": states})
    only = {"model_version_status": states[1:]}
    assert request(server.url, "/v1/models/sums/versions/2") == (200, only)
    assert request(server.url, "/v1/models/none")[1] == {
        "error": "Could not find any versions of model none"
    }
    _, told = request(server.url, "/v1/models/sums/metadata")
    assert told["model_spec"] == {"name": "sums", "signature_name": "", "version": "10"}
    words = told["metadata"]["signature_def"]["signature_def"]["words"]
    shape = {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    assert words["inputs"]["word"]["dtype"] == "DT_STRING"
    assert words["inputs"]["word"]["tensor_shape"] == shape


@pytest.mark.parametrize("interface", ["rest", "grpc"])
def test_kgans_client(server, models, interface):
    url = server.url if interface == "rest" else f"grpc://{server.grpc}"
    client, made = kgan.serving.Client(url, batch_size=7), models[1]
    assert client.models(["bank", "sums", "none"]) == {"bank": [1], "sums": [2, 10], "none": []}
    samples = client.sample(20, model="bank", seed=3)
    alone = kgan.serving.Client(server.url).sample(20, model="bank", seed=3)
    np.testing.assert_allclose(samples, alone, atol=1e-6)
    np.testing.assert_allclose(samples[:1], made["bank"].sample(1, seed=3), atol=1e-6)
    named = client.sample(1, model="bank", seed=3, generator=2)
    np.testing.assert_allclose(named, made["bank"].sample(1, seed=3, generator=2), atol=1e-6)
    (image,) = client.sample_images(1, model="bank", seed=3)
    assert np.abs(np.asarray(image) - 255 * samples[0]).max() < 0.51
    with pytest.raises(kgan.InputError, match=r"refuses the request: generator must lie in 0\.\.2"):
        client.sample(1, model="bank", generator=3)
    with pytest.raises(kgan.InputError, match=r"no such model: Servable not found .*\(none\)"):
        client.sample(1, model="none")
    near = client.sample(9, model="bank", truncation=1e-6)
    assert np.ptp(near, axis=0).max() < np.ptp(samples[:9], axis=0).max()
    points = np.random.default_rng(0).standard_normal((9, 2)).astype("float32")
    found = client.embed(points, model="embeds")
    np.testing.assert_allclose(found, made["embeds"].discriminate(points)["embedding"], atol=1e-5)
    found = client.invert(points, model="inverse")
    np.testing.assert_allclose(found, made["inverse"].invert(points), atol=1e-5)


def test_one_bad_row_spoils_no_other_request(server):
    """Of requests that are computed together."""
    good = {"x": [[1.0, 2.0]] * 3, "n": [0] * 3}
    bank = {"generator": [0], "truncation": [0], "seeds": [[0, 0]]}
    found = []

    def ask(place):
        if place % 2:
            body = {"signature_name": "sample_with_options", "inputs": {**bank, "generator": [9]}}
            found.append((place, predict(server, body, "bank")[0]))
        else:
            body = {"signature_name": "sample_with_options", "inputs": bank}
            found.append((place, predict(server, body, "bank")[0]))
            found.append((place, predict(server, {"inputs": good})[0]))

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for place, status in found if place % 2} == {400}
    assert {status for place, status in found if place % 2 == 0} == {200}


def test_metrics(server):
    predict(server, {"inputs": {"x": [[1, 2]], "n": [3]}})
    status, page = request(server.url, metrics.PATH)
    assert status == 200
    counted = r'kgan_serving_requests_total\{code="(\w+)",interface="rest",model="(\w*)"\} ([\d.]+)'
    found = {(model, code): float(n) for code, model, n in re.findall(counted, page)}
    assert found["sums", "OK"] > 0
    assert "kgan_serving_pending 0.0" in page and "process_resident_memory_bytes" in page
    assert {model for model, _ in found} <= {"", "sums", "bank", "inverse", "embeds"}


@pytest.fixture(scope="module")
def small(models):
    """A server of this process that takes little."""
    limits = Limits(max_rows=4, max_body=1_000, max_pending=1, timeout=0.4)
    found = Server(models[0] / "sums", limits, rest_api_port=0, grpc=False)
    thread = threading.Thread(target=found.run)
    thread.start()
    yield found
    found.stop()
    thread.join()


def test_bounds(small):
    url = small.url
    assert small.core.repository.versions == {"sums": [10]}  # A folder of versions is a model.
    ask = {"x": [[0, 0]] * 4, "n": [0] * 4}
    assert predict(small, {"inputs": ask})[0] == 200
    status, told = predict(small, {"inputs": {"x": [[0, 0]] * 5, "n": [0] * 5}})
    assert (status, "At most 4 rows" in told["error"]) == (400, True)
    assert predict(small, b" " * 1_001)[0] == 413
    path = "/v1/models/sums:predict"
    assert request(url, path, b"x", **{"Content-Encoding": "gzip"})[0] == 415
    # Whoever sends slowly takes the only place, for a time.
    with socket.create_connection(urllib.parse.urlsplit(url).netloc.split(":")) as slow:
        slow.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{".encode())
        time.sleep(0.1)
        status, told = predict(small, {"inputs": ask})
        assert (status, "ask again later" in told["error"]) == (429, True)
        assert slow.recv(99).startswith(b"HTTP/1.1 408")
    assert predict(small, {"inputs": ask})[0] == 200
    assert (small.core.gate.pending, small.core.gate.pending_bytes) == (0, 0)


def test_sigterm_finishes_what_was_accepted(server):
    """The last test of this server."""
    url, body = server.url, {"signature_name": "sample", "inputs": {"seeds": [[0, 0]] * 900}}
    statuses, accepted = [], threading.Barrier(5)
    path, content = "/v1/models/bank:predict", json.dumps(body).encode()

    def ask():
        netloc = urllib.parse.urlsplit(url).netloc
        connection = http.client.HTTPConnection(netloc, timeout=30)
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(len(content)))
        connection.endheaders(content[:9])
        time.sleep(0.1)  # The server has it.
        accepted.wait()
        time.sleep(0.1)
        connection.send(content[9:])
        statuses.append(connection.getresponse().status)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    accepted.wait()
    server.send(signal.SIGTERM)
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4
    assert server.wait(30) == 0
    assert re.search(r"Stopped: \d+ requests were answered\.$", server.output.rstrip())
    assert "Traceback" not in server.output
