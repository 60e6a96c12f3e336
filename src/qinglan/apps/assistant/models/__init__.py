"""Cards of a district and what it fills in for them; talks, hand-overs and counts; evaluations."""

from .cards import CardVector, CardVersion, CityValue
from .evaluations import Evaluation
from .talks import HandOver, Question, Talk, Tally

__all__ = ["CardVector", "CardVersion", "CityValue", "Evaluation", "HandOver", "Question", "Talk", "Tally"]
