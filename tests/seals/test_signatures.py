"""A certificate that can be checked without us: genuine, altered, of another key, withdrawn."""

import copy
import json

import pytest

from marketplace.seals import catalogue, certifying, signing
from marketplace.seals.lifecycle import CertificateAction
from marketplace.seals.signing import Check, Signer, Unreadable
from tests.builders import NOW
from tests.seals.seal_stories import SIGNER, TODAY, a_story, later

OTHER = Signer(bytes(32))
KEYS = {signing.key_id(SIGNER.public): SIGNER.public_text}


@pytest.fixture
def story(session):
    return a_story(session)


def verdict(document, keys=KEYS, today=TODAY, revoked=None):
    return signing.check(document, keys, today=today.isoformat(), revoked=revoked)


def a_document(**changes):
    content = {
        "number": "AT-2026-0118", "product": "Kávészsák", "makers": ["Nähwerk"],
        "valid_from": "2026-11-23", "valid_until": "2029-11-22",
    }  # fmt: skip
    return SIGNER.sign(signing.CERTIFICATE, content | changes)


def test_the_known_signature_of_the_standard():
    """RFC 8032, section 7.1, test 1: the public key that belongs to this secret one."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert Signer(seed).public.hex() == public


def test_spaces_and_order_do_not_matter_what_is_said_does():
    document = a_document()
    spaced = json.dumps(document, indent=4, sort_keys=True)
    assert verdict(signing.read(spaced)) is Check.GENUINE
    for name in document["content"]:
        forged = copy.deepcopy(document)
        forged["content"][name] = "2099-01-01"
        expected = Check.UNREADABLE if name == "type" else Check.ALTERED
        assert verdict(forged) is expected, name
    forged = copy.deepcopy(document)
    forged["content"]["extra"] = 1
    assert verdict(forged) is Check.ALTERED
    for signature in ("", "AAAA", "no base64", OTHER.sign(signing.CERTIFICATE, {})["signature"]):
        assert verdict(document | {"signature": signature}) is Check.ALTERED


def test_another_key_is_unknown_also_under_our_name():
    stranger = OTHER.sign(signing.CERTIFICATE, a_document()["content"])
    assert verdict(stranger) is Check.UNKNOWN_KEY
    ours = next(iter(KEYS))
    assert verdict(stranger | {"key": ours}) is Check.ALTERED
    assert verdict(stranger | {"key": ours}, {ours: OTHER.public_text}) is Check.UNKNOWN_KEY


def test_a_list_of_the_withdrawn_is_no_certificate():
    listed = SIGNER.sign(signing.REVOCATIONS, {"as_of": "x", "revoked": []})
    assert verdict(listed) is Check.UNREADABLE
    with pytest.raises(Unreadable):
        signing.revoked_of(a_document(), KEYS)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{", '{"content": 1}', '{"content": {}, "key": 1, "signature": ""}',
     '{"content": {"number": "A", "number": "B"}, "key": "", "signature": ""}', "[" * 5000,
     b"\xff\xfe", "1" * 2_000_001],
)  # fmt: skip
def test_what_is_no_document_is_said_so(text):
    with pytest.raises(Unreadable):
        signing.read(text)


def test_what_the_signature_does_not_cover_is_not_beside_it():
    """Somebody who reads the file by eye would take it for signed."""
    with pytest.raises(Unreadable):
        signing.read(json.dumps(a_document() | {"valid_until": "2099-01-01"}))


@pytest.mark.parametrize("depth", [100, 400, 900, 990, 3000])
@pytest.mark.parametrize("part", ["[]", '{"a":}'])
def test_nesting_ends_in_a_verdict(depth, part):
    deep = part[:-1] * depth + "1" + part[-1] * depth
    content = f'{{"type": "{signing.CERTIFICATE}", "x": {deep}}}'
    text = f'{{"content": {content}, "key": "{next(iter(KEYS))}", "signature": "AAAA"}}'
    try:
        document = signing.read(text)
    except Unreadable:
        return
    assert verdict(document) is Check.ALTERED


@pytest.mark.parametrize("value", ["\\ud800", "\\u0000", "A\u0301", "\u202e", "\\u00c1"], ids=ascii)
def test_other_spellings_of_a_name_are_other_names(value):
    text = json.dumps(a_document()).replace("N\\u00e4hwerk", value)
    assert value in text
    assert verdict(signing.read(text)) is Check.ALTERED


def test_the_same_text_written_otherwise_is_the_same():
    plain = json.dumps(a_document(), ensure_ascii=False)
    escaped = json.dumps(a_document(), ensure_ascii=True, indent=1)
    assert plain != escaped
    for text in (plain, escaped, plain.encode(), escaped.encode("utf-16")):
        assert verdict(signing.read(text)) is Check.GENUINE


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!"])
def test_a_key_of_another_length_does_not_start(text):
    with pytest.raises(ValueError, match="signing key"):
        Signer.of(text)


def test_the_first_day_counts():
    document = a_document(valid_from=later(1).date().isoformat())
    assert verdict(document) is Check.UPCOMING
    assert verdict(document, today=later(1).date()) is Check.GENUINE
    assert verdict(document, revoked={"AT-2026-0118": {}}) is Check.REVOKED


def test_the_last_day_counts():
    document = a_document(valid_until=TODAY.isoformat())
    assert verdict(document) is Check.GENUINE
    assert verdict(document, today=later(1).date()) is Check.EXPIRED


def test_a_certificate_of_ours_until_it_is_withdrawn(session, story):
    certificate = story.awarded()
    keys = catalogue.keys(session, SIGNER)
    document = signing.read(json.dumps(certificate.document))
    assert document["content"]["makers"] == ["Nähwerk"]
    for action, listed in (
        (None, False), (CertificateAction.SUSPEND, True), (CertificateAction.LIFT, False),
        (CertificateAction.WITHDRAW, True),
    ):  # fmt: skip
        if action is not None:
            certifying.move(
                session, certificate, action, "Grund", "Für alle", today=TODAY,
                actor=story.agnes, now=NOW,
            )  # fmt: skip
        revoked = signing.revoked_of(catalogue.revocations(session, SIGNER, now=NOW), keys)
        assert (certificate.number in revoked) == listed
        expected = Check.REVOKED if listed else Check.GENUINE
        assert verdict(document, keys, revoked=revoked) is expected


def test_old_keys_stay_published(session, story):
    certificate = story.awarded()
    keys = catalogue.keys(session, OTHER)
    assert set(keys) == {signing.key_id(SIGNER.public), signing.key_id(OTHER.public)}
    assert verdict(certificate.document, keys) is Check.GENUINE


def test_a_forged_list_of_the_withdrawn_is_refused():
    listed = SIGNER.sign(signing.REVOCATIONS, {"as_of": "x", "revoked": [{"number": "AT-1"}]})
    listed["content"]["revoked"] = []
    with pytest.raises(Unreadable):
        signing.revoked_of(listed, KEYS)
