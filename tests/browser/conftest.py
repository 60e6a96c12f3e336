"""Gives browser tests a page that fails the test by itself: on script errors, refused content, other sites, server errors."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client, override_settings
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from qinglan.apps.people.models import User
from tests.browser import chromium
from tests.browser.settling import follow

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
PATIENCE = 120_000  # ms; what does not come by then does not come, however busy the machine
AXE = Axe().axe_script


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as a browser test."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True, scope="module")
def cheap_passwords() -> Iterator[None]:
    """A hash that costs nothing: here nobody tests hashing, and a demo district has many accounts."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for the whole run."""
    path, environment = chromium.find(tmp_path_factory.mktemp("browser"))
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        # Playwright's loop runs in this thread; Django would take its queries for asynchronous ones.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        arguments = ["--no-sandbox", "--font-render-hinting=none", "--disable-gpu"]
        running = playwright.chromium.launch(
            executable_path=path, args=arguments, env={**os.environ, **environment}, timeout=PATIENCE
        )
        yield running
        running.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Watch:
    """Collects what must not happen on a page."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.troubles: list[str] = []

    def follow(self, page: Page) -> None:
        """Listen to `page`."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.troubles.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:", "about:")):
            self.troubles.append(f"another site: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status}: {response.url}")


@pytest.fixture
def open_page(browser: Browser, live_server: "LiveServer") -> Iterator[Callable[..., Page]]:  # noqa: F821
    """Open pages: open_page(address, user=None, phone=False). At the end nothing may have gone wrong on any of them."""
    contexts: list[BrowserContext] = []
    watch = Watch(live_server.url)

    def new(address: str, user: User | None = None, phone: bool = False) -> Page:
        context = browser.new_context(
            base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai", viewport=PHONE if phone else DESK
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            context.add_cookies(
                [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
            )
        page = context.new_page()
        watch.follow(page)
        follow(page)
        page.goto(address)
        return page

    yield new
    for context in contexts:
        context.close()
    assert not watch.troubles, "\n".join(watch.troubles)


@pytest.fixture
def check_access() -> Callable[[Page], None]:
    """Give a function that fails when axe finds anything on a page."""

    def check(page: Page) -> None:
        page.evaluate(AXE)
        found = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
        said = [f"{one['id']}: {one['help']} {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found]
        assert not said, "\n".join(said)

    return check
