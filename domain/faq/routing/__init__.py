"""From what a person typed to what they want: an engine that holds no word of any city.

All words come from content. `text` and `segment` prepare a question, each signal (`keywords`,
`phrasings`) gives every candidate a score, `router` lets them compete and words the outcome.
"""

from domain.faq.routing.result import Option, Ranked, Routing
from domain.faq.routing.router import Router

__all__ = ["Option", "Ranked", "Router", "Routing"]
