# SPDX-License-Identifier: Apache-2.0
"""foreign_inputs.py: what the networks of foreign_networks.py are fed: text drawn by Pillow with the
DejaVu fonts, speech by espeak-ng, chords added up from sines. The same each time."""
import bz2
import csv
import gzip
import io
import json
import lzma
import os
import pickle
import sqlite3
import subprocess
import tarfile
import wave
import zipfile

import numpy
from PIL import Image, ImageDraw, ImageFont

FACES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf",
         "DejaVuSerif-Bold.ttf", "DejaVuSans-Oblique.ttf")
SENTENCES = (
    "The parcel has to be in Hamburg before noon.", "Seven of the nine lamps were broken.",
    "Please leave a message after the tone.", "Nobody knew why the river had risen so fast.",
    "Water boils at a lower temperature in the mountains.", "She paid 48.50 for two tickets.",
    "Close the window, it is getting cold in here.", "Order 7731-B was shipped on Tuesday.",
    "A small boat lay upside down on the beach.", "Turn left at the church, then keep right.",
    "He has been waiting since half past six.", "The museum is closed on public holidays.",
    "Could you tell me the way to the station?", "Forty years later they met again by chance.",
    "Invoice No. 20418, due within 30 days.", "Do not open while the motor is running.",
)


def font(which, size):
    return ImageFont.truetype(FACES[which % len(FACES)], size)


def line(text, which, height=48):
    """One line of text as a picture, dark on light, a little noise."""
    random = numpy.random.default_rng(which)
    face = font(which, height * 3 // 5)
    box = face.getbbox(text)
    image = Image.new("L", (box[2] + height // 2, height), 235)
    ImageDraw.Draw(image).text((height // 4, (height - box[3] - box[1]) // 2), text, 30, face)
    pixels = numpy.asarray(image, numpy.float32) + random.normal(0, 12, (height, image.width))
    return pixels.clip(0, 255).astype(numpy.uint8)


def captcha(text, which, width, height):
    """Characters that are turned and lifted, lines across, grain."""
    random = numpy.random.default_rng(which)
    image = Image.new("RGB", (width, height), (240, 240, 235))
    face, step = font(which, height * 3 // 5), width // (len(text) + 1)
    for i, character in enumerate(text):
        glyph = Image.new("L", (height, height), 0)
        ImageDraw.Draw(glyph).text((height // 4, height // 8), character, 255, face)
        glyph = glyph.rotate(random.uniform(-18, 18))
        colour = tuple(int(c) for c in random.integers(10, 110, 3))
        image.paste(colour, (step // 2 + i * step - height // 8, int(random.integers(-3, 4))), glyph)
    draw = ImageDraw.Draw(image)
    for _ in range(2):
        draw.line([(0, int(random.integers(height))), (width, int(random.integers(height)))],
                  (120, 120, 130), 1)
    pixels = numpy.asarray(image, numpy.float32) + random.normal(0, 8, (height, width, 3))
    return pixels.clip(0, 255).astype(numpy.uint8)


def page(which, side=512):
    """A page of text, upright."""
    image, face = Image.new("L", (side, side), 245), font(which, 17 + which % 3 * 4)
    draw = ImageDraw.Draw(image)
    for row in range(14):
        text = SENTENCES[(which + row * 5) % len(SENTENCES)]
        draw.text((24 + 12 * (row % 3 == 0), 24 + row * 34), text, 25, face)
    return numpy.asarray(image)


def words(characters, length, count, seed):
    random = numpy.random.default_rng(seed)
    return ["".join(random.choice(list(characters), length)) for _ in range(count)]


def speech(text, voice="en", speed=160):
    """What espeak-ng says, 16 kHz, f32."""
    said = subprocess.run(["espeak-ng", "--stdout", "-v", voice, "-s", str(speed), text], check=True,
                          stdout=subprocess.PIPE).stdout
    with wave.open(io.BytesIO(said)) as file:
        rate = file.getframerate()
        samples = numpy.frombuffer(file.readframes(1 << 30)[:len(said) // 2 * 2 - 44], "<i2")
    at = numpy.arange(0, len(samples) - 1, rate / 16000)
    return numpy.interp(at, numpy.arange(len(samples)), samples / 32768).astype(numpy.float32)


def noise(count, level, seed):
    return numpy.random.default_rng(seed).normal(0, level, count).astype(numpy.float32)


def chord(notes, seconds=1.6, rate=44100):
    """MIDI notes at once, eight partials each, dying away."""
    at = numpy.arange(int(seconds * rate)) / rate
    total = numpy.zeros(len(at))
    for note in notes:
        pitch = 440 * 2 ** ((note - 69) / 12)
        for partial in range(1, 9):
            total += numpy.sin(2 * numpy.pi * pitch * partial * at) * numpy.exp(-at * partial) / partial ** 1.5
    return (total / len(notes) / 2).astype(numpy.float32)


SOURCES = {
    "c": """#include <stdio.h>

int
main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		printf("%s\\n", argv[i]);
	return 0;
}
""",
    "java": """package a.b;

import java.util.List;

public class Sum {
    public static int of(List<Integer> all) {
        int sum = 0;
        for (int one : all) {
            sum += one;
        }
        return sum;
    }
}
""",
    "shell": """#!/bin/sh
set -eu
for file in "$@"; do
	if [ -f "$file" ]; then
		wc -c <"$file"
	else
		echo "no $file" >&2
	fi
done
""",
    "html": """<!DOCTYPE html>
<html lang="en">
<head><title>Trains</title><meta charset="utf-8"></head>
<body><h1>Trains</h1>
<p>The next train leaves at <b>ten</b>.</p>
<ul><li>one</li><li>two</li></ul></body>
</html>
""",
    "sql": """CREATE TABLE trains (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO trains (id, name) VALUES (1, 'north'), (2, 'south');
SELECT name, count(*) FROM trains GROUP BY name ORDER BY name;
""",
    "css": """body { margin: 0; font: 16px/1.4 sans-serif; }
h1, h2 { color: #333; }
.box > p:first-child { padding: 4px 8px; display: flex; }
@media (max-width: 600px) { .box { display: none; } }
""",
    "go": """package main

import "fmt"

func main() {
	sum := 0
	for i := 0; i < 10; i++ {
		sum += i
	}
	fmt.Println(sum)
}
""",
    "rust": """use std::collections::HashMap;

fn main() {
    let mut seen: HashMap<String, u32> = HashMap::new();
    for word in std::env::args().skip(1) {
        *seen.entry(word).or_insert(0) += 1;
    }
    println!("{:?}", seen);
}
""",
}


def saved(kind, picture):
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def archives():
    """The same text in what packs files."""
    text = "\n".join(SENTENCES).encode() * 3
    yield "gzip", gzip.compress(text, mtime=0)
    yield "bzip", bz2.compress(text)
    yield "xz", lzma.compress(text)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(zipfile.ZipInfo("a.txt"), text)
    yield "zip", out.getvalue()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        member = tarfile.TarInfo("a.txt")
        member.size = len(text)
        file.addfile(member, io.BytesIO(text))
    yield "tar", out.getvalue()


def files(folder):
    """Files of many kinds, (what they are, bytes): made here, and of the packages in that folder."""
    picture = Image.fromarray(captcha("PICTURE", 3, 240, 160))
    for kind, label in (("PNG", "png"), ("JPEG", "jpeg"), ("GIF", "gif"), ("BMP", "bmp"), ("TIFF", "tiff"),
                        ("WEBP", "webp"), ("PDF", "pdf"), ("ICO", "ico")):
        yield label, saved(kind, picture)
    yield from archives()
    for label, text in SOURCES.items():
        yield label, text.encode()
    table = io.StringIO()
    csv.writer(table).writerows([i, i * i % 97, SENTENCES[i % 16].split()[0]] for i in range(60))
    yield "csv", table.getvalue().encode()
    yield "json", json.dumps({s: [i, {"n": i / 3}] for i, s in enumerate(SENTENCES)}, indent=1).encode()
    yield "txt", "\n".join(SENTENCES).encode()
    yield "pickle", pickle.dumps([{"words": s.split(), "n": i} for i, s in enumerate(SENTENCES)], 4)
    base = sqlite3.connect(":memory:")
    base.executescript(SOURCES["sql"])
    yield "sqlite", base.serialize()
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".py") and os.path.getsize(os.path.join(root, name)) > 400:
                with open(os.path.join(root, name), "rb") as file:
                    yield "python", file.read()
