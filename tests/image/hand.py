"""A hand inside the guest, for what no cable reaches: the air, the names of its radios, the root helper.

The card stays as it is. QEMU's fw_cfg hands systemd two more units as credentials (`systemd.extra-unit.…`,
systemd-debug-generator(8)): one that runs AGENT, which does over a virtio port what it is told (run a program, write a
file), and the mount of /tmp as the image has it, which wants the first one.
"""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.image.machine import Machine

LIMIT_S = 900.0
# QEMU's names in fw_cfg have at most 55 characters: hence the one-letter unit, and no drop-in of a target.
UNIT = """\
[Unit]
Description=A hand of the tests
After=multi-user.target

[Service]
ExecStart=/usr/bin/python3 /run/credentials/@system/hand
Restart=always
"""
MOUNT = """\
[Unit]
Before=local-fs.target
Wants=h.service

[Mount]
What=tmp
Where=/tmp
Type=tmpfs
Options=mode=1777,nodev,nosuid,size=20%
"""
AGENT = """\
import base64, json, os, subprocess, time
fd = os.open("/dev/virtio-ports/hand", os.O_RDWR)
told, answers = os.fdopen(fd, "rb"), os.fdopen(os.dup(fd), "wb")  # the port takes 32 KiB at a time
while True:
    line = told.readline()
    if not line:
        time.sleep(0.2)
        continue
    wish = json.loads(line)
    try:
        if "file" in wish:
            os.makedirs(os.path.dirname(wish["file"]), exist_ok=True)
            with open(wish["file"], "ab" if wish["append"] else "wb") as file:
                file.write(base64.b64decode(wish["content"]))
            os.chmod(wish["file"], 0o755)
            answer = [0, "", ""]
        else:
            how = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "errors": "replace"}
            done = subprocess.run(wish["run"], **how)
            answer = [done.returncode, done.stdout, done.stderr]
    except OSError as error:  # no such program, no such place
        answer = [127, "", str(error)]
    answers.write(json.dumps(answer).encode() + b"\\n")
    answers.flush()
"""
PIECE_BYTES = 96 * 1024


@dataclass(frozen=True)
class Done:
    """What came of a program."""

    code: int
    out: str
    err: str


class Hand:
    """Reaches into one machine, made before that is switched on: `more` are QEMU's words for it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "hand"
        credentials: Mapping[str, str] = {
            "systemd.extra-unit.h.service": UNIT,
            "systemd.extra-unit.tmp.mount": MOUNT,
            "hand": AGENT,
        }
        self.more = [
            "-device", "virtio-serial-pci", "-chardev", f"socket,id=hand,path={self._path},server=on,wait=off",
            "-device", "virtserialport,chardev=hand,name=hand",
        ]  # fmt: skip
        for name, content in credentials.items():
            file = folder / f"credential-{name}"
            file.write_text(content)
            self.more += ["-fw_cfg", f"name=opt/io.systemd.credentials/{name},file={file}"]

    def reach_in(self, machine: Machine) -> None:
        """Connect, and wait until the guest answers."""
        self._wire = socket.socket(socket.AF_UNIX)
        self._wire.settimeout(LIMIT_S)
        self._wire.connect(str(self._path))
        self._answers = self._wire.makefile("rb")
        assert self.run("true").code == 0, machine.log

    def let_go(self) -> None:
        """Hang up."""
        self._answers.close()
        self._wire.close()

    def run(self, *command: str) -> Done:
        """Run a program as root; its output is waited for."""
        return Done(*self._ask({"run": command}))

    def check(self, *command: str) -> str:
        """Run a program that has to succeed; return what it said."""
        done = self.run(*command)
        assert done.code == 0, (command, done)
        return done.out

    def put(self, path: str, content: bytes) -> None:
        """Write a file that may be run; /run and /tmp are in memory."""
        for begin in range(0, max(len(content), 1), PIECE_BYTES):
            piece = base64.b64encode(content[begin : begin + PIECE_BYTES]).decode()
            done = Done(*self._ask({"file": path, "content": piece, "append": begin > 0}))
            assert done.code == 0, (path, done)

    def _ask(self, wish: Mapping[str, object]) -> list[Any]:
        self._wire.sendall(json.dumps(wish).encode() + b"\n")
        if not (answer := self._answers.readline()):
            raise ConnectionError("the guest is gone")
        return list(json.loads(answer))
