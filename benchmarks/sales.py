"""What a sale costs: syncs of the disk, time beside a bare fdatasync, and how many there are in a second."""

from __future__ import annotations

import time
from collections import Counter

from benchmarks.box import Box, bare_syncs_ms, fresh_folder, prepare, running
from benchmarks.clients import Report, crowd
from benchmarks.figures import Figure, calmest

CLIENTS = 16
WAYS = {"sale": ("one request", 1), "order then payment": ("order, then payment", 2)}  # answers that are durable


PACE_S = 1.5  # between two sales of a calm stall: the box goes to rest in between


def run(quick: bool = False) -> list[Figure]:
    """Measure sales, alone and with many clients, in one request and in two."""
    alone, many, calm = (60, 10, 3) if quick else (600, 40, 16)
    acts = ["sale"] if quick else list(WAYS)
    figures = []
    with fresh_folder() as data:
        prepare(data)
        with running(data, trace=True) as box:  # strace slows the syncs: no times from this one
            sell(box, "sale", 1, 1)  # the first sale begins the log
            figures.append(waited_for(box, calm))
            for act in acts:
                figures += counted(box, act, alone, 1) + counted(box, act, many, CLIENTS)
        with running(data) as box:
            for act in acts:
                figures += timed_alone(box, act, alone) + timed_crowd(box, act, many)
    return figures


def waited_for(box: Box, count: int) -> Figure:
    """Count the syncs until the answer of sales that are far apart; what the box does after it delays nobody."""
    syncs = 0
    for _ in range(count):
        time.sleep(PACE_S)
        before = box.syncs()
        sell(box, "sale", 1, 1)
        syncs += (box.syncs() - before).total()
    name = "fdatasync per sale until the answer, 1 client, one request, with pauses"
    return Figure(name, syncs / count, "calls", f"{syncs} for {count} sales", 1.0)


def counted(box: Box, act: str, count: int, clients: int) -> list[Figure]:
    """Count syncs. The target holds for each durable answer.

    A lone client that never pauses has one in a hundred more: the log must be moved into the store now and then.
    """
    way, answers = WAYS[act]
    before = box.syncs()
    sell(box, act, count, clients)
    spent = box.syncs() - before
    at_most = 0.5 if clients > 1 else 1.01
    name = f"fdatasync per sale, {load(clients)}, {way}, no pause"
    beside = f"{spent.total()} for {count * clients} sales"
    return [Figure(name, spent.total() / count / clients, "calls", beside, at_most * answers)]


def timed_alone(box: Box, act: str, count: int) -> list[Figure]:
    """Time the sales of one client, with a bare fdatasync after each; the calmest of rounds of 100 counts."""
    (report,) = sell(box, act, count, 1, sync_file=str(box.data / "bare"))
    sales_per_s = 1000 * count / sum(report.act_ms)
    return timed(act, 1, sales_per_s, rounds(report.act_ms), rounds(report.sync_ms))


def timed_crowd(box: Box, act: str, count: int) -> list[Figure]:
    """Time the sales of many clients, with bare fdatasyncs before and after."""
    before_ms = bare_syncs_ms(box.data)
    reports = sell(box, act, count, CLIENTS)
    after_ms = bare_syncs_ms(box.data)
    took_s = max(report.ended_s for report in reports) - min(report.began_s for report in reports)
    sale_ms = [one for report in reports for one in report.act_ms]
    return timed(act, CLIENTS, count * CLIENTS / took_s, [sale_ms], [before_ms, after_ms])


def timed(
    act: str, clients: int, sales_per_s: float, sales: list[list[float]], syncs: list[list[float]]
) -> list[Figure]:
    name = f"{load(clients)}, {WAYS[act][0]}"
    figures = [Figure(f"sales per second, {name}", sales_per_s, "1/s", "clients ask again at once")]
    for share, label in ((0.5, "p50"), (0.99, "p99")):
        sale_ms, sync_ms = calmest(sales, share), calmest(syncs, share)
        beside = f"{sale_ms:.2f} ms, against the {label} of a bare fdatasync, {sync_ms:.2f} ms"
        figures.append(Figure(f"sale {label}, {name}", sale_ms / sync_ms, "times", beside))
    return figures


def sell(box: Box, act: str, count: int, clients: int, **how: object) -> list[Report]:
    """Have clients sell `count` times each. Raises RuntimeError if a sale was refused."""
    reports = crowd([box.task(act, count=count, **how) for _ in range(clients)])
    statuses = sum((report.statuses for report in reports), Counter[str]())
    if statuses != {"201": count * clients}:
        raise RuntimeError(f"not every sale was answered with 201: {dict(statuses)}")
    return reports


def rounds(values: list[float], length: int = 100) -> list[list[float]]:
    return [values[begin : begin + length] for begin in range(0, len(values), length)]


def load(clients: int) -> str:
    return "1 client" if clients == 1 else f"{clients} clients"
