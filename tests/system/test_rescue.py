"""What is left where the data cannot be read: a page at every address, and lights where there are any."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system


def test_every_address_says_what_to_do_and_none_looks_like_a_till(tmp_path: Path) -> None:
    config = tmp_path / "box.toml"
    config.write_text('[panel]\ndriver = "absent"\n')
    command = [sys.executable, "-m", "appliance", "rescue", "--port", "0", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(re.findall(r"port (\d+)", process.stdout.readline())[0])
            for method, path in (("GET", "/"), ("GET", "/healthz"), ("POST", "/api/v1/orders")):
                wire = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                wire.request(method, path)
                answer = wire.getresponse()
                assert answer.status == 503
                assert "nothing was formatted" in answer.read().decode()
                wire.close()
        finally:
            process.kill()
