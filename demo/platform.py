"""Where the demo and the stand-in of the WeChat platform are, and the accounts there."""

from collections.abc import Mapping

from demo.world import World


class Platform:
    """Kept in `var/sandbox.json` (demo/accounts.py): nothing to seed."""

    title = "公众号和小程序"

    async def seed(self, _world: World) -> None:
        """Nothing."""

    async def describe(self, world: World) -> Mapping[str, object]:
        """The addresses and both accounts, keys included."""
        accounts = world.accounts
        return {
            "base_url": world.base_url,
            "sandbox_url": world.sandbox_url,
            "wechat": {
                "app_id": accounts.app_id,
                "token": accounts.token,
                "aes_key": accounts.aes_key,
                "original_id": accounts.original_id,
            },
            "mini": {"app_id": accounts.mini_app_id},
        }
