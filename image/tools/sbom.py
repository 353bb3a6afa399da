"""Print the bill of materials of a root file system as CycloneDX 1.5: Debian's packages and Python's.

    sbom.py VERSION EPOCH DPKG_STATUS SITE_PACKAGES [DEB...]

Debian packages that are used without being installed (firmware, loader) are named by their files.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import uuid
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from urllib.parse import quote

Component = dict[str, object]


def debian(name: str, version: str, arch: str) -> Component:
    """Return a Debian package, named as the package URL specification says (purl, type deb)."""
    purl = f"pkg:deb/debian/{quote(name)}@{quote(version, safe='')}?arch={arch}&distro=trixie"
    return {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}


def installed(status: Path) -> Iterator[Component]:
    """Read dpkg's own list."""
    for paragraph in status.read_text(encoding="utf-8").strip().split("\n\n"):
        fields = HeaderParser().parsestr(paragraph)
        if fields["Status"].endswith(" installed"):
            yield debian(fields["Package"], fields["Version"], fields["Architecture"])


def downloaded(path: Path) -> Component:
    """Name a package by its file: name_version_arch.deb."""
    name, version, arch = path.name.removesuffix(".deb").split("_")
    return debian(name, version.replace("%3a", ":"), arch)


def python(site: Path) -> Iterator[Component]:
    """Read the metadata of installed Python packages."""
    for metadata in sorted(site.glob("*.dist-info/METADATA")):
        fields = HeaderParser().parsestr(metadata.read_text(encoding="utf-8"))
        name, version = fields["Name"], fields["Version"]
        purl = f"pkg:pypi/{quote(name.lower().replace('_', '-'))}@{quote(version)}"
        component: Component = {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}
        if license := fields["License-Expression"]:
            component["licenses"] = [{"expression": license}]
        yield component


def bill(version: str, epoch: int, status: Path, site: Path, debs: list[Path]) -> dict[str, object]:
    """Return the whole document; the same inputs make the same bytes."""
    unique = {str(item["purl"]): item for item in [*installed(status), *map(downloaded, debs), *python(site)]}
    components = [unique[purl] for purl in sorted(unique)]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([version, epoch, sorted(unique)]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": dt.datetime.fromtimestamp(epoch, dt.UTC).isoformat(),
            "component": {"type": "firmware", "name": "stallbox", "version": version, "bom-ref": "stallbox"},
        },
        "components": components,
    }


def main(version: str, epoch: str, status: str, site: str, *debs: str) -> None:
    """Print it."""
    document = bill(version, int(epoch), Path(status), Path(site), [Path(deb) for deb in debs])
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
