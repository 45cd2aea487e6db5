"""Where a person may say to be: places in and around Liaocheng, in GCJ-02, near enough."""

from collections.abc import Mapping
from typing import Any

_PLACES = (
    ("市政府一带", "聊城市东昌府区市政府一带", 36.4567, 115.9855),
    ("东昌府区某培训学校", "聊城市东昌府区柳园路一带", 36.4432, 115.9921),
    ("火车站", "聊城市东昌府区聊城火车站一带", 36.4519, 115.9603),
    ("开发区某企业", "聊城市经济技术开发区中华路一带", 36.4448, 116.0398),
    ("临清市区", "聊城市临清市先锋街道一带", 36.8386, 115.7053),
    ("阳谷县城", "聊城市阳谷县侨润街道一带", 36.1141, 115.7917),
    ("莘县县城", "聊城市莘县莘亭街道一带", 36.2337, 115.6712),
    ("东阿县城", "聊城市东阿县新城街道一带", 36.3348, 116.2478),
    ("冠县县城", "聊城市冠县清泉街道一带", 36.4842, 115.4427),
    ("高唐县城", "聊城市高唐县鱼丘湖街道一带", 36.8660, 116.2316),
    ("家里", "聊城市东昌府区某小区", 36.4702, 115.9718),
    ("很远的地方", "青岛市市南区一带", 36.0671, 120.3826),
)


def list_places(demo: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The places; first the class room whose check-in is open, where `demo` names one."""
    places = [
        {"name": name, "label": label, "latitude": latitude, "longitude": longitude}
        for name, label, latitude, longitude in _PLACES
    ]
    session = demo.get("open_session")
    if isinstance(session, Mapping) and "latitude" in session and "longitude" in session:
        room = {
            "name": "正在上课的教室",
            "label": "聊城市，今天开着签到的教室",
            "latitude": session["latitude"],
            "longitude": session["longitude"],
        }
        places.insert(0, room)
    return places
