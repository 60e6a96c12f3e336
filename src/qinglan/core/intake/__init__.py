"""Sheets as offices keep them: read, find the header, check each row, say what is wrong, write it back marked.

workbook = read_workbook(data, "花名册.xlsx")            # IntakeError: one sentence for the whole file
report = check_roster(workbook, organisations, today)   # a dry run; nothing is stored here
report = check_facts("training", workbook, people, organisations, today)
marked = mark(workbook, report)                         # the same workbook, refused rows marked (bytes of an xlsx)
"""

from .fact_layouts import LAYOUTS
from .facts import KINDS, check_facts
from .figures import Figure
from .layout import ColumnMapping
from .markup import mark
from .model import IntakeError, Reason, Report, RowResult, Sheet, SheetReport, Workbook
from .organisations import Organisation, Organisations
from .people import People, PeopleList, Person
from .report import json_array, json_lines, row_objects
from .roster import ROSTER, check_roster
from .sheets import read_workbook
from .template import layout_of, template

__all__ = [
    "KINDS",
    "LAYOUTS",
    "ROSTER",
    "ColumnMapping",
    "Figure",
    "IntakeError",
    "Organisation",
    "Organisations",
    "People",
    "PeopleList",
    "Person",
    "Reason",
    "Report",
    "RowResult",
    "Sheet",
    "SheetReport",
    "Workbook",
    "check_facts",
    "check_roster",
    "json_array",
    "json_lines",
    "layout_of",
    "mark",
    "read_workbook",
    "row_objects",
    "template",
]
