"""Every table of the product, for migrations and tests."""

from marketplace.accounts import models as accounts
from marketplace.capabilities import models as capabilities
from marketplace.cases import models as cases
from marketplace.cluster import models as cluster
from marketplace.core import audit, outbox
from marketplace.core.db import Base
from marketplace.impact import models as impact
from marketplace.listings import models as listings
from marketplace.notifications import models as notifications
from marketplace.notifications.messages import models as messages
from marketplace.notifications.searches import models as searches
from marketplace.orders import carrying
from marketplace.orders import models as orders
from marketplace.photos import models as photos
from marketplace.proposals import models as proposals
from marketplace.seals import assessment, criteria, register
from marketplace.seals import models as seals
from marketplace.seals import settings as seal_settings
from marketplace.vocabulary import models as vocabulary

MODULES = (
    accounts, assessment, audit, capabilities, carrying, cases, cluster, criteria, impact, listings,
    messages, notifications, orders, outbox, photos, proposals, register, seal_settings, seals,
    searches, vocabulary,
)  # fmt: skip
metadata = Base.metadata
