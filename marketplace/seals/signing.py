"""Signed documents that anybody can check without us: canonical JSON and Ed25519 (RFC 8032)."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

CERTIFICATE = "sopro-seal-certificate"
REVOCATIONS = "sopro-seal-revocations"
MOST_BYTES = 2_000_000
Document = dict[str, Any]


class Check(StrEnum):
    """What a check of a signed certificate found."""

    GENUINE = auto()
    ALTERED = auto()
    UNKNOWN_KEY = auto()
    REVOKED = auto()
    UPCOMING = auto()
    EXPIRED = auto()
    UNREADABLE = auto()


AUTHENTIC = frozenset({Check.GENUINE, Check.REVOKED, Check.UPCOMING, Check.EXPIRED})
"""What it says is what we signed, whether or not it is valid on the day."""


class Unreadable(ValueError):
    """This is not one of our documents at all."""


def canonical(payload: Mapping[str, Any]) -> bytes:
    """Return the one way to write ``payload``: sorted keys, no spaces, UTF-8."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def key_id(public: bytes) -> str:
    """Return the name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


@dataclass(frozen=True)
class Signer:
    """Signs with the private key whose 32 bytes are ``seed``. Raises ``ValueError`` for others."""

    seed: bytes

    @classmethod
    def of(cls, text: str) -> "Signer":
        """Return the signer of a key written in base64."""
        try:
            seed = base64.b64decode(text, validate=True)
        except binascii.Error:
            raise ValueError("the signing key is not base64") from None
        if len(seed) != 32:
            raise ValueError("the signing key needs 32 bytes")
        return cls(seed)

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    @property
    def public_text(self) -> str:
        return base64.b64encode(self.public).decode()

    def sign(self, kind: str, payload: Mapping[str, Any]) -> Document:
        """Return ``payload`` with what it is, who signed it and the signature."""
        content = {"type": kind, **payload}
        signature = base64.b64encode(self._key.sign(canonical(content))).decode()
        return {"content": content, "key": key_id(self.public), "signature": signature}


def read(text: str | bytes) -> Document:
    """Return the document that a text holds; raise ``Unreadable`` where it is none of ours.

    A name that stands twice is refused: two readers could take different ones of them. So is
    anything beside the three parts, which the signature would not cover.
    """
    if len(text) > MOST_BYTES:
        raise Unreadable
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(found, dict) or set(found) != {"content", "key", "signature"}:
        raise Unreadable
    if not isinstance(found["content"], dict):
        raise Unreadable
    if not isinstance(found["key"], str) or not isinstance(found["signature"], str):
        raise Unreadable
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def authentic(document: Document, kind: str, keys: Mapping[str, str]) -> Check:
    """Tell whether one of ``keys`` (id to base64) signed just this: genuine, altered, unknown key."""
    content = document["content"]
    if content.get("type") != kind:
        return Check.UNREADABLE
    if document["key"] not in keys:
        return Check.UNKNOWN_KEY
    try:
        public = base64.b64decode(keys[document["key"]], validate=True)
        signature = base64.b64decode(document["signature"], validate=True)
        if key_id(public) != document["key"]:
            return Check.UNKNOWN_KEY
        Ed25519PublicKey.from_public_bytes(public).verify(signature, canonical(content))
    except (InvalidSignature, ValueError):
        return Check.ALTERED
    return Check.GENUINE


def check(
    document: Document,
    keys: Mapping[str, str],
    *,
    today: str,
    revoked: Mapping[str, Mapping[str, str]] | None = None,
) -> Check:
    """Return what a certificate is worth. ``today`` is an ISO day; ``revoked`` entries by number."""
    found = authentic(document, CERTIFICATE, keys)
    if found is not Check.GENUINE:
        return found
    content = document["content"]
    if revoked and content["number"] in revoked:
        return Check.REVOKED
    if today < content["valid_from"]:
        return Check.UPCOMING
    return Check.EXPIRED if today > content["valid_until"] else Check.GENUINE


def keys_of(text: str | bytes) -> dict[str, str]:
    """Return the keys of a published key file, by id. Raises ``Unreadable``."""
    try:
        rows = json.loads(text)["keys"]
        return {str(row["id"]): str(row["public"]) for row in rows}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unreadable from None


def revoked_of(document: Document, keys: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the entries of a signed revocation list by number; raise ``Unreadable`` for a false one."""
    if authentic(document, REVOCATIONS, keys) is not Check.GENUINE:
        raise Unreadable
    return {row["number"]: row for row in document["content"]["revoked"]}
