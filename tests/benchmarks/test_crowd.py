"""Thirty tablets are all answered, in short; and a line that is called bad is bad."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from benchmarks import crowd
from benchmarks.box import fresh_folder, prepare
from benchmarks.line import NEAR, TUN, bad_line
from benchmarks.visitors import Group

pytestmark = pytest.mark.system
CALL = "import socket; socket.create_connection(('{host}', {port}), 60).recv(1)"
NO_LINE = os.geteuid() != 0 or not TUN.exists()


def test_thirty_tablets_on_one_core_are_all_answered():
    with fresh_folder() as data:
        prepare(data, host="0.0.0.0")
        with crowd.one_core(data) as box:
            group: Group = crowd.a_group(box, (25, 5, 0), "127.0.0.1", 3.0)
            (seen,) = crowd.measured([group])
    assert set(seen.statuses) <= {"200", "201", "304"}
    assert len([heard for heard in seen.heard if heard]) == 30
    assert {what for what, _, _ in seen.taps} >= {"price", "order"}


@pytest.mark.root
@pytest.mark.skipif(NO_LINE, reason="A BAD LINE WAS NOT TRIED: it takes root and /dev/net/tun")
def test_a_bad_line_delays_and_loses_packets_of_real_connections():
    with bad_line(0.1, 0.1) as line, socket.create_server((NEAR, 0)) as server:
        command = [*line.under, sys.executable, "-c", CALL.format(host=line.address, port=server.getsockname()[1])]
        callers = [subprocess.Popen(command) for _ in range(5)]
        addresses = []
        for _ in callers:
            connection, (address, _) = server.accept()
            connection.sendall(b"!")
            connection.close()
            addresses.append(address)
        assert [caller.wait(70) for caller in callers] == [0] * 5
    assert set(addresses) == {line.far(0)}
    assert 0 < line.lost < line.carried
