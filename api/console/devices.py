"""What a browser is called in a list of one's own sessions."""

#: The first that stands in the header counts: Edge says that it is Chrome too, Chrome Safari.
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("QQBrowser", "QQ浏览器"),
    ("360SE", "360浏览器"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def describe_device(user_agent: str) -> str:
    """ "Edge · Windows"; of what is not known nothing that the header says is kept."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "其他浏览器")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "其他设备")
    return f"{browser} · {system}"
