"""What lies in deploy/ is what its readers take, by their schemas, and fits the models."""

import importlib.resources
import json
import re
import subprocess
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest
import yaml

from kgan.serving.limits import MAX_SAMPLES

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def kubernetes(name="kubernetes.yaml"):
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def vendored(name):
    """A schema that check-jsonschema brings."""
    folder = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    return json.loads((folder / f"{name}.json").read_text())


@pytest.mark.parametrize(
    ("path", "schema"),
    [("deploy/compose.yaml", "compose-spec"), (".github/workflows/ci.yml", "github-workflows")],
)
def test_by_schema(path, schema):
    told = yaml.safe_load((ROOT / path).read_text())
    # YAML takes the key `on` for a truth value.
    told = {"on" if key is True else key: value for key, value in told.items()}
    jsonschema.validate(told, vendored(schema))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**told, "service": {}}, vendored(schema))


@pytest.mark.parametrize(
    "told",
    [*kubernetes(), *kubernetes("training.yaml")],
    ids=lambda told: f"{told['kind']}-{told['metadata']['name']}",
)
def test_kubernetes(told):
    newest = kubernetes_validate.latest_version()
    kubernetes_validate.validate(told, newest, strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**told, "more": 1}, newest, strict=True)


def test_both_have_the_same_settings():
    config, deployment, *_ = kubernetes()
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["serving"]
    assert service["command"] == container["args"]
    assert config["data"] == {
        name: (DEPLOY / name).read_text() for name in ("batching_parameters.txt", "monitoring.txt")
    }
    mounted = {volume.split(":")[0] for volume in service["volumes"]}
    assert all((DEPLOY / path).exists() for path in mounted)
    assert all(volume.endswith(":ro") for volume in service["volumes"])
    names = re.findall(r'name: "(\w+)"', (ROOT / "saved_models" / "models.config").read_text())
    asked = re.findall(r"/v1/models/(\w+) ", service["healthcheck"]["test"][-1])
    paths = (container[kind]["httpGet"]["path"] for kind in ("startupProbe", "readinessProbe"))
    asked += [path.removeprefix("/v1/models/") for path in paths]
    assert len(asked) == 3 and set(asked) <= set(names)


def test_batches_are_no_larger_than_signatures_take():
    told = dict(
        re.findall(r"(\w+) \{ value: (\d+) \}", (DEPLOY / "batching_parameters.txt").read_text())
    )
    assert int(told["max_batch_size"]) == MAX_SAMPLES


def test_the_metrics_lie_where_they_are_looked_for():
    (path,) = re.findall(r'path: "(.*)"', (DEPLOY / "monitoring.txt").read_text())
    (job,) = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"]
    template = kubernetes()[1]["spec"]["template"]["metadata"]
    told = template["annotations"]["prometheus.io/path"]
    assert path == job["metrics_path"] == told == "/monitoring/prometheus/metrics"


def test_each_pod_of_a_training_knows_all_and_itself():
    service, job = kubernetes("training.yaml")
    pods, (container,) = (
        job["spec"]["template"]["spec"],
        job["spec"]["template"]["spec"]["containers"],
    )
    name, count = job["metadata"]["name"], job["spec"]["completions"]
    assert pods["subdomain"] == service["metadata"]["name"]
    assert service["spec"]["selector"] == {"job-name": name}
    told = {one["name"]: one["value"] for one in container["env"]}
    script = container["args"][0].replace("exec kgan", 'printf %s "$TF_CONFIG" #')
    done = subprocess.run(
        [*container["command"], script.partition("\\\n")[0]],
        env={**told, "JOB_COMPLETION_INDEX": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    port = container["ports"][0]["containerPort"]
    workers = [f"{name}-{i}.{pods['subdomain']}:{port}" for i in range(count)]
    task = {"type": "worker", "index": 1}
    assert json.loads(done.stdout) == {"cluster": {"worker": workers}, "task": task}
