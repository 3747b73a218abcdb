"""How the matcher is compiled, and where its machine code is kept between runs.

The folder is named by the sources' digest: numba notices a change of one file, but not of another
whose functions were compiled into it.
"""

import hashlib
import os
from pathlib import Path

import numba

HERE = Path(__file__).parent


def _folder() -> Path:
    """Return the folder for these sources: beside them, or with the user where that is locked."""
    sources = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
    name = "compiled-" + hashlib.sha256(sources).hexdigest()[:16]
    if os.access(HERE, os.W_OK):
        return HERE / "__pycache__" / name
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "marketplace" / name


numba.config.CACHE_DIR = str(_folder())  # type: ignore[attr-defined]

compiled = numba.njit(cache=True, nogil=True, error_model="numpy")

# For what is asked of single pairs: whole tables are never handed over at a call.
inlined = numba.njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
