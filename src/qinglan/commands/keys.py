"""`qinglan keys`: change the keys of field encryption, take out what nothing needs any more, put it back for an old backup."""

from pathlib import Path

import click
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings

from qinglan.apps.audit.actions import rekeying
from qinglan.apps.audit.actions.rekeying import Place
from qinglan.apps.base.models import KeyringError
from qinglan.commands.start import say
from qinglan.config.accounts import SealedFactors

# Files kept sealed as bytes: column -> what they are sealed for. A guard test holds it against the models.
SEALED_BYTES = {
    "facts.ImportBatch.content": "facts.import_file",
    "rights.ClaimFile.content": "rights.claim_file",
}
FILE = click.Path(path_type=Path, dir_okay=False)


def places() -> list[Place]:
    """Everything in the database that is sealed."""
    found = [Place(Authenticator, "data", SealedFactors.PURPOSE, "json")]
    for name, purpose in SEALED_BYTES.items():
        label, _, column = name.rpartition(".")
        if label in {model._meta.label for model in apps.get_models()}:
            found.append(Place(apps.get_model(label), column, purpose, "bytes"))
    return rekeying.places(found)


@click.group()
def keys() -> None:
    """更换字段加密的密钥。 / Change the keys of field encryption."""


@keys.command()
@click.option("--index", is_flag=True, help="也更换检索密钥（请先停下网站） / the look-up key too; stop the site first")
def rotate(index: bool) -> None:
    """生成新密钥，把全部加密内容换到新密钥下；中断后再运行会接着做。 / Seal everything under a new key; resumable."""
    try:
        current = rekeying.rotate(places(), tell=lambda done: say(f"已换 {done} 处 …") if done % 5000 == 0 else None)
        if index:
            rekeying.reindex()
    except KeyringError as error:
        raise click.ClickException(str(error)) from None
    say(
        f"加密内容已全部换到密钥 {current}。旧密钥还在 {settings.QINGLAN_KEYS}；确认无误后用 qinglan keys retire 取出。"
    )


@keys.command()
@click.option("--to", "aside", type=FILE, required=True, help="存到这个文件 / into this file")
def retire(aside: Path) -> None:
    """把不再需要的旧密钥从密钥文件取出，另存；打开旧备份时还要用。 / Take keys that nothing needs out of the key file."""
    try:
        ids = rekeying.retire(aside)
    except KeyringError as error:
        raise click.ClickException(str(error)) from None
    say(f"已取出 {'、'.join(ids)}，存在 {aside}，请与旧备份分开保管。" if ids else "没有可以取出的旧密钥。")


@keys.command()
@click.argument("aside", type=FILE)
def add(aside: Path) -> None:
    """把取出的旧密钥放回，用来打开旧备份。 / Put keys back that were taken out, to open an old backup."""
    try:
        ids = rekeying.bring_back(aside)
    except KeyringError as error:
        raise click.ClickException(str(error)) from None
    say(f"已放回 {'、'.join(ids)}。" if ids else "文件里的密钥本来就在。")
