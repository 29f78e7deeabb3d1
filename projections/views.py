"""Every view there is. A new view is one line here; each follows the batch after those before it."""

from projections.current import Current
from projections.ledger import Ledger
from projections.planes import Planes
from projections.proposals import Proposals
from projections.redactions import Redactions
from projections.tree import Tree

VIEWS = (Ledger(), Redactions(), Planes(), Current(), Proposals(), Tree())
