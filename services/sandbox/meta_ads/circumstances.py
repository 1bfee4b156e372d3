"""What holds at Meta beside the accounts and what is in them."""

from dataclasses import dataclass, field

from services.sandbox.meta_ads.access import Access
from services.sandbox.meta_ads.budget_changes import BudgetChanges
from services.sandbox.meta_ads.delivery import Delivery
from services.sandbox.meta_ads.limits import Limits
from services.sandbox.meta_ads.troubles import Troubles


@dataclass(slots=True)
class Circumstances:
    """Used and changed only while the world's turn is held; forgotten when the sandbox ends."""

    access: Access = field(default_factory=Access)
    budget_changes: BudgetChanges = field(default_factory=BudgetChanges)
    delivery: Delivery = field(default_factory=Delivery)
    limits: Limits = field(default_factory=Limits)
    troubles: Troubles = field(default_factory=Troubles)
