"""Record certificates, their re-registration, and schooling."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from qinglan.apps.audit.actions import record, snapshot

from ..models import Certificate, CertificateLevel, EducationLevel, Person, Schooling
from ..permissions import CHANGE_PEOPLE, check
from .errors import ActionError


@transaction.atomic
def add(
    *,
    person: Person,
    level: CertificateLevel,
    by: Any,
    issued: date | None = None,
    number: str = "",
    registered_until: date | None = None,
) -> Certificate:
    """This will record a social work certificate; one of each level a person."""
    check(by, CHANGE_PEOPLE, person.org_code)
    if issued and registered_until and registered_until < issued:
        raise ActionError("登记有效期不能早于取得日期，请核对两个日期。", "registered_until")
    if Certificate.objects.filter(person=person, level=level).exists():
        raise ActionError(f"{person.name}已登记过{CertificateLevel(level).label}证书。", "level")
    with record("certificates.add", by=by, org_code=person.org_code) as entry:
        row = Certificate.objects.create(
            person=person, level=level, issued=issued, number=number, registered_until=registered_until
        )
        entry.target, entry.after = row, snapshot(row)
    return row


@transaction.atomic
def renew(*, certificate: Certificate, registered_until: date, by: Any) -> Certificate:
    """This will extend the registration of a certificate to `registered_until`."""
    certificate = Certificate.objects.select_for_update().get(pk=certificate.pk)
    code = certificate.person.org_code
    check(by, CHANGE_PEOPLE, code)
    if certificate.registered_until and registered_until <= certificate.registered_until:
        raise ActionError(f"新的有效期须晚于原有效期 {certificate.registered_until}。", "registered_until")
    with record("certificates.renew", by=by, target=certificate, org_code=code, before=snapshot(certificate)) as entry:
        certificate.registered_until = registered_until
        certificate.save(update_fields=["registered_until"])
        entry.after = snapshot(certificate)
    return certificate


@transaction.atomic
def add_schooling(
    *,
    person: Person,
    level: EducationLevel,
    by: Any,
    school: str = "",
    major: str = "",
    sw_major: bool = False,
    degree: str = "",
    graduated: date | None = None,
) -> Schooling:
    """This will record an education finished, and raise the person's highest education when it is higher."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    check(by, CHANGE_PEOPLE, person.org_code)
    order = list(EducationLevel)
    with record("certificates.add_schooling", by=by, org_code=person.org_code) as entry:
        row = Schooling.objects.create(
            person=person,
            level=level,
            school=school,
            major=major,
            sw_major=sw_major,
            degree=degree,
            graduated=graduated,
        )
        if not person.education or order.index(EducationLevel(level)) > order.index(EducationLevel(person.education)):
            person.education, person.degree = level, degree
        person.sw_major = person.sw_major or sw_major
        person.save()
        entry.target, entry.after = row, snapshot(row)
    return row
