"""My growth on a phone, the cockpit and its wall, a what-if by keyboard alone; then all main pages: 200 % zoom, keyboard, paper."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qinglan.apps.facts.actions import recording
from qinglan.apps.people.models import Person, RoleGrant, User
from qinglan.apps.policy.actions import decisions, years
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.demo import loading
from tests.browser.settling import settle, still

THUMB = 44  # css px: the smallest side of what a thumb has to hit
ZOOMED = {"width": 640, "height": 450}  # a desk of 1280 × 900 at 200 %
UPRIGHT, ACROSS = 703, 1031  # css px between the margins of A4
OpenPage, CheckAccess = Callable[..., Page], Callable[[Page], None]
OUTLINE = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    name: (at.getAttribute("aria-label") || at.innerText || at.name || at.id || at.tagName).trim().slice(0, 40),
    tag: at.tagName,
    seen: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none",
    there: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    path: [...(function* (e) { for (; e; e = e.parentElement) yield [...(e.parentElement?.children || [])].indexOf(e); })(at)].join("."),
  };
}"""
# Everything of the page's text that lies beyond the right edge and cannot be scrolled to inside a box of its own.
CUT = """() => [...document.querySelectorAll("main *")].filter((e) => {
  if (!e.childNodes.length || ![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) return false;
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  if (!box.width || style.visibility === "hidden" || e.closest(".visually-hidden, .ql-chart")) return false;
  for (let p = e; p && p !== document.body; p = p.parentElement) {
    if (getComputedStyle(p).clipPath !== "none") return false;  // for readers of the screen alone
    if (["auto", "scroll"].includes(getComputedStyle(p).overflowX) && p.scrollWidth > p.clientWidth) return false;
  }
  return box.right > innerWidth + 1 || box.left < -1;
}).map((e) => e.outerHTML.slice(0, 120))"""


@pytest.fixture
def officer(transactional_db: None, tmp_path: Path) -> User:
    """The district officer of a small 桃源区: one sub-district, 189 people; 2024 published, 2025 under review."""
    loading.load(say=lambda sentence: None, total=189, subdistricts=1)
    loading.accounts(tmp_path / "accounts.json")
    loading.publish(years.compute(district="990101", year=2024, by=None))
    user = User.objects.get(pk=RoleGrant.objects.get(role="district_officer", user__username="qu").user_id)
    years.compute(district="990101", year=2025, by=None)
    worker = Person.objects.get(user__username="shegong")
    about = {"person_id": worker.pk, "org_code": worker.org_code, "valid_on": date(2025, 11, 3)}
    course = {"kind": "annual", "course": "补记的一次培训", "hours": 4_000, "days": None}
    recording.record_many(kind="training", rows=[about | course], by=None, org_code="990101")
    decisions.submit(run=years.compute(district="990101", year=2025, by=None), by=user)
    return user


def _settled(page: Page) -> None:
    expect(page.get_by_text("正在载入…").locator("visible=true")).to_have_count(0)
    settle(page)


def _fits(page: Page, check_access: CheckAccess) -> None:
    _settled(page)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, f"{page.url} is too wide"
    check_access(page)


def _tabs(page: Page, most: int = 400) -> Iterator[dict[str, str]]:
    """Where Tab leads, one by one, until it comes round."""
    seen: set[str] = set()
    last = ""
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(OUTLINE)
        if here is None or (here["path"] in seen and here["path"] != last):
            return
        if here["path"] == last:
            continue  # the parts of a date
        last = here["path"]
        seen.add(last)
        yield here


def _tab_to(page: Page, name: str) -> None:
    for here in _tabs(page):
        if here["name"].startswith(name):
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def test_a_worker_reads_her_growth_on_a_phone(
    officer: User, open_page: OpenPage, check_access: CheckAccess, tmp_path: Path
) -> None:
    worker = User.objects.get(username="shegong")
    page = open_page("/", user=worker, phone=True)
    expect(page.get_by_role("heading", name="我的成长")).to_be_visible()
    _fits(page, check_access)
    page.locator("#facts summary").first.wait_for()
    small = page.locator("main a:visible, main button:visible, main summary:visible").evaluate_all(
        "(all) => all.map((e) => [e.innerText.trim().slice(0, 30), e.getBoundingClientRect().height])"
    )
    assert len(small) > 20
    assert not [one for one in small if one[1] < THUMB], small
    own = PersonResult.objects.get(person=worker.person_id, run__year=2024)
    page.get_by_role("link", name=re.compile("^等次")).first.click()
    page.wait_for_url(f"**/results/{own.pk}/why/assess.jh_grades/")
    _fits(page, check_access)
    page.go_back()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="结果通知书（PDF）").click()
    waiting.value.save_as(tmp_path / "letter.pdf")
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.slow
def test_the_cockpit_leads_to_people_and_fills_a_wall(
    officer: User, open_page: OpenPage, check_access: CheckAccess
) -> None:
    for phone in (False, True):
        page = open_page("/cockpit/?year=2024", user=officer, phone=phone)
        _fits(page, check_access)
        assert page.locator("main canvas").count() >= 5  # the charts are drawn
        page.locator("#places td[data-label=年末在岗] a").first.click()
        page.wait_for_url("**/results/people/**")
        _fits(page, check_access)
    page = open_page("/cockpit/?year=2024", user=officer)
    page.get_by_role("link", name="大屏").click()
    page.wait_for_url("**wall=1")
    page.set_viewport_size({"width": 1920, "height": 1080})
    _fits(page, check_access)
    expect(page.locator("header.ql-top")).to_have_count(0)
    page.get_by_role("button", name="全屏").click()
    expect(page.locator("html:fullscreen")).to_have_count(1)
    page.evaluate("document.exitFullscreen()")  # what the browser does on Escape
    expect(page.locator("html:fullscreen")).to_have_count(0)
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/cockpit/\?year=2024$"))


@pytest.mark.slow
def test_other_values_are_tried_by_keyboard_alone(
    officer: User, open_page: OpenPage, check_access: CheckAccess
) -> None:
    page = open_page(f"/what-if/?run={Run.objects.get(year=2024).pk}", user=officer)
    _fits(page, check_access)
    runs = Run.objects.count()
    page.get_by_label("试哪一项").focus()
    page.keyboard.type("起点工资")  # a select goes to what is typed
    _tab_to(page, "加上这一项")
    page.keyboard.press("Enter")
    page.locator("[data-row]").wait_for()
    _fits(page, check_access)
    _tab_to(page, "移走")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(0)
    assert page.evaluate("document.activeElement.innerText").strip() == "试算"  # the focus is not lost
    page.keyboard.press("Enter")
    expect(page.get_by_text("每个人的每一步都与现在相同")).to_be_visible()
    page.get_by_label("试哪一项").select_option("pay.three_plus_x.start_level")
    page.get_by_role("button", name="加上这一项").click()
    page.get_by_label("试的值").fill("9000")
    page.get_by_role("button", name="试算", exact=True).press("Enter")
    expect(page.get_by_text("增加最多的人").first).to_be_visible()
    _fits(page, check_access)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("导出逐人比较")).click()
    assert waiting.value.suggested_filename.endswith(".xlsx")
    page.set_viewport_size({"width": 390, "height": 844})
    still(page)
    _fits(page, check_access)
    assert Run.objects.count() == runs


def _main_pages(officer: User) -> dict[str, str]:
    draft, decided = Run.objects.get(state="in_review"), Run.objects.get(year=2024)
    old = Run.objects.filter(year=2025).exclude(pk=draft.pk).get()
    one = PersonResult.objects.filter(run=draft).first()
    assert one is not None
    worker = Person.objects.get(user__username="shegong")
    return {
        "home": "/", "organisations": "/organisations/", "organisation": "/organisations/990101001/", "people": "/people/",
        "person": f"/people/{worker.pk}/", "facts": "/facts/", "imports": "/imports/", "results": "/results/?year=2025",
        "run": f"/results/runs/{draft.pk}/", "review": f"/results/runs/{draft.pk}/review/",
        "differences": f"/results/runs/{draft.pk}/against/{old.pk}/", "result": f"/results/{one.pk}/",
        "why": f"/results/{one.pk}/why/assess.four_in_one/", "pay": f"/results/{one.pk}/pay/", "letters": f"/results/runs/{decided.pk}/letters/",
        "packs": "/packs/", "pack": "/packs/taoyuan/", "cockpit": "/cockpit/", "what-if": "/what-if/", "users": "/users/",
    }  # fmt: skip


def _zoomed(page: Page, addresses: dict[str, str], check_access: CheckAccess) -> None:
    """At 200 % nothing is lost."""
    page.set_viewport_size(ZOOMED)
    for name, address in addresses.items():
        page.goto(address)
        _fits(page, check_access)
        assert not page.evaluate(CUT), name


def _by_keyboard(page: Page, addresses: dict[str, str]) -> None:
    """The keyboard reaches everything, and the page shows where it is; Escape closes."""
    page.emulate_media(reduced_motion="reduce")  # else it still scrolls when it is looked at
    for name in ("home", "results", "review", "cockpit", "what-if", "result", "people"):
        page.goto(addresses[name])
        _settled(page)
        reached = list(_tabs(page))
        assert reached[0]["name"] == "跳到正文"
        hidden = [one for one in reached if not (one["seen"] and one["there"])]
        assert not hidden, f"{name}: {hidden[:3]}"
        wanted = page.locator(
            "a:visible, button:visible:enabled, select:visible, input:visible:enabled, summary:visible"
        ).count()
        assert len(reached) >= min(wanted, 400) * 0.95, f"{name}: {len(reached)} of {wanted}"
    page.goto("/")
    menu = page.get_by_role("button", name=re.compile("账号菜单"))
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="修改密码")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="修改密码")).to_be_hidden()
    person = Person.objects.get(user__username="shegong")
    page.goto(f"/people/{person.pk}/")
    page.get_by_role("button", name=re.compile("查看完整")).first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def _on_paper(page: Page, addresses: dict[str, str]) -> None:
    """Paper holds the whole width of what is printed, unfolded, without what only a screen can use."""
    page.emulate_media(media="print")
    for name in ("results", "differences", "review", "result", "why", "pay", "cockpit", "run"):
        page.set_viewport_size({"width": UPRIGHT, "height": 900})
        page.goto(addresses[name])
        _settled(page)
        across = page.evaluate("getComputedStyle(document.querySelector('main')).page") == "across"
        assert across == (name in ("results", "differences", "review")), name
        if across:
            page.set_viewport_size({"width": ACROSS, "height": 650})
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        wide = page.evaluate(
            "Math.max(...[...document.querySelectorAll('main, main table')].map((e) => e.getBoundingClientRect().right))"
        )
        assert wide <= (ACROSS if across else UPRIGHT) + 1, name
        for part in ("header.ql-top", ".ql-tabs", ".ql-actions", "nav.ql-path", "footer.ql-foot"):
            expect(page.locator(part).locator("visible=true")).to_have_count(0)
        assert page.locator("h1").is_visible()
        head = page.locator("main table thead").first
        assert head.evaluate("(e) => getComputedStyle(e).display") == "table-header-group"  # stands on every sheet
        assert page.locator("main tbody tr td").first.evaluate("(e) => getComputedStyle(e).display") == "table-cell"
        folded = page.locator("main details:not([open])").count()
        assert folded == 0, name
    page.goto(addresses["review"])
    expect(page.get_by_text("复核人（签字）")).to_be_visible()
    expect(page.get_by_role("button", name="记下勾选的人")).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.get_by_text("复核人（签字）")).to_be_hidden()
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    assert 1 <= sheets <= 12


@pytest.mark.slow  # all main pages three times over
def test_main_pages_zoomed_by_keyboard_and_on_paper(
    officer: User, open_page: OpenPage, check_access: CheckAccess
) -> None:
    addresses = _main_pages(officer)
    _on_paper(open_page("/", user=officer), addresses)
    _by_keyboard(open_page("/", user=officer), addresses)
    _zoomed(open_page("/", user=officer), addresses, check_access)
