"""A worker: steps over and over, a heartbeat, and an end at once when told."""

from __future__ import annotations

import threading
import time

import pytest

from appliance.runtime.worker import Worker
from tests.waiting import wait_until


@pytest.fixture
def start():
    workers = []

    def start(step, **more) -> Worker:
        worker = Worker("tester", step, **more)
        workers.append(worker)
        worker.start()
        return worker

    yield start
    for worker in workers:
        assert worker.stop(5)


def test_it_steps_until_it_is_stopped():
    steps = []
    worker = Worker("tester", lambda: steps.append(threading.current_thread().name))
    assert not worker.alive
    worker.start()
    wait_until(lambda: len(steps) > 10)
    assert worker.alive
    assert worker.stop(5)
    assert not worker.alive
    count = len(steps)
    assert worker.stop(5)
    assert (len(steps), set(steps)) == (count, {"tester"})


def test_stopping_before_the_start_is_fine():
    assert Worker("tester", lambda: None).stop(5)


def test_a_stop_ends_a_long_rest_at_once(start):
    stepped = threading.Event()
    worker = start(stepped.set, interval_s=3600)
    assert stepped.wait(5)
    assert worker.stop(5)


@pytest.mark.parametrize("in_the_step", [False, True])
def test_waking_ends_one_long_rest(in_the_step):
    steps, stepped, holder = [], threading.Semaphore(0), {}

    def step() -> None:
        steps.append(len(steps))
        if in_the_step and steps == [0]:
            holder["worker"].wake()
        stepped.release()

    holder["worker"] = worker = Worker("tester", step, interval_s=3600)
    worker.start()
    assert stepped.acquire(timeout=5)
    if not in_the_step:
        worker.wake()
    assert stepped.acquire(timeout=5)
    assert worker.stop(5)
    assert steps == [0, 1]


def test_a_stop_interrupts_a_blocking_step(start):
    inside, way_out = threading.Event(), threading.Event()

    def step() -> None:
        inside.set()
        way_out.wait(60)

    worker = start(step, interrupt=way_out.set)
    assert inside.wait(5)
    assert worker.stop(5)


def test_a_worker_that_does_not_stop_says_so(start):
    way_out = threading.Event()
    worker = start(lambda: way_out.wait(60))
    assert not worker.stop(0.01)
    assert worker.stopping
    assert "way_out.wait(60)" in worker.stack()
    way_out.set()


def test_it_finishes_in_its_own_thread():
    finished = []
    worker = Worker("tester", lambda: None, finish=lambda: finished.append(threading.current_thread().name))
    worker.start()
    assert worker.stop(5)
    assert finished == ["tester"]


def test_a_step_that_takes_too_long_is_overdue_until_it_beats(start):
    way_out, holder = threading.Event(), {}
    held = threading.Event()

    def step() -> None:
        held.set()
        way_out.wait(60)

    holder["worker"] = worker = start(step, beat_limit_s=0.02)
    assert held.wait(5)
    wait_until(lambda: worker.overdue)
    worker.beat(rest_s=60)
    assert not worker.overdue
    way_out.set()


def test_a_long_rest_is_not_overdue(start):
    stepped = threading.Event()
    worker = start(stepped.set, interval_s=3600, beat_limit_s=0.05)
    assert stepped.wait(5)
    wait_until(lambda: time.monotonic() > worker.last_beat_s + 0.15)
    assert not worker.overdue


def test_rest_tells_whether_to_stop(start):
    answers = []
    holder = {}

    def step() -> None:
        if worker := holder.get("worker"):
            answers.append(worker.rest(0.001 if len(answers) < 2 else 3600))

    holder["worker"] = worker = start(step)
    wait_until(lambda: len(answers) == 2)
    assert worker.stop(5)
    assert answers == [False, False, True]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_exception_reaches_the_thread_hook_after_the_finish(monkeypatch):
    order, caught = [], []
    monkeypatch.setattr(threading, "excepthook", lambda args: (order.append("hook"), caught.append(args)))
    worker = Worker("tester", lambda: 1 // 0, finish=lambda: order.append("finish"))
    worker.start()
    wait_until(lambda: not worker.alive)
    assert order == ["finish", "hook"]
    assert (caught[0].exc_type, caught[0].thread.name) == (ZeroDivisionError, "tester")
    assert worker.stack() == "(no thread)\n"
