"""The frame of every page in a real browser: it loads from us alone, says Chinese in Chinese glyphs, and axe agrees."""

from collections.abc import Callable

from playwright.sync_api import Page

# Draws two characters and a third that no font has; a missing glyph looks the same for all.
GLYPHS = """() => {
  const draw = (text) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 40;
    const pen = canvas.getContext("2d");
    pen.font = "32px sans-serif";
    pen.fillText(text, 2, 32);
    return canvas.toDataURL();
  };
  return new Set(["社", "区", "\\u{10FFFD}"].map(draw)).size;
}"""


def test_sign_in_page(open_page: Callable[..., Page], check_access: Callable[[Page], None]) -> None:
    for phone in (False, True):
        page = open_page("/accounts/login/", phone=phone)
        assert page.evaluate("document.documentElement.lang").startswith("zh")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.evaluate(GLYPHS) == 3
        check_access(page)


def test_wrong_password_is_told_in_chinese(open_page: Callable[..., Page]) -> None:
    page = open_page("/accounts/login/")
    page.fill("input[name=login]", "nobody")
    page.fill("input[name=password]", "wrong-password")
    page.click("button[type=submit]")
    page.wait_for_load_state()
    assert "不正确" in page.inner_text("body")
