"""How ``dynviz bench`` lets what it compares take turns."""

from __future__ import annotations

from dynviz.measuring import bench


def test_each_call_answers_a_stream_before_the_next_has_its_turn():
    heard, steps = [], []
    xs = list(range(bench.STREAM + 2))
    calls = [lambda x: heard.append(("dear", x)), lambda x: heard.append(("cheap", x))]

    ms = bench._time_in_turns(calls, xs, steps.append)

    first = xs[: bench.STREAM]
    turn = [first[-1], *first]  # the turn's first call is not counted
    assert heard[: 2 * len(turn)] == [("dear", x) for x in turn] + [("cheap", x) for x in turn]
    assert sum(steps) == len(xs)
    assert ms.shape == (len(xs), 2)
    assert (ms > 0).all()
