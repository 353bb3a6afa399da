"""A stick that is mounted, written, read back and let go of: on real file systems, and pulled out in the middle."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from appliance.core.errors import StallboxError
from appliance.rootly import STICK, Machine
from appliance.runtime.root import Root
from appliance.runtime.stick import Stick
from tests.powercut.disk import RecordedDisk, make_ext4, unavailable_reason
from tests.powercut.host import run
from tests.rootbox import RootSocket

NAME = "stallbox-box-1-2026-12-05-2130.tar.gz"
BACKUP = os.urandom(3_000_000)
NULL = Path("/dev/null")  # stands for the stick's device: a number is all that is read of it


def described(folder: Path, label: str = "ANNA'S", sectors: int = 62_500_000) -> tuple[Path, Path]:
    """What the kernel and udev tell of a stick."""
    number = f"{os.major(NULL.stat().st_rdev)}:{os.minor(NULL.stat().st_rdev)}"
    partition = folder / "sys/devices/usb/block/sda/sda1"
    (partition.parent / "device").mkdir(parents=True)
    partition.mkdir()
    (partition / "size").write_text(f"{sectors}\n")
    (partition.parent / "device/vendor").write_text("SanDisk \n")
    (partition.parent / "device/model").write_text("Ultra\n")
    (folder / "sys/dev/block").mkdir(parents=True)
    (folder / "sys/dev/block" / number).symlink_to(partition)
    (folder / "udev").mkdir()
    (folder / "udev" / f"b{number}").write_text(f"S:disk/by-id/x\nE:ID_FS_LABEL={label}\n" if label else "S:x\n")
    return folder / "sys", folder / "udev"


class Systemd:
    """Starts and stops the mount unit as systemd does, on an image of the test's own; other units are none."""

    def __init__(self, image: Path, place: Path) -> None:
        self._image, self._place = image, place

    def __call__(self, command: Sequence[str]) -> None:
        act = {"start": ["mount", "-o", "loop,nosuid,nodev,noexec", self._image, self._place],
               "stop": ["umount", self._place]}[command[1]]  # fmt: skip
        assert list(command) == ["systemctl", command[1], STICK]
        subprocess.run([str(word) for word in act], check=True, capture_output=True, timeout=30)


def of(folder: Path, place: Path, root: Path, device: Path = NULL, label: str = "ANNA'S") -> Stick:
    sys, udev = described(folder, label)
    return Stick(Root(root), device, place, sys, udev)


def refused(stick: Stick, content: bytes = BACKUP) -> StallboxError:
    with pytest.raises(StallboxError) as error:
        stick.keep(io.BytesIO(content), NAME)
    return error.value


@pytest.mark.parametrize(("label", "name"), [("ANNA'S", "ANNA'S"), ("", "SanDisk Ultra")])
def test_a_stick_is_named_as_its_owner_knows_it(tmp_path: Path, label: str, name: str) -> None:
    found = of(tmp_path, tmp_path, tmp_path / "nobody", label=label).look()
    assert found is not None
    assert (found.name, found.size_bytes) == (name, 32_000_000_000)


def test_without_a_stick_or_a_root_it_is_said_in_a_sentence(tmp_path: Path) -> None:
    stick = of(tmp_path, tmp_path, tmp_path / "nobody")
    assert refused(stick).code == "no_root"
    gone = Stick(Root(tmp_path / "nobody"), tmp_path / "none", tmp_path)
    assert gone.look() is None
    assert "plug one in" in refused(gone).message


def test_a_stick_that_cannot_be_mounted_is_named_so(tmp_path: Path) -> None:
    def fail(command: Sequence[str]) -> None:
        raise subprocess.CalledProcessError(32, command)

    with RootSocket(tmp_path / "ask", Machine(fail, lambda at_s: None)) as root:
        error = refused(of(tmp_path, tmp_path, root.path))
    assert "FAT or exFAT" in error.message


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[tuple[Stick, Path, RootSocket]]:
    """A stick of 8 MB, behind root's real grants and a real mount; also the place where it is mounted."""
    place, image = tmp_path / "stick", tmp_path / "stick.img"
    place.mkdir()
    make_ext4(image, 8)
    with RootSocket(tmp_path / "ask", Machine(Systemd(image, place), lambda at_s: None)) as root:
        yield of(tmp_path, place, root.path), place, root
    assert not os.path.ismount(place)


def on_it(stick_place: Path, image: Path) -> dict[str, bytes]:
    run("mount", "-o", "loop", image, stick_place)
    try:
        return {file.name: file.read_bytes() for file in stick_place.iterdir() if file.is_file()}
    finally:
        run("umount", stick_place)


@pytest.mark.root
@pytest.mark.skipif(unavailable_reason() is not None, reason=f"NO STICK WAS MOUNTED: {unavailable_reason()}")
class TestMounted:
    def test_a_backup_is_written_whole_and_the_stick_is_let_go_of(
        self, mounted: tuple[Stick, Path, RootSocket], tmp_path: Path
    ) -> None:
        stick, place, root = mounted
        run("mount", "-o", "loop", tmp_path / "stick.img", place)
        (place / "old.tar.gz.part").write_bytes(b"of a stick that was pulled out")
        run("umount", place)
        free = stick.keep(io.BytesIO(BACKUP), NAME)
        assert 0 < free < 8_000_000 - len(BACKUP)
        assert root.wishes == ["stick mount", "stick unmount"]
        assert not os.path.ismount(place)
        assert on_it(place, tmp_path / "stick.img") == {NAME: BACKUP}

    def test_a_stick_that_is_too_small_says_by_how_much(
        self, mounted: tuple[Stick, Path, RootSocket], tmp_path: Path
    ) -> None:
        stick, place, root = mounted
        error = refused(stick, bytes(30_000_000))
        assert error.code == "stick_full"
        assert "the backup takes 30 MB" in error.message
        assert root.wishes[-1] == "stick unmount"
        assert on_it(place, tmp_path / "stick.img") == {}

    def test_what_is_not_read_back_as_it_was_written_is_no_backup(
        self, mounted: tuple[Stick, Path, RootSocket], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stick, place, _ = mounted
        monkeypatch.setattr(hashlib, "file_digest", lambda file, name: hashlib.sha256(b"worn out"))
        assert refused(stick).code == "stick_broken"
        assert on_it(place, tmp_path / "stick.img") == {}

    def test_a_stick_that_is_pulled_out_in_the_middle_has_no_half_backup(self, tmp_path: Path) -> None:
        with RecordedDisk(tmp_path, size_mib=32) as disk:

            class Yanked(io.BytesIO):
                """A backup during whose copying somebody pulls the stick out."""

                def read(self, size: int | None = -1, /) -> bytes:
                    if self.tell() >= 1_000_000 and disk._server is not None and disk._server.poll() is None:
                        disk._server.kill()
                        disk._server.wait(10)
                    return super().read(size)

            (tmp_path / "of").mkdir()
            with RootSocket(tmp_path / "ask", Machine(lambda command: None, lambda at_s: None)) as root:
                stick = of(tmp_path / "of", disk.path, root.path)
                with pytest.raises(StallboxError, match="pulled out") as error:
                    stick.keep(Yanked(BACKUP), NAME)
                assert error.value.code == "stick_gone"
                assert root.wishes == ["stick mount", "stick unmount"]
            image = tmp_path / "left.img"
            shutil.copyfile(disk.recording.current, image)
        place = tmp_path / "again"
        place.mkdir()
        assert NAME not in on_it(place, image)
