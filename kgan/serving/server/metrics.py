"""What Prometheus is told of a server."""

from __future__ import annotations

import functools

import prometheus_client as prometheus

from kgan.serving.server.gate import Gate

PATH = "/monitoring/prometheus/metrics"
"""As TensorFlow Serving has it."""
CONTENT_TYPE = prometheus.CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counters of a server's own, beside its process' memory and time.

    Args:
        gate: that knows what is being answered.
    """

    def __init__(self, gate: Gate):
        self._registry = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(registry=self._registry)
        labels = ["model", "interface"]
        self._requests = prometheus.Counter(
            "kgan_serving_requests", "Requests, by how they ended.", [*labels, "code"],
            registry=self._registry,
        )  # fmt: skip
        self._seconds = prometheus.Histogram(
            "kgan_serving_request_seconds", "From a request's headers to its answer.", labels,
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._rows = prometheus.Counter(
            "kgan_serving_rows", "Rows of inputs that were computed with.", ["model"],
            registry=self._registry,
        )  # fmt: skip
        for name, told in (("pending", "requests"), ("pending_bytes", "bytes of requests")):
            gauge = prometheus.Gauge(
                f"kgan_serving_{name}", f"How many {told} are being answered.",
                registry=self._registry,
            )  # fmt: skip
            gauge.set_function(functools.partial(getattr, gate, name))

    def count(self, model: str, interface: str, code: str, seconds: float) -> None:
        """Count a request; `model` must be one that is there, or ""."""
        self._requests.labels(model, interface, code).inc()
        self._seconds.labels(model, interface).observe(seconds)

    def answered(self) -> int:
        """How many requests got what they asked for."""
        samples = (sample for metric in self._requests.collect() for sample in metric.samples)
        good = (s.value for s in samples if s.name.endswith("_total") and s.labels["code"] == "OK")
        return int(sum(good))

    def count_rows(self, model: str, rows: int) -> None:
        """Count rows that were computed with."""
        self._rows.labels(model).inc(rows)

    def page(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return prometheus.generate_latest(self._registry)
