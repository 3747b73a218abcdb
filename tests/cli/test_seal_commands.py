"""``flask seal``: a certificate is checked offline, with nothing but the published files."""

import copy
import json

import pytest

from marketplace.seals import catalogue, certifying, signing
from marketplace.seals.lifecycle import CertificateAction
from marketplace.seals.signing import CERTIFICATE, Signer
from tests.builders import NOW
from tests.seals.seal_stories import SIGNER, TODAY, a_story


@pytest.fixture
def story(session):
    return a_story(session)


@pytest.fixture
def files(session, story, tmp_path):
    """Write the published files, and return how to check one of the documents with them."""
    certificate = story.awarded()
    session.commit()
    keys = catalogue.keys(session, SIGNER)
    rows = [{"id": name, "public": public} for name, public in keys.items()]
    (tmp_path / "keys.json").write_text(json.dumps({"keys": rows}))
    return certificate, tmp_path


def run(app, folder, document, *more, offline=True):
    (folder / "certificate.json").write_text(
        document if isinstance(document, str) else json.dumps(document)
    )
    arguments = ["seal", "verify", str(folder / "certificate.json"), "--lang", "en", *more]
    if offline:
        arguments += ["--key", str(folder / "keys.json")]
    result = app.test_cli_runner().invoke(args=arguments)
    return result.exit_code, result.output


def revocations(session, folder):
    listed = catalogue.revocations(session, SIGNER, now=NOW)
    path = folder / "revocations.json"
    path.write_text(json.dumps(listed))
    return ["--revocations", str(path)]


def test_genuine_altered_of_another_key_and_withdrawn(app, session, story, files):
    certificate, folder = files
    document = certificate.document
    code, said = run(app, folder, document)
    assert code == 0
    assert "Genuine: AT-2026-0001" in said
    assert "Not checked: whether it was withdrawn" in said
    assert run(app, folder, document, *revocations(session, folder))[0] == 0
    forged = copy.deepcopy(document)
    forged["content"]["valid_until"] = "2099-01-01"
    code, said = run(app, folder, forged)
    assert (code, "Altered or forged" in said) == (3, True)
    stranger = Signer(bytes(32)).sign(CERTIFICATE, document["content"])
    assert run(app, folder, stranger)[0] == 4
    certifying.move(
        session, certificate, CertificateAction.WITHDRAW, "x", "x", today=TODAY,
        actor=story.agnes, now=NOW,
    )  # fmt: skip
    code, said = run(app, folder, document, *revocations(session, folder))
    assert (code, "withdrawn: AT-2026-0001" in said) == (5, True)
    session.commit()
    assert run(app, folder, document, offline=False)[0] == 5, "our own site knows by itself"


def signed(first, last):
    """Return a certificate of ours for these days."""
    known = {"number": "AT-2020-0001", "product": "x", "valid_from": first, "valid_until": last}
    return SIGNER.sign(CERTIFICATE, known)


def test_one_that_begins_later_is_genuine_and_not_valid_yet(app, session, files):
    _certificate, folder = files
    code, said = run(app, folder, signed("2090-01-01", "2092-12-31"))
    assert code == 8
    assert "not valid yet: AT-2020-0001, valid from 2090-01-01" in said


def test_expired_and_unreadable(app, session, files):
    _certificate, folder = files
    old = signed("2020-01-02", "2023-01-01")
    assert run(app, folder, old)[0] == 6
    assert run(app, folder, "no json")[0] == 7
    listed = revocations(session, folder)
    (folder / "revocations.json").write_text("{}")
    assert run(app, folder, old, *listed)[0] == 7, "a broken list is no list"
    (folder / "keys.json").write_text("{}")
    assert run(app, folder, old)[0] == 7


def test_keys_are_printed(app, session, files):
    output = app.test_cli_runner().invoke(args=["seal", "keys"]).output
    assert output.split() == [signing.key_id(SIGNER.public), SIGNER.public_text]
