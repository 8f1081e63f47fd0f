import hashlib
import io
import json
import os
import socket
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageFile

from pytest_damover import images
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.images import Image, encode_jpeg, file_sha256, open_image
from pytest_damover.references import resolve_reference

RED, GREEN, WHITE = (255, 0, 0), (0, 255, 0), (255, 255, 255)


def two_by_one(mode="RGB"):
    """A picture two pixels wide, left red, right green."""
    picture = Pillow.new("RGB", (2, 1), RED)
    picture.putpixel((1, 0), GREEN)
    return picture.convert(mode)


MATRIX = Path(__file__).parent / "data/images"
EXPECTED = json.loads((MATRIX / "expected.json").read_text())


@pytest.mark.parametrize("name", EXPECTED)
def test_b1_a_file_has_the_pixels_or_the_refusal_that_it_always_had(name):
    image, expected = open_image(MATRIX / name), EXPECTED[name]
    if "refused" in expected:
        assert refusal(lambda: image.pixels).code.value == expected["refused"]
    else:
        found = hashlib.sha256(image.pixels.tobytes()).hexdigest()
        assert ([image.width_px, image.height_px], found) == (expected["size_px"], expected["pixels"])


def test_b1_there_are_twenty_files_and_what_looks_alike_is_alike():
    assert {path.name for path in MATRIX.iterdir()} == {*EXPECTED, "expected.json"}
    alike = ("rgb.png", "rgb.bmp", "lossless.webp", "palette.png", "colour-profile.png")
    assert (len(EXPECTED), len({EXPECTED[name]["pixels"] for name in alike})) == (20, 1)


def test_b3_a_jpeg_zeroed_in_the_middle_decodes_and_its_hash_refuses_it(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    path = saved(tmp_path, Pillow.fromarray(noise), "a.jpg", quality=90)
    good, middle = path.read_bytes(), path.stat().st_size // 2
    path.write_bytes(good[:middle] + bytes(64) + good[middle + 64 :])
    assert open_image(path).pixels.shape == (64, 64, 3)
    promised = open_image(path, sha256=hashlib.sha256(good).hexdigest())
    assert "the file changed" in refused_pixels_of(promised)


def saved(tmp_path, picture, name, **options):
    path = tmp_path / name
    picture.save(path, **options)
    return path


def exif(orientation):
    data = Pillow.Exif()
    data[0x0112] = orientation
    return data


def refusal(call, *arguments):
    with pytest.raises(DamoverError) as caught:
        call(*arguments)
    return caught.value.faults[0]


def refused_pixels(path):
    return refused_pixels_of(open_image(path))


def refused_pixels_of(image):
    fault = refusal(lambda: image.pixels)
    assert fault.code is Code.IMAGE
    return str(fault)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.webp"])
def test_lossless_formats_give_the_same_pixels(tmp_path, name):
    options = {"lossless": True} if name.endswith("webp") else {}
    image = open_image(saved(tmp_path, two_by_one(), name, **options))
    assert image.pixels.tolist() == [[list(RED), list(GREEN)]]
    assert (image.width_px, image.height_px) == image.decoded_size_px == (2, 1)


def test_a_jpeg_is_decoded_as_pillow_decodes_it(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    path = saved(tmp_path, Pillow.fromarray(noise), "a.jpg", quality=90)
    with Pillow.open(path) as picture:
        assert (open_image(path).pixels == np.asarray(picture)).all()


def test_b2_path_pillow_and_array_are_the_same_picture(tmp_path):
    path = saved(tmp_path, two_by_one(), "a.png")
    with Pillow.open(path) as picture:
        as_pillow = open_image(picture)
    as_path, as_array = open_image(str(path)), open_image(np.array(two_by_one()))
    assert as_path.pixels.tolist() == as_pillow.pixels.tolist() == as_array.pixels.tolist()
    assert as_pillow.sha256 == as_array.sha256
    assert as_path.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_pixels_cannot_be_changed_by_a_test(tmp_path):
    given = np.zeros((2, 2, 3), np.uint8)
    image = open_image(given)
    given[:] = 9
    assert image.pixels.max() == 0
    with pytest.raises(ValueError, match="read-only"):
        image.pixels[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        open_image(saved(tmp_path, two_by_one(), "a.png")).pixels[0] = 1


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_exif_orientation_is_applied(tmp_path, orientation):
    wide = Pillow.new("RGB", (32, 16), RED)
    wide.paste(GREEN, (16, 0, 32, 16))
    image = open_image(saved(tmp_path, wide, "a.jpg", exif=exif(orientation), quality=100, subsampling=0))
    green_at = {1: (8, 28), 3: (8, 4), 6: (28, 8), 8: (4, 8)}[orientation]
    assert (image.width_px, image.height_px) == ((32, 16) if orientation in (1, 3) else (16, 32))
    assert image.pixels[green_at][1] > 240


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_is_laid_on_white(tmp_path, mode):
    picture = Pillow.new("RGBA", (1, 1), (0, 0, 0, 0)).convert(mode)
    if mode == "PA":
        picture.putalpha(0)
        assert open_image(picture).pixels.tolist() == [[list(WHITE)]]
    else:
        assert open_image(saved(tmp_path, picture, "a.png")).pixels.tolist() == [[list(WHITE)]]


def test_half_transparency_is_mixed(tmp_path):
    path = saved(tmp_path, Pillow.new("RGBA", (1, 1), (0, 0, 0, 128)), "a.png")
    assert open_image(path).pixels.tolist() == [[[127, 127, 127]]]


def test_a_transparent_palette_colour_is_white(tmp_path):
    path = saved(tmp_path, two_by_one("P"), "a.png", transparency=two_by_one("P").getpixel((0, 0)))
    assert open_image(path).pixels[0, 0].tolist() == list(WHITE)


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    grey = np.array([[0, 257, 32768, 65535]], np.uint16)
    image = open_image(saved(tmp_path, Pillow.fromarray(grey), "a.png"))
    assert image.pixels[0, :, 0].tolist() == [0, 1, 128, 255]
    assert (image.pixels == image.pixels[:, :, :1]).all()


@pytest.mark.parametrize(("mode", "value", "expected"), [("L", 7, 7), ("1", 1, 255), ("P", 0, 0)])
def test_grey_and_palette_become_rgb(tmp_path, mode, value, expected):
    image = open_image(saved(tmp_path, Pillow.new(mode, (3, 2), value), "a.png"))
    assert image.pixels.shape == (2, 3, 3)
    assert set(image.pixels.ravel().tolist()) == {expected}


def test_cmyk_becomes_rgb(tmp_path):
    image = open_image(saved(tmp_path, Pillow.new("CMYK", (16, 16), (0, 255, 255, 0)), "a.jpg", quality=95))
    red, green, blue = image.pixels[8, 8].tolist()
    assert (red > 240, green < 15, blue < 15) == (True, True, True)


@pytest.mark.parametrize("shape", [(1, 1), (10_000, 1), (1, 10_000)])
def test_b11_odd_shapes_are_pictures_too(tmp_path, shape):
    image = open_image(saved(tmp_path, Pillow.new("RGB", shape), "a.png"))
    assert (image.width_px, image.height_px) == shape


@pytest.mark.parametrize("suffix", ["gif", "tiff", "ppm", "ico"])
def test_b1_other_formats_are_refused(tmp_path, suffix):
    path = saved(tmp_path, Pillow.new("RGB", (32, 32)), f"a.{suffix}")
    path = path.rename(tmp_path / "a.png")
    assert "JPEG, PNG, BMP, WEBP" in refused_pixels(path)


def test_b1_an_animation_is_refused(tmp_path):
    frames = [Pillow.new("RGB", (8, 8), colour) for colour in (RED, GREEN)]
    assert "animation" in refused_pixels(saved(tmp_path, frames[0], "a.png", save_all=True, append_images=frames[1:]))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.bmp", "a.webp"])
@pytest.mark.parametrize("lenient", [False, True])
def test_b1_half_a_file_is_refused_whatever_other_libraries_set(tmp_path, monkeypatch, name, lenient):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)
    noise = Pillow.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    path = saved(tmp_path, noise, name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    refused_pixels(path)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is lenient


def test_no_picture_is_refused(tmp_path):
    for content in (b"", b"hello", b"<svg/>", b"\x89PNG\r\n\x1a\n" + b"\0" * 40):
        (tmp_path / "a.png").write_bytes(content)
        refused_pixels(tmp_path / "a.png")


def test_b1_a_bomb_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = saved(tmp_path, Pillow.new("1", (100, 100)), "a.png")
    monkeypatch.setattr(images, "MAX_PIXELS", 9_999)
    assert "100 x 100 pixels" in refused_pixels(path)


def test_pillows_own_limit_is_never_reached_first():
    assert images.MAX_PIXELS < Pillow.MAX_IMAGE_PIXELS


def test_b4_missing_folder_fifo_and_device_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    started = time.monotonic()
    for path in (tmp_path / "no.png", tmp_path, tmp_path / "pipe.png", Path("/dev/zero")):
        refused_pixels(path)
        assert refusal(file_sha256, path).code is Code.IMAGE
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "source",
    [
        np.zeros((2, 2), np.uint8),
        np.zeros((2, 2, 4), np.uint8),
        np.zeros((2, 2, 3), np.float32),
        np.zeros((0, 2, 3), np.uint8),
        b"bytes",
        None,
    ],
)
def test_other_sources_are_refused(source):
    assert refusal(open_image, source).code is Code.IMAGE


def test_a_file_that_changes_between_hash_and_decode_is_refused(tmp_path):
    path = saved(tmp_path, two_by_one(), "a.png")
    image = open_image(path)
    _ = image.sha256
    saved(tmp_path, two_by_one().rotate(180), "a.png")
    assert "changed while it was in use" in str(refusal(lambda: image.pixels))


def test_the_hash_after_decoding_is_that_of_the_decoded_bytes(tmp_path):
    path = saved(tmp_path, two_by_one(), "a.png")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    image = open_image(path, key="images/a.png")
    _ = image.pixels
    path.unlink()
    assert (image.sha256, image.key) == (digest, "images/a.png")


def test_file_sha256_notices_a_change(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"1")
    first = file_sha256(path)
    assert file_sha256(path) == first
    path.write_bytes(b"22")
    assert file_sha256(path) == hashlib.sha256(b"22").hexdigest() != first


def test_ten_thousand_images_are_made_without_reading_anything(tmp_path):
    started = time.perf_counter()
    made = [Image(f"images/{i}.jpg", tmp_path) for i in range(10_000)]
    assert time.perf_counter() - started < 0.5
    assert (made[7].path, made[7].decoded_size_px) == (tmp_path, None)


@pytest.fixture
def suite(tmp_path):
    """A suite with a picture, and one outside of it."""
    root = tmp_path / "suite"
    (root / "images").mkdir(parents=True)
    saved(root / "images", two_by_one(), "a.png")
    saved(tmp_path, two_by_one(), "outside.png")
    return root


def test_a_reference_below_the_suite_is_found(suite):
    assert resolve_reference(suite, "images/a.png") == suite / "images" / "a.png"
    assert resolve_reference(suite, "./images/a.png").is_file()


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "../outside.png",
        "images/../../outside.png",
        "/etc/hosts",
        "https://example.org/a.png",
        "file:images/a.png",
        "images\\a.png",
        "C:/a.png",
        "a\0b",
        "images",
        "images/none.png",
        "none/a.png",
    ],
)
def test_b4_bad_references_are_refused(suite, reference):
    assert refusal(resolve_reference, suite, reference).code is Code.CASE_IMAGE


def test_b4_links_out_of_the_suite_are_refused(suite, tmp_path):
    (suite / "out.png").symlink_to(tmp_path / "outside.png")
    (suite / "up").symlink_to(tmp_path, target_is_directory=True)
    (suite / "dangling.png").symlink_to(suite / "none")
    for reference in ("out.png", "up/outside.png", "dangling.png"):
        assert refusal(resolve_reference, suite, reference).code is Code.CASE_IMAGE


def test_links_inside_the_suite_and_a_linked_suite_are_fine(suite, tmp_path):
    (suite / "in.png").symlink_to(suite / "images" / "a.png")
    (tmp_path / "linked").symlink_to(suite, target_is_directory=True)
    assert resolve_reference(suite, "in.png").is_file()
    assert resolve_reference(tmp_path / "linked", "images/a.png").is_file()


def test_b4_pipes_and_sockets_are_refused_without_waiting(suite, monkeypatch):
    os.mkfifo(suite / "pipe.png")
    monkeypatch.chdir(suite)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.png")
        for reference in ("pipe.png", "socket.png"):
            assert "not a regular file" in str(refusal(resolve_reference, suite, reference))


def test_a_reencoded_jpeg_is_small_and_carries_nothing_of_the_file(tmp_path):
    data = exif(1)
    data[0x010E] = "where I live"
    path = saved(tmp_path, Pillow.new("RGB", (1000, 500), RED), "a.jpg", exif=data)
    assert b"where I live" in path.read_bytes()
    encoded = encode_jpeg(open_image(path).pixels, max_side_px=200, quality=70)
    assert b"where I live" not in encoded
    with Pillow.open(io.BytesIO(encoded)) as picture:
        assert (picture.size, picture.format) == ((200, 100), "JPEG")


def test_decoding_is_timed_once_and_given_pixels_were_never_decoded(tmp_path):
    image = open_image(saved(tmp_path, Pillow.new("RGB", (1000, 500), RED), "a.png"))
    assert image.decode_ns is None
    _ = image.pixels
    first = image.decode_ns
    assert first > 0
    _ = image.pixels
    assert image.decode_ns is first
    given = open_image(np.zeros((2, 2, 3), np.uint8))
    _ = given.pixels
    assert given.decode_ns is None
