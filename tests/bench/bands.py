#!/usr/bin/env python3
"""bands.py OUT COUNT: a folder of 13-band tiles of 64 px, 16 bits, in five kinds of ground.

Each kind has a spectrum of its own and a texture of its own; the light differs from tile to tile,
so that no single band tells the kinds apart. Written by hand: uncompressed TIFF, one strip.
"""
import pathlib
import random
import struct
import sys

SIDE, BANDS = 64, 13
# Reflectance by band, roughly as Sentinel-2 sees them (x 10,000), and how coarse the texture is.
KINDS = {
    "field": ([900, 850, 950, 800, 1300, 2600, 3000, 3100, 3300, 900, 20, 2100, 1200], 16),
    "forest": ([700, 550, 600, 400, 800, 2000, 2500, 2450, 2700, 700, 15, 1300, 600], 4),
    "water": ([1100, 900, 700, 400, 350, 300, 280, 250, 240, 200, 10, 120, 90], 32),
    "town": ([1500, 1500, 1600, 1700, 1900, 2100, 2200, 2250, 2400, 1100, 25, 2600, 2300], 8),
    "sand": ([1700, 2000, 2500, 3000, 3200, 3300, 3400, 3450, 3600, 1300, 30, 4300, 3900], 24),
}


def texture(draw, coarse):
    """A grid of random values, drawn larger: blocks of `coarse` px."""
    cells = -(-SIDE // coarse)
    grid = [[draw.uniform(0.75, 1.25) for _ in range(cells)] for _ in range(cells)]
    return [grid[y // coarse][x // coarse] for y in range(SIDE) for x in range(SIDE)]


def tile(draw, spectrum, coarse):
    light = draw.uniform(0.6, 1.4)
    own = [value * draw.uniform(0.9, 1.1) for value in spectrum]
    values = []
    for pixel in texture(draw, coarse):
        bright = pixel * light * (0.95 + 0.1 * draw.random())
        values += [int(value * bright) + 1 for value in own]
    return values


def tiff(values):
    pixels = struct.pack(f"<{len(values)}H", *values)
    data = 8 + len(pixels)
    tags = [  # number, type (3 SHORT, 4 LONG), count, value or where it is
        (256, 4, 1, SIDE), (257, 4, 1, SIDE), (258, 3, BANDS, data), (259, 3, 1, 1),
        (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, BANDS), (278, 4, 1, SIDE),
        (279, 4, 1, len(pixels)), (338, 3, BANDS - 1, data + 2 * BANDS),
    ]
    lists = struct.pack(f"<{BANDS}H", *[16] * BANDS) + struct.pack(f"<{BANDS - 1}H", *[0] * (BANDS - 1))
    directory = struct.pack("<H", len(tags))
    for tag in tags:
        directory += struct.pack("<HHII", *tag)
    head = b"II*\0" + struct.pack("<I", data + len(lists))
    return head + pixels + lists + directory + struct.pack("<I", 0)


def main():
    out, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    for i in range(count):
        draw = random.Random(i)
        name = list(KINDS)[i % len(KINDS)]
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{i:05}.tif").write_bytes(tiff(tile(draw, *KINDS[name])))


main()
