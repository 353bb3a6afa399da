# Names and small helpers of the build steps; sourced, not run.
# shellcheck shell=bash
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SOURCE=$(dirname "$HERE")
VARIANT=${VARIANT:-} # none, pi5 or raspios
CACHE=${STALLBOX_IMAGE_OUT:-$SOURCE/build/image}/cache
OUT=${STALLBOX_IMAGE_OUT:-$SOURCE/build/image}${VARIANT:+-$VARIANT}
[ "$VARIANT" != raspios ] || CACHE=$OUT/cache # its packages have Debian's names and are others
ROOT=$OUT/root
PYTHON=3.13 # of Debian trixie
SUITE=trixie
MIRROR=${STALLBOX_MIRROR:-http://deb.debian.org/debian}
RASPBERRY_MIRROR=${STALLBOX_RASPBERRY_MIRROR:-http://archive.raspberrypi.com/debian}
SECURITY_MIRROR=${STALLBOX_SECURITY_MIRROR:-http://deb.debian.org/debian-security}
VERSION=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$SOURCE/appliance/__init__.py")
# Nothing in the image is younger than the commit that it is built from (https://reproducible-builds.org).
: "${SOURCE_DATE_EPOCH:=$(git -C "$SOURCE" log -1 --format=%ct 2>/dev/null || date +%s)}"
NAME=stallbox-$VERSION-arm64${VARIANT:+-$VARIANT}
export SOURCE_DATE_EPOCH HERE SOURCE OUT CACHE ROOT PYTHON SUITE MIRROR RASPBERRY_MIRROR SECURITY_MIRROR VERSION VARIANT NAME
export LC_ALL=C.UTF-8 TZ=UTC

say() { printf '== %s\n' "$*"; }

die() {
    printf 'image: %s\n' "$*" >&2
    exit 1
}

# hash_of FILE...: a short name for the content of files
hash_of() { cat "$@" | sha256sum | cut -c1-16; }

# packages: the names in packages.list; the list of a variant takes some out, written with a minus, and adds others
packages() {
    local more=/dev/null
    [ ! -e "$HERE/packages-$VARIANT.list" ] || more=$HERE/packages-$VARIANT.list
    {
        grep -v '^#' "$HERE/packages.list" | grep -vxF -f <(sed -n 's/^-//p' "$more")
        grep -v '^[#-]' "$more" || true
    } | sort
}

# base_tar: where the base system of this package list is kept
base_tar() { echo "$CACHE/base-$( (packages && cat "$HERE/steps/10-base") | hash_of -).tar"; }
