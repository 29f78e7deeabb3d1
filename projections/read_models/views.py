"""Every view there is. A new view is one line here; each follows the batch after those before it."""

from projections.bitemporal.index import Planes
from projections.read_models.current_states import Current
from projections.read_models.erasure import Redactions
from projections.read_models.ledger import Ledger
from projections.read_models.merkle_tiles import Tree
from projections.read_models.proposals import Proposals

VIEWS = (Ledger(), Redactions(), Planes(), Current(), Proposals(), Tree())
