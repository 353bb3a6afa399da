"""What a sale costs: syncs of the disk, time beside a bare fdatasync, and how many there are in a second."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from benchmarks.box import Box, bare_syncs_ms, fresh_folder, prepare, running
from benchmarks.clients import Report, crowd
from benchmarks.figures import Figure, percentile

CLIENTS = 16
WAYS = {"sale": ("one request", 1), "order then payment": ("order, then payment", 2)}  # answers that are durable


@dataclass(frozen=True)
class Sold:
    """What one crowd of clients did."""

    sales: int
    per_second: float
    sale_ms: list[float]
    sync_ms: list[float]


def run(quick: bool = False) -> list[Figure]:
    """Measure sales, alone and with many clients, in one request and in two."""
    alone, many = (60, 15) if quick else (400, 60)
    return [
        *counted(alone, 1, "1 client"),
        *counted(many, CLIENTS, f"{CLIENTS} clients"),
        *timed(alone, 1, "1 client"),
        *timed(many, CLIENTS, f"{CLIENTS} clients"),
    ]


def counted(count: int, clients: int, load: str) -> list[Figure]:
    """Count syncs, in a daemon that is traced for nothing else. The target holds for each durable answer."""
    figures = []
    for act, (way, answers) in WAYS.items():
        with fresh_folder() as data:
            prepare(data)
            with running(data, trace=True) as box:
                before = box.syncs()
                sold = sell(box, act, count, clients)
                spent = box.syncs() - before
        at_most = 1.0 if clients == 1 else 0.5
        total, waited = spent.total() / sold.sales, spent["stallbox.db-wal"] / sold.sales
        figures += [
            Figure(f"fdatasync per sale, {load}, {way}", total, "calls", f"{sold.sales} sales", at_most * answers),
            Figure("  of these of the write-ahead log", waited, "calls"),
        ]
    return figures


def timed(count: int, clients: int, load: str) -> list[Figure]:
    """Time sales beside a bare fdatasync: after each sale of a lone client, else before and after the crowd."""
    figures = []
    for act, (way, _) in WAYS.items():
        with fresh_folder() as data:
            prepare(data)
            with running(data) as box:
                sold = sell(box, act, count, clients)
        name = f"{load}, {way}"
        figures.append(Figure(f"sales per second, {name}", sold.per_second, "1/s", "a client asks again at once"))
        for share, label in ((0.5, "p50"), (0.99, "p99")):
            sale_ms, sync_ms = percentile(sold.sale_ms, share), percentile(sold.sync_ms, share)
            beside = f"{label} of a bare fdatasync, {sync_ms:.2f} ms; the sale took {sale_ms:.2f} ms"
            figures.append(Figure(f"sale {label}, {name}", sale_ms / sync_ms, "times", beside))
    return figures


def sell(box: Box, act: str, count: int, clients: int) -> Sold:
    """Have clients sell `count` times each. Raises RuntimeError if a sale was refused."""
    sync_file = str(box.data / "bare") if clients == 1 else ""
    sync_ms = [] if clients == 1 else bare_syncs_ms(box.data)
    reports = crowd([box.task(act, count=count, sync_file=sync_file) for _ in range(clients)])
    statuses = sum((report.statuses for report in reports), Counter[str]())
    if statuses != {"201": count * clients}:
        raise RuntimeError(f"not every sale was answered with 201: {dict(statuses)}")
    sync_ms += [one for report in reports for one in report.sync_ms] if clients == 1 else bare_syncs_ms(box.data)
    return Sold(
        count * clients,
        count * clients / selling_s(reports),
        [one for report in reports for one in report.act_ms],
        sync_ms,
    )


def selling_s(reports: list[Report]) -> float:
    """Seconds spent selling: from the first begin to the last end, without the bare fdatasyncs between."""
    spent_s = max(report.ended_s for report in reports) - min(report.began_s for report in reports)
    return spent_s - sum(sum(report.sync_ms) for report in reports) / 1000
