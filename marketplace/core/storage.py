"""Where files lie: a local folder or a bucket, by URL (``file:///...`` or ``s3://...``)."""

from pathlib import Path
from typing import Protocol

import obstore
from obstore.store import from_url


class Storage(Protocol):
    """Named bytes."""

    def put(self, name: str, data: bytes) -> None: ...
    def get(self, name: str) -> bytes: ...
    def delete(self, name: str) -> None: ...


class ObjectStorage:
    """Named bytes in any store that obstore speaks to."""

    def __init__(self, url: str) -> None:
        if url.startswith("file://"):
            Path(url.removeprefix("file://")).mkdir(parents=True, exist_ok=True)
        self._store = from_url(url)

    def put(self, name: str, data: bytes) -> None:
        """Store ``data`` under ``name``; a write is whole or absent."""
        obstore.put(self._store, name, data)

    def get(self, name: str) -> bytes:
        """Return the bytes; raise ``FileNotFoundError`` where there are none."""
        return obstore.get(self._store, name).bytes().to_bytes()

    def delete(self, name: str) -> None:
        """Remove the bytes; nothing happens where there are none."""
        try:
            obstore.delete(self._store, name)
        except FileNotFoundError:
            return
