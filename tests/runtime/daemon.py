"""A small daemon for the supervisor's tests, run as a process of its own: `python daemon.py SCENE`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable

from appliance.runtime import log
from appliance.runtime.notify import Notifier
from appliance.runtime.supervisor import Supervisor
from appliance.runtime.worker import Worker

go = threading.Event()  # set by SIGUSR1: now the scene happens
never = threading.Event()


def say(text: str) -> Callable[[], None]:
    return lambda: os.write(1, f"{text}\n".encode()) and None


def steady(name: str, **more) -> Worker:
    return Worker(name, lambda: None, interval_s=3600, finish=say(f"{name} stopped"), **more)


def slow_to_stop(name: str) -> Worker:
    def finish() -> None:
        never.wait(0.05)
        say(f"{name} stopped")()

    return Worker(name, lambda: None, interval_s=3600, finish=finish)


def after_go(act: Callable[[], object]) -> Callable[[], None]:
    """Return a step that does nothing until SIGUSR1, then acts."""

    def step() -> None:
        if go.wait(0.005):
            act()

    return step


def hang() -> None:
    say("hanging")()
    never.wait()


def foreign() -> None:
    threading.Thread(target=lambda: {}["nothing"], name="foreign", daemon=True).start()
    never.wait(3600)


def quitter() -> Worker:
    """Return a worker that somebody else tells to stop."""
    worker = Worker("quitter", after_go(lambda: threading.Thread(target=worker.stop, args=(5,)).start()))
    return worker


def status() -> str:
    return str(1 // 0) if go.is_set() else "three workers"


SCENES: dict[str, Callable[[], Supervisor]] = {
    "steady": lambda: Supervisor(
        [steady("a"), steady("b"), steady("c")], notifier, tick_s=0.02, status=lambda: "three"
    ),
    "crash": lambda: Supervisor(
        [steady("a"), Worker("broken", after_go(lambda: 1 // 0)), steady("c")], notifier, tick_s=0.02
    ),
    "foreign": lambda: Supervisor([steady("a"), Worker("parent", after_go(foreign))], notifier, stop_limit_s=1),
    "exits": lambda: Supervisor([steady("a"), Worker("quitter", after_go(sys.exit))], notifier, tick_s=0.02),
    "leaves": lambda: Supervisor([steady("a"), quitter()], notifier, tick_s=0.02),
    "main": lambda: Supervisor([steady("a")], notifier, tick_s=0.02, status=status),
    "hang": lambda: Supervisor(
        [steady("a"), Worker("stuck", after_go(hang), beat_limit_s=0.3)], notifier, tick_s=0.02, stop_limit_s=0.2
    ),
    "hang at once": lambda: Supervisor(
        [steady("a"), Worker("stuck", hang, beat_limit_s=0)], notifier, tick_s=0.02, stop_limit_s=0.2
    ),
    "will not stop": lambda: Supervisor([slow_to_stop("a"), Worker("stuck", hang)], notifier, stop_limit_s=1),
    "fails at the end": lambda: Supervisor(
        [Worker("last", lambda: None, interval_s=3600, finish=lambda: 1 // 0)], notifier
    ),
}

if __name__ == "__main__":
    log.setup("info")
    notifier = Notifier.from_environment()
    signal.signal(signal.SIGUSR1, lambda number, frame: go.set())
    sys.exit(SCENES[sys.argv[1]]().run(say("ready")))
