"""Pictures are drawn anew, PDFs looked through, nothing else is taken."""

import io
import zlib

import pytest
from PIL import Image

from marketplace.cases import files
from marketplace.core.errors import Invalid
from marketplace.core.storage import ObjectStorage
from marketplace.photos import attachments
from marketplace.photos.attachments import check
from tests.builders import NOW
from tests.cases.case_stories import a_story

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF"


def packed(content):
    head = b"%PDF-1.7\n5 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n"
    return head + zlib.compress(content) + b"\nendstream\nendobj"


def code(name, data):
    with pytest.raises(Invalid) as refusal:
        check(name, data)
    assert refusal.value.problems[0].field == "file"
    return refusal.value.problems[0].code


def test_a_picture_loses_what_it_knows():
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Geheime Kamera"
    Image.new("RGB", (3000, 200), "teal").save(out, "JPEG", exif=exif)
    checked = check("../../Skizze 1.JPG", out.getvalue())
    assert (checked.name, checked.media_type) == ("Skizze 1.webp", attachments.PICTURE)
    assert b"Geheime Kamera" not in checked.data
    assert Image.open(io.BytesIO(checked.data)).size[0] == 1600


def test_a_plain_pdf_is_kept_as_it_is():
    checked = check("Angebot.pdf", PDF)
    assert (checked.name, checked.media_type, checked.data) == ("Angebot.pdf", attachments.PDF, PDF)
    quiet = packed(b"<< /Type /Page /JSON 1 >>")
    assert check("x.pdf", quiet).data == quiet


@pytest.mark.parametrize(
    "data",
    [
        PDF + b"<< /S /JavaScript /JS (x) >>",
        PDF + b"<< /S /Launch >>",
        PDF + b"<< /EmbeddedFile >>",
        PDF + b"<< /J#61vaScript >>",
        PDF + b"<< /Encrypt 3 0 R >>",
        packed(b"<< /S /JavaScript >>"),
        packed(b"<< /Type /Page >>")[:-40] + b"endstream",
    ],
)
def test_a_pdf_that_does_something_is_not(data):
    assert code("x.pdf", data) == "pdf_active"


def test_a_pdf_that_unpacks_without_end_is_not():
    assert code("x.pdf", packed(b" " * (attachments.MOST_INFLATED + 10))) == "pdf_active"


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("x.pdf", PDF + b" " * attachments.MOST_BYTES, "file_too_heavy"),
        ("x.pdf", b"MZ\x90 no pdf", "file_not_taken"),
        ("x.svg", b"<svg onload='alert(1)'/>", "file_not_taken"),
        ("x.docx", b"PK\x03\x04", "file_not_taken"),
        ("x.png", b"", "file_not_taken"),
    ],
)
def test_everything_else_is_refused_with_a_sentence(name, data, why):
    assert code(name, data) == why


def test_what_is_removed_is_gone(session, tmp_path):
    story, storage = a_story(session), ObjectStorage(f"file://{tmp_path}")
    kept = files.store(
        session, storage, story.case, check("a.pdf", PDF), actor=story.maria, now=NOW
    )
    assert storage.get(kept.key) == PDF
    key = files.remove(session, story.case, kept, actor=story.maria, now=NOW)
    assert key == kept.key
    assert story.case.files == []
