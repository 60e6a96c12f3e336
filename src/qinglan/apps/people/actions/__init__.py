"""Writes of organisations, people and roles: one module a subject, so that a call reads as a sentence.

    organisations.merge(codes=["420103001001", "420103001002"], into="420103001001", on=date(2026, 7, 1), by=officer)
    postings.assign(person=person, org_code=code, kind=PostKind.WORKER, since=day, by=officer, today=day)

All are keyword-only, atomic and recorded; `by` None is the system itself (set-up, daily jobs). Refusals are `ActionError`
(a ValidationError) with a sentence for the office.
"""

from .errors import ActionError

__all__ = ["ActionError"]
