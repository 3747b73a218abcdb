"""Every table of the product, for migrations and tests."""

from marketplace.accounts import models as accounts
from marketplace.capabilities import models as capabilities
from marketplace.cases import models as cases
from marketplace.core import audit, outbox
from marketplace.core.db import Base
from marketplace.listings import models as listings
from marketplace.notifications import models as notifications
from marketplace.notifications.messages import models as messages
from marketplace.notifications.searches import models as searches
from marketplace.orders import carrying
from marketplace.orders import models as orders
from marketplace.photos import models as photos
from marketplace.proposals import models as proposals

MODULES = (
    accounts, audit, capabilities, carrying, cases, listings, messages, notifications, orders, outbox,
    photos, proposals, searches,
)  # fmt: skip
metadata = Base.metadata
