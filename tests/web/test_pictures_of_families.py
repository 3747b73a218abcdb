from pathlib import Path

import pytest

from marketplace.taxonomy.materials import materials
from marketplace.web.templating import family_picture

IMAGES = Path(__file__).resolve().parents[2] / "static" / "img"


@pytest.mark.parametrize("family", [root.code for root in materials().roots])
def test_every_family_has_its_picture(family):
    assert (IMAGES / f"{family_picture(family)}-t.webp").exists()
