"""Cross-compile the two C libraries that PyPI has no wheel of for arm64 and Debian trixie's Python, from their sdists.

    cross_wheel.py SDIST HEADERS OUT

HEADERS is a folder with the unpacked libpython-dev of the target. gpiozero wants lgpio for the pins of every Pi: PyPI
has aarch64 wheels of 0.2.2.0 for 3.11 and 3.12 only, and Debian has none. evdev is only there as source.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

COMPILER = "aarch64-linux-gnu-gcc"
TAG = "cp313-cp313-linux_aarch64"
SUFFIX = ".cpython-313-aarch64-linux-gnu.so"
KERNEL_HEADERS = Path("/usr/aarch64-linux-gnu/include/linux")


def compile_module(out: Path, sources: list[Path], headers: Path, *more: str) -> None:
    """Compile one extension module."""
    include = headers / "usr/include"
    flags = ["-O2", "-fPIC", "-shared", "-pthread", "-g0", "-ffile-prefix-map=" + str(out.parent.parent) + "=."]
    command = [COMPILER, *flags, f"-I{include}/python3.13", f"-I{include}", *more, "-o", str(out), *map(str, sources)]
    subprocess.run(command, check=True)


def evdev(source: Path, tree: Path, headers: Path) -> None:
    """Compile evdev; its table of codes is made of the kernel's headers for the target."""
    package = tree / "evdev"
    shutil.copytree(source / "src/evdev", package, ignore=shutil.ignore_patterns("*.c", "genecodes*"))
    # Its own way out where the compiled table cannot be imported while building: read the table when it starts.
    shutil.move(package / "ecodes_runtime.py", package / "ecodes.py")
    names = [str(KERNEL_HEADERS / name) for name in ("input.h", "input-event-codes.h", "uinput.h")]
    generator = [sys.executable, "src/evdev/genecodes_c.py", "--reproducible", "--ecodes", *names]
    codes = subprocess.run(generator, cwd=source, check=True, capture_output=True).stdout
    (source / "src/evdev/ecodes.c").write_bytes(codes)
    for name in ("input", "uinput", "ecodes"):
        compile_module(package / f"_{name}{SUFFIX}", [source / f"src/evdev/{name}.c"], headers, "-std=c99")


def lgpio(source: Path, tree: Path, headers: Path) -> None:
    """Compile lgpio with its C library inside, as its own setup.py does for PyPI."""
    subprocess.run(["swig", "-python", "-o", "lgpio_wrap.c", "lgpio.i"], cwd=source, check=True)
    sources = [*sorted((source / "src").glob("lg*.c")), source / "src/rgpiod.c", source / "lgpio_wrap.c"]
    compile_module(tree / f"_lgpio{SUFFIX}", sources, headers, f"-I{source}/src", "-lrt", "-ldl")
    shutil.copy(source / "lgpio.py", tree)


RECIPES: dict[str, Callable[[Path, Path, Path], None]] = {"evdev": evdev, "lgpio": lgpio}


def pack(tree: Path, name: str, version: str, metadata: bytes, out: Path) -> Path:
    """Pack a tree as a wheel, PEP 427, the same bytes from the same tree."""
    about = tree / f"{name}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_bytes(metadata)
    (about / "WHEEL").write_text(f"Wheel-Version: 1.0\nGenerator: stallbox\nRoot-Is-Purelib: false\nTag: {TAG}\n")
    files = sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file())
    lines = []
    for file in files:
        content = (tree / file).read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{file},sha256={digest},{len(content)}")
    record = f"{about.name}/RECORD"
    (tree / record).write_text("\n".join([*lines, f"{record},,", ""]))
    wheel = out / f"{name}-{version}-{TAG}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in [*files, record]:
            archive.writestr(zipfile.ZipInfo(file), (tree / file).read_bytes())  # dated 1980, as all wheels of ours
    return wheel


def main(sdist: Path, headers: Path, out: Path) -> None:
    """Make the wheel of one sdist."""
    name, version = sdist.name.removesuffix(".tar.gz").split("-")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        source, tree = Path(folder) / f"{name}-{version}", Path(folder) / "tree"
        tree.mkdir()
        RECIPES[name](source, tree, headers)
        wheel = pack(tree, name, version, (source / "PKG-INFO").read_bytes(), out)
    os.write(1, f"{wheel.name}\n".encode())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
