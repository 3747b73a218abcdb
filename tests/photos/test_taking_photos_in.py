import io
from pathlib import Path

import pytest
from PIL import Image

from marketplace.core.errors import Invalid
from marketplace.core.storage import ObjectStorage
from marketplace.photos import actions
from marketplace.photos.models import Photo, Size
from tests.builders import NOW, a_company, a_person, actor_for


def a_picture(size=(800, 600), form="JPEG", colour="green", **options):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form, **options)
    return out.getvalue()


def code_of(data):
    with pytest.raises(Invalid) as refused:
        actions.render(data)
    return refused.value.problems[0].code


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_makes_three_webp_sizes(form):
    files, (width, height) = actions.render(a_picture((4000, 3000), form))
    assert (width, height) == (1600, 1200)
    edges = {size: max(Image.open(io.BytesIO(data)).size) for size, data in files.items()}
    assert edges == {Size.LARGE: 1600, Size.SMALL: 640, Size.THUMB: 240}
    assert all(Image.open(io.BytesIO(data)).format == "WEBP" for data in files.values())


def test_turns_upright_and_forgets_place_device_and_owner():
    image = Image.new("RGB", (400, 200), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif.tobytes())
    files, size = actions.render(out.getvalue())
    assert size == (200, 400)
    for data in files.values():
        kept = Image.open(io.BytesIO(data))
        assert not kept.getexif()
        assert b"PhoneMaker" not in data
        assert "icc_profile" not in kept.info


def test_transparent_becomes_white():
    out = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(out, "PNG")
    files, _size = actions.render(out.getvalue())
    assert Image.open(io.BytesIO(files[Size.LARGE])).getpixel((50, 50)) == (255, 255, 255)


def test_heic_from_a_telephone():
    files, size = actions.render((Path(__file__).parent / "phone.heic").read_bytes())
    assert size == (320, 200)
    red, green, blue = Image.open(io.BytesIO(files[Size.LARGE])).getpixel((40, 40))
    assert red > 200
    assert green > 150
    assert blue < 100


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"just some text, named .jpg", "photo_not_a_picture"),
        (b"", "photo_not_a_picture"),
        (a_picture()[:400], "photo_broken"),
        (a_picture((8, 8)), "photo_too_small"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo_not_a_picture"),
        (b"\0" * (actions.MOST_BYTES + 1), "photo_too_heavy"),
    ],
)
def test_refuses_with_a_reason(data, code):
    assert code_of(data) == code


def test_refuses_a_hundred_megapixels_without_decoding_them():
    assert code_of(a_picture((10_000, 10_000), "PNG")) == "photo_too_large"


def test_the_same_file_twice_is_one_photo(session, media):
    company = a_company(session)
    actor = actor_for(session, a_person(session, company))
    storage = ObjectStorage(f"file://{media}")
    first = actions.store(session, storage, a_picture(), actor=actor, now=NOW)
    again = actions.store(session, storage, a_picture(), actor=actor, now=NOW)
    assert first.id == again.id
    assert storage.get(first.file(Size.THUMB))


def test_nobody_takes_the_photos_of_others(session, media):
    storage = ObjectStorage(f"file://{media}")
    mine, theirs = a_company(session), a_company(session)
    actor = actor_for(session, a_person(session, theirs))
    photo = actions.store(session, storage, a_picture(), actor=actor, now=NOW)
    assert actions.chosen(session, [photo.id], organisation_id=mine.id) == []
    assert actions.chosen(session, [photo.id], organisation_id=theirs.id) == [photo]


def test_fifty_photos_are_too_many(session):
    with pytest.raises(Invalid) as refused:
        actions.chosen(session, list(range(1, 51)), organisation_id=1)
    assert refused.value.problems[0].code == "too_many_photos"
    assert session.get(Photo, 1) is None
