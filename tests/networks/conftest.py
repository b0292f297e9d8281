"""Networks whose weights are counted and never made: the published ones take gigabytes."""

import keras
import pytest


@pytest.fixture
def weightless():
    """Variables that are made meanwhile have shapes, and no values."""
    with keras.StatelessScope(initialize_variables=False):
        yield
