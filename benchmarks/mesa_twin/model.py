"""The twin's month in the style that Mesa 3.3.1 recommends: one agent a person, AgentSet.do, shuffle_do and groupby. Run by benchmarks.twin.

python model.py district.json MONTHS REPLICATES — prints one line of JSON: sums by replicate and year, seconds, memory. It reads the
district, parameters and terms that benchmarks.twin wrote and shares no code with the program: what is measured, it must also agree with.
"""

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

from mesa import Agent, Model

YEAR_DAYS, MONTH_DAYS = 365.2425, 30.436875
ROOT_6 = math.sqrt(6.0)
NEVER = 1 << 30
MEASURES = (
    "heads", "vacant", "recruits", "voluntary", "retired", "promoted", "burnt", "burnout", "satisfaction", "ability", "load",
    "hours", "mentored",
)  # fmt: skip


def clamp(x: float, low: float = 0.0, high: float = 1.0) -> float:
    return low if x < low else high if x > high else x


class Worker(Agent):
    """One person in one post."""

    def __init__(self, model: "District", slot: int, values: dict[str, Any]) -> None:
        super().__init__(model)
        self.slot, self.post = slot, model.post[slot]
        self.unit, self.subdistrict = model.unit[slot], model.subdistrict[slot]
        self.load, self.mentored, self.done, self.score = 1.0, 0.0, 1.0, 0.0
        for name, value in values.items():
            setattr(self, name, value)
        self.abilities = list(self.abilities)

    def work(self) -> None:
        """A month's burnout, satisfaction, training, forgetting and score."""
        m, b = self.model, self.model.b
        target = self.burnout_point + b["burnout_load"] * (self.load - 1.0) - b["burnout_mentor"] * self.mentored
        self.burnout = clamp(
            self.burnout + b["burnout_speed"] * (target - self.burnout) + b["burnout_noise"] * m.triangle()
        )
        target = self.satisfaction_point + b["satisfaction_mentor"] * self.mentored
        target += b["satisfaction_pay"] / b["pay_spread"] * self.pay
        target -= b["satisfaction_burnout"] * (self.burnout - m.origin)
        if self.last_grade == 1:
            target += b["satisfaction_grade"]
        self.satisfaction = clamp(self.satisfaction + b["satisfaction_speed"] * (target - self.satisfaction))
        self.train()
        level = min(max(self.tier, 1), 3) - 1
        shadowed = self.entry > m.day - 6 * MONTH_DAYS
        for which in range(6):
            self.learn(which, level == which // 2, shadowed and which < 2)
        self.ability = sum(self.abilities) / 6.0
        score = m.month_mean + self.merit + b["score_ability"] * (self.ability - m.ability_mean)
        score += -b["score_burnout"] * (self.burnout - m.origin) + b["month_noise"] * m.triangle()
        self.score = clamp(score, 0.0, 100.0)

    def train(self) -> None:
        m, b = self.model, self.model.b
        now, before, owed = m.given[self.post], self.annual_hours, m.required[self.post]
        gain = b["training_gain"] * b["ability_spread"] / 100.0 / b["course_hours"]
        tiring = b["repeat_loss"] / 100.0 / b["course_hours"]
        self.effort = gain * now / (1.0 + tiring * before) * (1.0 + (b["mentor_gain"] - 1.0) * self.mentored)
        self.annual_hours = before + now
        self.done = min((before + now) * 12.0 / (m.month + 1) / owed, 1.0) if owed > 0 else 1.0

    def learn(self, which: int, focus: bool, shadowed: bool) -> None:
        m, b = self.model, self.model.b
        a = self.abilities[which]
        gain = self.effort * (1.0 if focus else b["transfer"] * 0.5) + (m.shadow if shadowed else 0.0)
        a += gain * (1.0 - a / 100.0)
        if a > b["ability_floor"] and not (focus and self.effort > 0.0):
            a = b["ability_floor"] + (a - b["ability_floor"]) * m.keep
        self.abilities[which] = a

    def chance(self) -> float:
        """The monthly chance to leave by one's own will."""
        m, b = self.model, self.model.b
        x = m.intercept + (b["exit_pay_below"] if self.pay < 0.0 else b["exit_pay_above"]) * self.pay / b["pay_spread"]
        since = m.january - self.risen if self.risen is not None else None
        if since is not None and since <= 24:
            x += b["exit_prospect"]
        elif (since is None and m.first_day - self.entry > 60 * MONTH_DAYS and self.entry < m.first_day) or (
            since is not None and since > 60
        ):
            x -= b["exit_prospect"]
        if self.birth is not None:
            age = (max(m.first_day, self.entry) - self.birth) / YEAR_DAYS
            x += b["exit_old"] if age > 45 else b["exit_young"] if age < 30 else 0.0
        if self.unpaid_certificate:
            x += b["exit_unpaid_certificate"]
        x += b["exit_burnout"] / b["burnout_spread"] * (self.burnout - m.origin)
        x += b["exit_satisfaction"] / b["satisfaction_spread"] * (self.satisfaction - b["satisfaction_start"])
        x += (
            b["exit_load"] / 0.2 * (self.load - 1.0) + b["exit_mentor"] * self.mentored + b["exit_training"] * self.done
        )
        if self.entry > m.day - 12 * MONTH_DAYS:
            x += b["exit_new"]
        return -math.expm1(-math.log1p(math.exp(min(x, 600.0))) / 12.0)

    def decide(self) -> None:
        """Stays, or leaves on the month's last day: the law first, then upward, then by her own will."""
        m, b = self.model, self.model.b
        good = self.last_grade in (1, 2)
        if m.t >= self.retire_month:
            self.go("retired")
        elif good and m.day - self.entry >= b["promotion_service"] * MONTH_DAYS and m.random.random() < m.rate_out:
            self.go("promoted")
        elif m.random.random() < self.chance():
            self.go("voluntary")

    def go(self, why: str) -> None:
        self.model.sums[why] += 1
        self.model.empty[self.slot] = self.model.t + 1
        self.remove()


class District(Model):
    """Posts, people, candidates; `step` is a month."""

    def __init__(self, data: dict[str, Any], seed: int) -> None:
        super().__init__(seed=seed)
        self.b, self.terms = data["behaviour"], data["terms"]
        self.post, self.unit, self.subdistrict = data["post"], data["unit"], data["subdistrict"]
        self.authorised: dict[int, int] = {}
        for unit in self.unit:
            self.authorised[unit] = self.authorised.get(unit, 0) + 1
        anchor = data["anchor"]
        self.intercept, self.origin, self.burnout_start = (
            anchor["intercept"],
            anchor["burnout"],
            anchor["burnout_start"],
        )
        self.ability_mean, self.month_mean = anchor["ability"], anchor["month_mean"]
        self.keep = 0.5 ** (1.0 / self.b["forgetting"])
        self.rate_out = 1.0 - (1.0 - self.b["promotion_rate"]) ** (1.0 / 12.0)
        self.shadow = (
            self.b["training_gain"] * self.b["ability_spread"] * self.terms["shadowing"] / self.b["shadowing_hours"] / 6
        )
        self.required = self.terms["required_hours"]
        share = self.terms["offered"] * self.b["training_participation"] / 12.0
        self.given = [math.floor(owed * share) for owed in self.required]
        self.pool = self.b["pool_size"] * len(self.post)
        self.empty: dict[int, int] = {}
        self.lived = 0
        self.years: list[dict[str, float]] = []
        people = data["people"]
        for slot in range(len(self.post)):
            Worker(self, slot, {name: column[slot] for name, column in people.items()})

    def triangle(self) -> float:
        """Mean 0, variance 1, of two uniforms."""
        return (self.random.random() + self.random.random() - 1.0) * ROOT_6

    def bell(self) -> float:
        """Mean 0, variance 1, of four uniforms."""
        return (sum(self.random.random() for _ in range(4)) - 2.0) * math.sqrt(3.0)

    def step(self) -> None:
        self.month, year = self.lived % 12, self.lived // 12
        self.january = (self.terms["first_year"] + year) * 12
        self.t = self.january + self.month
        days = self.terms["first_days"][year]
        self.first_day, self.day = days[0], days[self.month]
        if self.month == 0:
            self.sums = dict.fromkeys(MEASURES, 0.0)
            self.agents.set("annual_hours", 0)
        self.hire()
        for unit, inside in self.agents.groupby("unit"):
            load = min(self.terms["demand"] * self.authorised[unit] / len(inside), self.b["load_limit"])
            inside.set("load", load)
        for _, inside in self.agents.groupby("subdistrict"):
            self.mentor(inside)
        self.agents.do("work")
        self.count()
        self.agents.shuffle_do("decide")
        self.lived += 1
        if self.lived % 12 == 0:
            self.years.append(self.sums)

    def mentor(self, inside: Any) -> None:
        """The places of a sub-district's mentors go to those within their first months, the lucky first."""
        since, senior = self.day - self.b["mentee_months"] * MONTH_DAYS, self.day - 60 * MONTH_DAYS
        mentors = len(inside.select(lambda one: one.entry <= senior and one.tier >= 2))
        mentees = inside.select(lambda one: one.entry > since)
        inside.set("mentored", 0.0)
        places = mentors * self.b["mentor_share"] * self.b["mentees_per_mentor"]
        mentees.select(lambda one: one.luck * len(mentees) < places).set("mentored", 1.0)

    def hire(self) -> None:
        b, posts = self.b, len(self.post)
        self.pool += b["pool_inflow"] * self.terms["market_pull"] * posts
        self.pool = min(self.pool, max(b["pool_size"], 12.0 * b["pool_inflow"]) * posts)
        due = sorted(slot for slot, since in self.empty.items() if self.t - since >= b["recruit_delay"])
        if not due:
            return
        chance = min(self.pool / len(due), 1.0)
        for slot in due:
            if self.random.random() < chance and self.pool >= 0.5:
                self.pool = max(self.pool - 1.0, 0.0)
                del self.empty[slot]
                Worker(self, slot, self.newcomer(slot))
                self.sums["recruits"] += 1

    def newcomer(self, slot: int) -> dict[str, Any]:
        b, low = self.b, self.b["recruit_youngest"]
        age = low + (max(b["recruit_oldest"], low) - low) * self.random.random()
        point = clamp(self.burnout_start + b["burnout_spread"] * self.bell())
        liking = clamp(b["satisfaction_start"] + b["satisfaction_spread"] * self.triangle())
        spread = b["ability_spread"]
        return {
            "birth": self.day - math.floor(age * YEAR_DAYS), "entry": self.day, "risen": None, "tier": 1, "last_grade": 0,
            "retire_month": NEVER, "unpaid_certificate": 0, "annual_hours": 0, "merit": b["score_spread"] * self.bell(),
            "pay": self.terms["entry_pay"][self.post[slot]], "burnout": point, "burnout_point": point, "satisfaction": liking,
            "satisfaction_point": liking, "luck": self.random.random(),
            "abilities": [clamp(b["recruit_ability"] + spread * self.bell(), 0.0, 100.0) for _ in range(6)],
        }  # fmt: skip

    def count(self) -> None:
        s, agents = self.sums, self.agents
        s["heads"] += len(agents)
        s["vacant"] += len(self.post) - len(agents)
        s["burnt"] += agents.agg("burnout", lambda values: sum(value > 0.5 for value in values))
        for name in ("burnout", "satisfaction", "ability", "load", "mentored"):
            s[name] += agents.agg(name, sum)
        s["hours"] += agents.agg("post", lambda posts: sum(self.given[post] for post in posts))


def main(file: str, months: int, replicates: int) -> None:
    data = json.loads(Path(file).read_text())
    years, seconds, made = [], 0.0, 0.0
    for replicate in range(replicates):
        begun = time.process_time()
        district = District(data, replicate)
        made += time.process_time() - begun
        begun = time.process_time()
        for _ in range(months):
            district.step()
        seconds += time.process_time() - begun
        years.append([[year[name] for name in MEASURES] for year in district.years])
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    memory = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    print(json.dumps({"years": years, "cpu": seconds, "making": made, "memory": memory}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
