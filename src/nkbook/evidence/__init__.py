"""What the pages of evidence print: every number, testimony, source, term, event and claim.

Each page is Markdown made from `data/` and from a reading of the chapters, so that it cannot
disagree with either. Anchors are permanent: `stat-…`, `testimony-…`, `src-…`, `term-…`, `event-…`
and `claim-…`.
"""

from nkbook.evidence.answers import count_verdicts, list_claims, list_coverage
from nkbook.evidence.errata import list_changes, list_corrections
from nkbook.evidence.pages import list_sources, list_statistics, list_testimonies
from nkbook.evidence.reference import list_events, list_terms

__all__ = [
    "count_verdicts",
    "list_changes",
    "list_claims",
    "list_corrections",
    "list_coverage",
    "list_events",
    "list_sources",
    "list_statistics",
    "list_terms",
    "list_testimonies",
]
