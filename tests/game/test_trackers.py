"""Weights & Biases' and MLflow's Keras callbacks, without a network: the extra `peers`."""

import warnings
from pathlib import Path

import keras
import numpy as np
import pytest

import kgan

RATES = {"discriminator": 2e-3, "generator": 1e-3}


@pytest.fixture
def fit():
    """Trains a game of two rates for three epochs with callbacks."""

    def run(*callbacks, rates=RATES):
        networks = [keras.Sequential([keras.Input((2,)), keras.layers.Dense(n)]) for n in (2, 1)]
        gan = kgan.GAN(*networks, seed=0)
        gan.compile({player: keras.optimizers.Adam(rate) for player, rate in rates.items()})
        points = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
        gan.fit(points, batch_size=10, epochs=3, verbose=0, callbacks=list(callbacks))
        return gan

    return run


@pytest.mark.parametrize("rates", [RATES, dict.fromkeys(RATES, 1e-3)], ids=["two", "one"])
def test_weights_and_biases(fit, tmp_path, monkeypatch, rates):
    wandb = pytest.importorskip("wandb")
    from wandb.integration.keras import WandbMetricsLogger, WandbModelCheckpoint

    monkeypatch.setenv("WANDB_SILENT", "true")
    with wandb.init(mode="offline", project="kgan", dir=tmp_path) as run:
        metrics = WandbMetricsLogger()
        metrics_of_batches = WandbMetricsLogger(log_freq=2)
        kept = WandbModelCheckpoint(tmp_path / "{epoch}.keras")
        gan = fit(metrics, metrics_of_batches, kept, rates=rates)
        found = dict(run.summary)
    assert found["epoch/epoch"] == 2 and np.isfinite(found["epoch/generator_loss"])
    assert "batch/discriminator_loss" in found
    assert found.get("epoch/learning_rate") == (None if rates is RATES else pytest.approx(1e-3))
    loaded = keras.saving.load_model(tmp_path / "3.keras")
    np.testing.assert_array_equal(loaded.sample(5, seed=0), gan.sample(5, seed=0))


def test_mlflow(fit, tmp_path):
    mlflow = pytest.importorskip("mlflow")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/runs.db")
    mlflow.set_experiment(experiment_id=mlflow.create_experiment("kgan", f"{tmp_path}/artifacts"))
    with warnings.catch_warnings(), mlflow.start_run() as run:
        warnings.simplefilter("ignore")
        fit(mlflow.keras.MlflowCallback())
        mlflow.flush_async_logging()
    client = mlflow.tracking.MlflowClient()
    found = client.get_run(run.info.run_id).data
    rates = {player: found.params[f"optimizer_{player}_learning_rate"] for player in RATES}
    assert {player: float(rate) for player, rate in rates.items()} == pytest.approx(RATES)
    history = client.get_metric_history(run.info.run_id, "generator_loss")
    assert [point.step for point in history] == [0, 1, 2]
    path = mlflow.artifacts.download_artifacts(
        run_id=run.info.run_id, artifact_path="model_summary.txt", dst_path=str(tmp_path)
    )
    assert Path(path).read_text(encoding="utf-8").startswith("Model: ")
