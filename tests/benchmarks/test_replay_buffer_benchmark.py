"""The benchmark of replay buffers: sizes in turns, their memory and share of a step in a table."""

import numpy as np

from benchmarks import replay_buffer, timing
from benchmarks.processes import Cost


def cost(*milliseconds, peak_mb):
    wall = np.array(milliseconds, float)
    return Cost(timing.Timing(wall, wall), peak_mb=peak_mb)


def test_a_small_one_is_timed_beside_a_step_and_nothing():
    costs = replay_buffer.compare([128], steps=1, repeats=1)
    assert list(costs) == ["128", replay_buffer.STEP, replay_buffer.NOTHING]
    assert not any(cost.problem for cost in costs.values())
    assert costs["128"].timing.wall[0] < costs[replay_buffer.STEP].timing.wall[0]
    assert costs[replay_buffer.STEP].peak_mb > costs[replay_buffer.NOTHING].peak_mb > 100


def test_the_share_is_of_both_buffers_and_the_memory_of_one_alone():
    costs = {
        "1,024": cost(1, 1, 3, peak_mb=520.0),
        "65,536": Cost(problem="model not built in 300 s"),
        replay_buffer.STEP: cost(40, 50, 100, peak_mb=900.0),
        replay_buffer.NOTHING: cost(0, 0, 0, peak_mb=500.0),
    }
    _, _, small, large = replay_buffer.table(costs).splitlines()
    assert small == "| 1,024 | 1.00 | 1.00 to 2.00 | 20 | 5.0% |"
    assert large == "| 65,536 | model not built in 300 s | | | |"
