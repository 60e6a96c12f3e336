"""Organisations, persons, their posts and histories, users and roles."""

from .careers import Certificate, Employment, GradeHolding, Schooling, StatusPeriod
from .organisations import Organisation, OrganisationChange, OrganisationMapping, level_of, parent_of
from .persons import Person, PersonMerge, person_names
from .postings import Posting
from .users import ADMINISTRATORS, FormerPassword, RoleGrant, User
from .words import (
    Band,
    CertificateLevel,
    ChangeKind,
    ContractKind,
    EducationLevel,
    ExitReason,
    Level,
    OrganisationKind,
    Party,
    PostKind,
    Role,
    Sex,
    StatusKind,
    Track,
)

__all__ = [
    "ADMINISTRATORS",
    "Band",
    "Certificate",
    "CertificateLevel",
    "ChangeKind",
    "ContractKind",
    "EducationLevel",
    "Employment",
    "ExitReason",
    "FormerPassword",
    "GradeHolding",
    "Level",
    "Organisation",
    "OrganisationChange",
    "OrganisationKind",
    "OrganisationMapping",
    "Party",
    "Person",
    "PersonMerge",
    "PostKind",
    "Posting",
    "Role",
    "RoleGrant",
    "Schooling",
    "Sex",
    "StatusKind",
    "StatusPeriod",
    "Track",
    "User",
    "level_of",
    "parent_of",
    "person_names",
]
