"""The custom menu on the sandbox's platform, so that the phone has one from the start."""

import asyncio
from collections.abc import Mapping

from assembly.outside import open_official_account
from clients.wechat import WeChatApiError
from clients.wechat.menus import MenuFileError, compare_menus, read_menu
from scripts.commands.menu import MENU_FILE
from scripts.embedded.progress import Progress
from settings import Need, read_settings

PATIENCE_SECONDS = 3.0


async def put_menu(environment: Mapping[str, str], progress: Progress) -> None:
    """Set the menu of content/menus where the platform has another, through the service's client.

    `environment` names the sandbox's account. What goes wrong is told and stops nothing.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await _put_menu(environment)
    except (WeChatApiError, MenuFileError, OSError, TimeoutError) as error:
        reason = str(error) or "平台没有及时应答"
        progress(f"菜单没有放到微信沙箱上（{reason}），可以再用 zpt menu sync 试。")


async def _put_menu(environment: Mapping[str, str]) -> None:
    wanted = read_menu(MENU_FILE)
    async with open_official_account(read_settings(environment, Need.WECHAT), None) as client:
        if compare_menus(await client.get_menu(), wanted):
            await client.create_menu(wanted)
