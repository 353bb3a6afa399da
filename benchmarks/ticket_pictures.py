"""Pictures of tickets as a camera at the door gets them: the same from the same seed, on any machine.

A picture is grey, 1280 x 720. A code lies on paper or a screen, in front of a background that is not plain, turned by
any angle up to 15 degrees, and spoilt in one way (or several, in `combination`). Each way has two strengths that a
person would call usable - she could still count the modules of the code - and one beyond that, which is reported and
is no part of the target.
"""

from __future__ import annotations

import base64
import functools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import barcode
import qrcode
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from appliance.core.signed import SignedTicket, sign, tag

SIZE = (1280, 720)
USABLE = ("light", "heavy")
STRENGTHS = (*USABLE, "beyond")
LINEAR = ("ean13", "code128")
KINDS = ("own", "pretix", "short", *LINEAR)
FOLDS = 5
QUIET = 4  # modules of white around a QR code (ISO/IEC 18004); linear codes get 10


@dataclass(frozen=True)
class Picture:
    """A picture with one code, how it was spoilt, and what is on the code; empty: there is none."""

    image: Image.Image
    case: str
    strength: str
    kind: str
    text: str


@dataclass(frozen=True)
class Look:
    """What is done to a picture. Lengths are pixels of the frame; 0, and 1 for a factor, leave it alone."""

    module_px: float = 5.0  # of a QR code; the narrow bar of a linear code is 3/4 of it (0.33 mm beside 0.45 mm)
    angle_deg: float = 0.0
    perspective: float = 0.0  # how far corners move, as a share of the code's size
    crumple_px: float = 0.0  # how far paper that was folded moves
    blur_px: float = 0.0  # sigma
    motion_px: int = 0
    contrast: float = 1.0
    gain: float = 1.0  # light
    noise: float = 0.0  # sigma in grey levels
    glare: float = 0.0  # brightness of a spot on the code
    moire: float = 0.0  # depth of a screen's stripes
    inverted: bool = False
    jpeg_blocks: int = 0  # side of blocks that were averaged, as a bad stream does


def look(**changes: float) -> Look:
    return replace(Look(), **changes)  # type: ignore[arg-type]


# case -> its look at each strength, light to beyond
CASES: dict[str, tuple[Look, Look, Look]] = {
    "clean": (look(), look(module_px=4), look(module_px=3)),
    "small": (look(module_px=3), look(module_px=2.4), look(module_px=1.6)),
    "rotated": (look(angle_deg=180, module_px=4), look(angle_deg=55, module_px=4), look(angle_deg=35, module_px=2.4)),
    "perspective": (look(perspective=0.12), look(perspective=0.2), look(perspective=0.3)),
    "crumple": (look(crumple_px=1.2), look(crumple_px=2), look(crumple_px=5)),
    "blur": (look(blur_px=1.5), look(blur_px=2.2), look(blur_px=3.5)),
    "motion": (look(motion_px=4), look(motion_px=7), look(motion_px=12)),
    "low contrast": (look(contrast=0.35), look(contrast=0.18), look(contrast=0.07)),
    "low light": (look(gain=0.3, noise=4), look(gain=0.15, noise=4), look(gain=0.06, noise=5)),
    "noise": (look(noise=15), look(noise=30), look(noise=60)),
    "glare": (look(glare=120), look(glare=190), look(glare=255)),
    "screen moire": (look(moire=0.35), look(moire=0.55), look(moire=0.85)),
    "inverted": (look(inverted=True), look(inverted=True, module_px=3), look(inverted=True, blur_px=3)),
    "blocks": (look(jpeg_blocks=2), look(jpeg_blocks=2, module_px=4), look(jpeg_blocks=4)),
    "combination": (
        look(perspective=0.1, blur_px=1.2, contrast=0.5, noise=10),
        look(perspective=0.12, blur_px=1.5, contrast=0.4, noise=14, glare=90, crumple_px=1),
        look(perspective=0.2, blur_px=2.5, contrast=0.25, noise=25, glare=160, crumple_px=3),
    ),
}


def pictures(seed: int, rounds: int = 1) -> Iterator[Picture]:
    """Yield every case at every strength with every kind of code, `rounds` times."""
    for number in range(rounds):
        for case, looks in CASES.items():
            for strength, chosen in zip(STRENGTHS, looks, strict=True):
                for kind in KINDS:
                    chance = random.Random(f"{seed} {number} {case} {strength} {kind}")
                    yield picture(chance, case, strength, kind, chosen)


def empty_pictures(seed: int, count: int) -> Iterator[Picture]:
    """Yield pictures without any code: whatever is read in them is wrong."""
    for number in range(count):
        chance = random.Random(f"{seed} {number} empty")
        image = _noisy(background(chance), chance, 12)
        yield Picture(image, "empty", "", "", "")


def picture(chance: random.Random, case: str, strength: str, kind: str, chosen: Look) -> Picture:
    """Make one picture."""
    text = text_of(kind, chance)
    drawn = drawing(kind, text)
    module_px = chosen.module_px * (0.75 if kind in LINEAR else 1)
    turned = replace(chosen, module_px=module_px, angle_deg=chosen.angle_deg + chance.uniform(-15, 15))
    return Picture(taken(drawn, turned, chance), case, strength, kind, text)


def text_of(kind: str, chance: random.Random) -> str:
    """Return what a ticket of a kind says."""
    if kind == "own":
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        return sign(SignedTicket("0a1b", tag("street"), tag("workshop"), chance.randrange(2**24)), key.sign)
    if kind == "pretix":  # pretix_sig1 is base64 of about 88 bytes
        return base64.b64encode(b"\x01\x00\x0f\x00\x40" + chance.randbytes(15 + 64)).decode()[::-1]
    if kind == "short":
        return "STREET-" + "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=8))
    if kind == "ean13":
        digits = "40" + "".join(chance.choices("0123456789", k=10))
        return str(barcode.get("ean13", digits).get_fullcode())
    return "TKT-" + "".join(chance.choices("0123456789ABCDEF", k=10))


def drawing(kind: str, text: str) -> Image.Image:
    """Draw a code with its quiet zone, one pixel a module (a linear code 60 high), black on white."""
    if kind in LINEAR:
        modules: str = barcode.get(kind, text).build()[0]
        image = Image.new("L", (len(modules) + 20, 68), 255)
        for place, module in enumerate(modules):
            if module != "0":
                image.paste(0, (10 + place, 4, 11 + place, 64))
        return image
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    matrix = code.get_matrix()
    image = Image.new("L", (len(matrix), len(matrix)), 255)
    image.putdata([0 if dark else 255 for row in matrix for dark in row])
    return image


def taken(drawn: Image.Image, chosen: Look, chance: random.Random) -> Image.Image:
    """Take the picture of a code."""
    frame, box = placed(drawn, chosen, chance)
    if chosen.crumple_px:
        frame = crumpled(frame, box, chosen.crumple_px, chance)
    if chosen.moire:
        frame = ImageChops.multiply(frame, stripes(chosen.moire, chance))
    if chosen.inverted:
        frame = ImageChops.invert(frame)
    if chosen.glare:
        frame = ImageChops.add(frame, spot(box, chosen.glare, chance))
    if chosen.blur_px:
        frame = frame.filter(ImageFilter.GaussianBlur(chosen.blur_px))
    if chosen.motion_px:
        frame = moved(frame, chosen.motion_px, chance.uniform(0, math.tau))
    frame = frame.point([round((128 + (grey - 128) * chosen.contrast) * chosen.gain) for grey in range(256)])
    if chosen.noise:
        frame = _noisy(frame, chance, chosen.noise)
    if chosen.jpeg_blocks:
        coarse = frame.reduce(chosen.jpeg_blocks)
        frame = coarse.resize(SIZE, Image.Resampling.NEAREST)
    return frame


Box = tuple[float, float, float, float]


def placed(drawn: Image.Image, chosen: Look, chance: random.Random) -> tuple[Image.Image, Box]:
    """Lay a code on the background, turned and seen from the side; return the frame and the code's box."""
    fine = 8  # each module is drawn larger, so that turning does not gnaw at it
    large = drawn.resize((drawn.width * fine, drawn.height * fine), Image.Resampling.NEAREST)
    wide, high = drawn.width * chosen.module_px, drawn.height * chosen.module_px
    middle = SIZE[0] / 2 + chance.uniform(-80, 80), SIZE[1] / 2 + chance.uniform(-30, 30)
    corners = _corners(wide, high, middle, chosen, chance)
    coefficients = homography(corners, [(0, 0), (large.width, 0), large.size, (0, large.height)])
    double = (SIZE[0] * 2, SIZE[1] * 2)  # sampled twice as fine, then halved: a lens does not alias
    scaled = [value / 2 if place in (0, 1, 3, 4, 6, 7) else value for place, value in enumerate(coefficients)]
    bilinear = Image.Resampling.BILINEAR
    soft = large.reduce(max(1, round(fine / chosen.module_px / 2)))
    factor = soft.width / large.width
    shrunk = [value * factor if place < 6 else value for place, value in enumerate(scaled)]
    seen = soft.transform(double, Image.Transform.PERSPECTIVE, shrunk, bilinear).reduce(2)
    mask = Image.new("L", soft.size, 255).transform(double, Image.Transform.PERSPECTIVE, shrunk, bilinear).reduce(2)
    paper = seen.point([30 + round(grey * 200 / 255) for grey in range(256)])  # ink is not black, paper not white
    across, down = [x for x, _ in corners], [y for _, y in corners]
    return Image.composite(paper, background(chance), mask), (min(across), min(down), max(across), max(down))


def _corners(
    wide: float, high: float, middle: tuple[float, float], chosen: Look, chance: random.Random
) -> list[tuple[float, float]]:
    turn = math.radians(chosen.angle_deg)
    reach = chosen.perspective * min(wide, high)
    corners = []
    for x, y in ((-wide / 2, -high / 2), (wide / 2, -high / 2), (wide / 2, high / 2), (-wide / 2, high / 2)):
        x, y = x + chance.uniform(-reach, reach), y + chance.uniform(-reach, reach)
        corners.append(
            (middle[0] + x * math.cos(turn) - y * math.sin(turn), middle[1] + x * math.sin(turn) + y * math.cos(turn))
        )
    return corners


def homography(source: Sequence[tuple[float, float]], target: Sequence[tuple[float, float]]) -> list[float]:
    """Return the 8 coefficients that take four points to four points, as Pillow wants them."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    return solved(rows)


def solved(rows: list[list[float]]) -> list[float]:
    """Solve linear equations by Gauss and Jordan, with the largest pivot."""
    count = len(rows)
    for place in range(count):
        best = max(range(place, count), key=lambda row: abs(rows[row][place]))
        rows[place], rows[best] = rows[best], rows[place]
        head = [value / rows[place][place] for value in rows[place]]
        rows = [
            head if row == place else [value - values[place] * part for value, part in zip(values, head, strict=True)]
            for row, values in enumerate(rows)
        ]
    return [row[-1] for row in rows]


def background(chance: random.Random) -> Image.Image:
    """Make a scene: large soft patches of grey, a few hard edges."""
    patches = Image.frombytes("L", (16, 9), chance.randbytes(144)).resize(SIZE, Image.Resampling.BICUBIC)
    scene = patches.point([50 + grey // 2 for grey in range(256)])
    draw = ImageDraw.Draw(scene)
    for _ in range(6):
        x, y = chance.randrange(SIZE[0]), chance.randrange(SIZE[1])
        draw.rectangle((x, y, x + chance.randrange(300), y + chance.randrange(200)), chance.randrange(40, 200))
    return scene


def crumpled(frame: Image.Image, box: Box, reach_px: float, chance: random.Random) -> Image.Image:
    """Fold the paper: a grid over the frame is shifted point by point within the code, each fold with its shade."""
    left, top, right, bottom = box
    xs = [0, *(round(left + (right - left) * step / FOLDS) for step in range(FOLDS + 1)), SIZE[0]]
    ys = [0, *(round(top + (bottom - top) * step / FOLDS) for step in range(FOLDS + 1)), SIZE[1]]
    points = {
        (column, row): (x + _shift(column, reach_px, chance), y + _shift(row, reach_px, chance))
        for column, x in enumerate(xs)
        for row, y in enumerate(ys)
    }
    mesh = []
    shade = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(shade)
    for column in range(len(xs) - 1):
        for row in range(len(ys) - 1):
            target = (xs[column], ys[row], xs[column + 1], ys[row + 1])
            corners = ((column, row), (column, row + 1), (column + 1, row + 1), (column + 1, row))
            mesh.append((target, tuple(value for corner in corners for value in points[corner])))
            draw.rectangle(target, round(255 - chance.uniform(0, min(120, reach_px * 30))))
    folded = frame.transform(SIZE, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
    return ImageChops.multiply(folded, shade.filter(ImageFilter.GaussianBlur(4)))


def _shift(place: int, reach_px: float, chance: random.Random) -> float:
    """The frame's own edge stays where it is."""
    return 0 if place in (0, FOLDS + 2) else chance.uniform(-reach_px, reach_px)


def stripes(depth: float, chance: random.Random) -> Image.Image:
    """Make the beat of a screen's pixels against the camera's: stripes at an angle, a few pixels wide."""
    period_px, turn = chance.uniform(4, 12), chance.uniform(0.2, 1.3)
    fine = 8  # steps of the wave a pixel
    length = fine * (SIZE[0] + SIZE[1])
    wave = Image.new("L", (length, 1))
    wave.putdata(
        [round(255 - depth * 127 * (1 + math.sin(math.tau * place / fine / period_px))) for place in range(length)]
    )
    affine = (fine * math.cos(turn), fine * math.sin(turn), 0, 0, 0, 0)
    return wave.transform(SIZE, Image.Transform.AFFINE, affine)


def spot(box: Box, brightness: float, chance: random.Random) -> Image.Image:
    """Make a lamp's reflection on the code."""
    left, top, right, bottom = box
    side = round(0.5 * min(right - left, bottom - top)) + 20
    light = ImageChops.invert(Image.radial_gradient("L")).resize((side, side))
    light = light.point([round(max(0, grey - 76) * brightness / 179) for grey in range(256)])
    frame = Image.new("L", SIZE, 0)
    x, y = chance.uniform(left, right - side), chance.uniform(top, bottom - side)
    frame.paste(light, (round(x), round(y)))
    return frame


def moved(frame: Image.Image, length_px: int, turn: float) -> Image.Image:
    """Average the frame along a line: the hand moved while the shutter was open."""
    total = frame
    for step in range(1, length_px):
        dx, dy = round(step * math.cos(turn)), round(step * math.sin(turn))
        total = Image.blend(total, ImageChops.offset(frame, dx, dy), 1 / (step + 1))
    return total


@functools.cache
def _bell(sigma: float) -> list[int]:
    """Return the table that makes normal noise around 128 of even noise."""
    from statistics import NormalDist

    bell = NormalDist(128, sigma)
    return [min(255, max(0, round(bell.inv_cdf((value + 0.5) / 256)))) for value in range(256)]


def _noisy(frame: Image.Image, chance: random.Random, sigma: float) -> Image.Image:
    grain = Image.frombytes("L", SIZE, chance.randbytes(SIZE[0] * SIZE[1])).point(_bell(sigma))
    return ImageChops.add(frame, grain, 1, -128)
