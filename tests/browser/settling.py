"""Waits until a page has what it asks for by itself. Playwright's "networkidle" does so too, half a second on each page longer."""

import time

from playwright.sync_api import Page, Request

QUIET, PATIENCE = 0.1, 10.0  # seconds without a request on its way; until "networkidle" is asked after all


class Traffic:
    """The requests of a page that have no answer yet, and when the last one began or ended."""

    def __init__(self) -> None:
        self.open: set[Request] = set()
        self.changed = time.monotonic()

    def begun(self, request: Request) -> None:
        self.open.add(request)
        self.changed = time.monotonic()

    def ended(self, request: Request) -> None:
        self.open.discard(request)
        self.changed = time.monotonic()

    def quiet(self) -> bool:
        return not self.open and time.monotonic() - self.changed >= QUIET


_followed: dict[Page, Traffic] = {}


def follow(page: Page) -> None:
    """From now on `settle` knows what the page asks for."""
    traffic = _followed[page] = Traffic()
    page.on("request", traffic.begun)
    page.on("requestfinished", traffic.ended)
    page.on("requestfailed", traffic.ended)
    page.on("close", lambda page: _followed.pop(page, None))


def settle(page: Page) -> None:
    """Return when the page is loaded and nothing is on its way."""
    page.wait_for_load_state("load")
    traffic, until = _followed.get(page), time.monotonic() + PATIENCE
    while traffic is not None and time.monotonic() < until:
        if traffic.quiet():
            return
        page.wait_for_timeout(20)
    page.wait_for_load_state("networkidle")


TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def still(page: Page) -> None:
    """Return when nothing on the page moves or changes colour: a button that was under the mouse is between two colours."""
    page.mouse.move(0, 0)
    page.evaluate(TWO_FRAMES)  # what the move began has begun
    while page.evaluate("document.getAnimations().length"):  # the page's own rules forbid wait_for_function
        page.wait_for_timeout(20)
