"""How the matcher is compiled, and where its machine code is kept between runs.

The folder is named by the sources' digest: numba notices a change of one file, but not of another
whose functions were compiled into it.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

import numba
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

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

TUPLE: Any = types.BaseTuple
ARRAY: Any = types.Array


def _without_owner(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Return the machine's value of this kind with every array's owner taken away."""
    if isinstance(kind, TUPLE):
        members = [
            _without_owner(context, builder, one, builder.extract_value(value, k))
            for k, one in enumerate(kind)
        ]
        return context.make_tuple(builder, kind, members)
    if not isinstance(kind, ARRAY):
        return value
    array = make_array(kind)(context, builder, value)  # type: ignore[no-untyped-call]
    none: Any = cgutils.get_null_value
    array.meminfo = none(array.meminfo.type)
    array.parent = none(array.parent.type)
    return array._getvalue()


def _borrow(typing_context: Any, given: Any) -> Any:
    """Return an array, or a tuple with arrays, without its owner: numba counts at every step who holds
    an array, which takes longer than most rules do. Only for what the caller holds all the while."""
    return given(given), lambda context, builder, signature, arguments: _without_owner(
        context, builder, given, arguments[0]
    )


borrowed: Any = intrinsic(_borrow)
