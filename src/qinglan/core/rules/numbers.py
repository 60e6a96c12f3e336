"""Exact arithmetic on int64 for kernels: rounding, shares, look-ups, calendar. Compiled, or plain Python."""

from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.rules.compiling import compiled

SOURCE_MISSING = missing(Reason.SOURCE_MISSING)


@compiled
def is_missing(value):
    """True for a value that stands for an absence (with its reason inside)."""
    return value <= MISSING


@compiled
def divide_half_up(numerator, denominator):
    """numerator / denominator rounded half away from zero; denominator > 0."""
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((-2 * numerator + denominator) // (2 * denominator))


@compiled
def divide_up(numerator, denominator):
    """numerator / denominator rounded up; denominator > 0."""
    return -((-numerator) // denominator)


@compiled
def share(amount, percent):
    """`percent` (hundredths of a percent) of `amount`, rounded half up."""
    return divide_half_up(amount * percent, 10_000)


@compiled
def times(amount, coefficient):
    """`amount` × `coefficient` (ten-thousandths), rounded half up."""
    return divide_half_up(amount * coefficient, 10_000)


@compiled
def clamp(value, floor, ceiling):
    """`value` held between floor and ceiling."""
    if value < floor:
        return floor
    if value > ceiling:
        return ceiling
    return value


@compiled
def band_row(lower, value):
    """Row of the ascending bounds `lower` that holds `value` (the last bound ≤ value); -1 below the first."""
    row = -1
    for index in range(len(lower)):
        if value >= lower[index]:
            row = index
    return row


@compiled
def bracket_row(upto, value):
    """Row of the first bracket whose upper bound holds `value` (value ≤ bound); the last row has no bound."""
    last = len(upto) - 1
    for index in range(last):
        if value <= upto[index]:
            return index
    return last


@compiled
def year_of(day):
    """Calendar year of a day number (days since 1970-01-01)."""
    return civil(day)[0]


@compiled
def civil(day):
    """(year, month, day of month) of a day number: the proleptic Gregorian calendar in integers."""
    z = day + 719_468
    era = z // 146_097
    doe = z - era * 146_097
    yoe = (doe - doe // 1_460 + doe // 36_524 - doe // 146_096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    year = yoe + era * 400 + (1 if month <= 2 else 0)
    return year, month, doy - (153 * mp + 2) // 5 + 1


@compiled
def day_number(year, month, day):
    """Days since 1970-01-01 of a calendar date; `day` may run over the month's end (31 June = 1 July)."""
    y = year - 1 if month <= 2 else year
    era = y // 400
    yoe = y - era * 400
    mp = month - 3 if month > 2 else month + 9
    doy = (153 * mp + 2) // 5 + day - 1
    doe = yoe * 365 + yoe // 4 - yoe // 100 + doy
    return era * 146_097 + doe - 719_468


@compiled
def days_in_month(year, month):
    """28 to 31."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 + (month + month // 8) % 2


@compiled
def whole_months(since, until):
    """Whole calendar months from day `since` to day `until`; 0 if until is earlier.

    The month is complete on the same day of the month, or on the month's last day where it is shorter
    (31 January to 28 February is one month).
    """
    if until < since:
        return 0
    y1, m1, d1 = civil(since)
    y2, m2, d2 = civil(until)
    months = (y2 - y1) * 12 + (m2 - m1)
    if d2 < d1 and d2 < days_in_month(y2, m2):
        months -= 1
    return months


@compiled
def add_months(day, months):
    """The same day of the month, `months` later (or earlier); the month's last day where it is shorter."""
    year, month, of_month = civil(day)
    index = year * 12 + month - 1 + months
    year, month = index // 12, index % 12 + 1
    last = days_in_month(year, month)
    return day_number(year, month, of_month if of_month < last else last)


@compiled
def rounded_quota(headcount, percent, rounding):
    """`percent` (hundredths of a percent) of a headcount as whole people; rounding: codes.Rounding."""
    if rounding == 1:
        return divide_up(headcount * percent, 10_000)
    if rounding == 2:
        return headcount * percent // 10_000
    return divide_half_up(headcount * percent, 10_000)


@compiled
def first_missing(values):
    """The first missing value of a tuple (it carries the reason); 0 when all are present."""
    for value in values:
        if value <= MISSING:
            return value
    return 0


@compiled
def or_zero(value):
    """0 for an absent amount: where a rule says that nothing recorded means nothing due."""
    return 0 if value <= MISSING else value


@compiled
def share_to(amount, percent, unit):
    """`percent` (hundredths of a percent) of `amount`, rounded half up once to whole multiples of `unit` parts."""
    if unit == 1:
        return divide_half_up(amount * percent, 10_000)  # by a constant: several times faster
    return divide_half_up(amount * percent, 10_000 * unit) * unit


@compiled
def times_to(amount, coefficient, unit):
    """`amount` × `coefficient` (ten-thousandths), rounded half up once to whole multiples of `unit` parts."""
    if unit == 1:
        return divide_half_up(amount * coefficient, 10_000)
    return divide_half_up(amount * coefficient, 10_000 * unit) * unit


@compiled
def part_of(amount, before, days, divisor):
    """The part of `amount` for `days` of `divisor`, when `before` of them were paid already.

    Rounded as the difference of two running sums, so that the parts of a whole add up to the whole.
    """
    return divide_half_up(amount * (before + days), divisor) - divide_half_up(amount * before, divisor)


@compiled
def weekdays(since, until):
    """Mondays to Fridays from day `since` to day `until`, both included."""
    return weekdays_before(until + 1) - weekdays_before(since)


@compiled
def weekdays_before(day):
    """Mondays to Fridays from Monday 1969-12-29 up to, not including, `day`."""
    passed = day + 3
    rest = passed % 7
    return passed // 7 * 5 + (rest if rest < 5 else 5)


@compiled
def weighted_mean(parts, weights):
    """Mean of `parts` (a tuple; part i weighs weights[i + 1]) over those present, rounded half up.

    Returns (mean, sum of the weights used, 1 when a part with weight was absent). No weight left: 来源缺失.
    """
    total = 0
    used = 0
    absent = 0
    for index in range(len(parts)):
        weight = weights[index + 1]
        if weight > 0:
            if is_missing(parts[index]):
                absent = 1
            else:
                total += weight * parts[index]
                used += weight
    mean = SOURCE_MISSING if used == 0 else divide_half_up(total, used)
    return mean, used, absent
