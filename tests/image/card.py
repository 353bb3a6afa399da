"""Cards for the machine: copies of the built image, prepared and broken as people and updates do."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

from tests.image.recipe import SOURCE

OUT = SOURCE / "build/image"
CARD_BYTES = 4 * 2**30
SECTOR = 512
ENV_BYTES = 0x4000


def built_image() -> Path:
    """Return the image that `make image` built last. Raises FileNotFoundError."""
    found = sorted(OUT.glob("stallbox-*-arm64.img"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise FileNotFoundError(f"there is no image in {OUT}: run `make image` first")
    return found[-1]


class Card:
    """A card of 4 GB with the image on it."""

    def __init__(self, path: Path, image: Path | None = None) -> None:
        self.path = path
        subprocess.run(["cp", "--sparse=always", str(image or built_image()), str(path)], check=True)
        with path.open("r+b") as disk:
            disk.truncate(CARD_BYTES)
        self.partitions = self.find_partitions()

    def find_partitions(self) -> dict[str, tuple[int, int]]:
        """Read the GPT (UEFI specification, 5.3): name -> offset and size in bytes."""
        with self.path.open("rb") as disk:
            disk.seek(SECTOR + 72)
            first, count, size = struct.unpack("<QII", disk.read(16))
            disk.seek(first * SECTOR)
            found = {}
            for _ in range(count):
                entry = disk.read(size)
                begin, end = struct.unpack_from("<QQ", entry, 32)
                if begin:
                    name = entry[56:128].decode("utf-16-le").rstrip("\0")
                    found[name] = (begin * SECTOR, (end - begin + 1) * SECTOR)
        return found

    def head(self, count: int) -> bytes:
        """Read the first bytes of the card."""
        with self.path.open("rb") as disk:
            return disk.read(count)

    def fill(self, partition: str, byte: bytes) -> None:
        """Write over the whole of a partition."""
        begin, size = self.partitions[partition]
        with self.path.open("r+b") as disk:
            disk.seek(begin)
            for _ in range(size // 2**20):
                disk.write(byte * 2**20)

    def put(self, source: Path, name: str) -> None:
        """Put a file or a folder on the FAT partition, as a person does at home."""
        self._mtools("mcopy", "-s", "-o", str(source), f"::{name}")

    def write(self, name: str, text: str) -> None:
        """Write a file on the FAT partition."""
        file = self.path.with_suffix(".file")
        file.write_text(text, encoding="utf-8")
        self.put(file, name)

    def read(self, name: str) -> str:
        """Read a file of the FAT partition."""
        return self._mtools("mtype", f"::{name}").decode("utf-8")

    def take(self, name: str) -> bytes:
        """Return a file of the FAT partition as it is."""
        return self._mtools("mcopy", f"::{name}", "-")

    def copy_slot(self) -> None:
        """Put into slot B what is in slot A, as an update would."""
        for part in ("boot", "system"):
            self._copy(self.partitions[f"{part}_a"], self.partitions[f"{part}_b"])

    def trial(self, tries: int) -> None:
        """Put slot B on trial, as an update would with fw_setenv."""
        text = f"BOOT_ORDER=B A\nBOOT_TRIAL=B\nBOOT_A_LEFT=3\nBOOT_B_LEFT={tries}\n"
        made = subprocess.run(
            ["mkenvimage", "-p", "0", "-s", str(ENV_BYTES), "-o", "-", "-"],
            input=text.encode(),
            check=True,
            capture_output=True,
        )
        self.overwrite("bootstate", made.stdout)

    def state(self) -> dict[str, str]:
        """Read the slots' state."""
        begin, _ = self.partitions["bootstate"]
        with self.path.open("rb") as disk:
            disk.seek(begin + 4)  # behind the checksum
            pairs = disk.read(ENV_BYTES - 4).split(b"\0\0")[0].split(b"\0")
        return dict(pair.decode().split("=", 1) for pair in pairs if b"=" in pair)

    def raw_state(self) -> bytes:
        """Read the whole partition of the slots' state."""
        begin, size = self.partitions["bootstate"]
        with self.path.open("rb") as disk:
            disk.seek(begin)
            return disk.read(size)

    def overwrite(self, partition: str, content: bytes | None = None) -> None:
        """Write over the beginning of a partition; zeros if no content is given."""
        begin, size = self.partitions[partition]
        with self.path.open("r+b") as disk:
            disk.seek(begin)
            disk.write(content if content is not None else bytes(min(size, 2**20)))

    def _copy(self, source: tuple[int, int], target: tuple[int, int]) -> None:
        with self.path.open("r+b") as disk:
            for done in range(0, min(source[1], target[1]), 2**20):
                disk.seek(source[0] + done)
                block = disk.read(2**20)
                if block.strip(b"\0"):
                    disk.seek(target[0] + done)
                    disk.write(block)

    def _mtools(self, tool: str, *words: str) -> bytes:
        begin, _ = self.partitions["boot"]
        command = [tool, "-i", f"{self.path}@@{begin}", *words]
        return subprocess.run(
            command, check=True, capture_output=True, env={"MTOOLS_SKIP_CHECK": "1", "PATH": "/usr/bin"}
        ).stdout
