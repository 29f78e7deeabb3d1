"""All tools together, in the order of their names."""

from service.assistants.calls import TOOLS
from service.assistants.tools import documents, history, subjects

MODULES = (subjects, history, documents)
TOOLS_LISTED = [TOOLS[name].described for name in sorted(TOOLS)]
"""What `tools/list` answers."""
