"""The console's forms that are taken out as sheets: 学员签到表, 项目制培训情况统计表."""

from aiohttp import web

from api.console.sheets import signin, table2


def add_routes(app: web.Application) -> None:
    """All of them."""
    signin.add_routes(app)
    table2.add_routes(app)
