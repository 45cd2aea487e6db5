"""The link that a contact is given opens the class screen, in the service as it is served."""

from tests.integration.isolation.conftest import Served

_PAGE = {"Accept": "text/html"}


async def test_a_contacts_link_opens_the_screen_for_whoever_has_it(served: Served) -> None:
    ids, client = served.city.ids, served.client
    path = f"/api/v1/employers/{ids['employer ours']}/sessions/{ids['session of firm']}"
    headers = {"Authorization": f"Bearer {served.city.phones['keeper']}"}
    async with client.post(f"{path}/screen-links", headers=headers) as answer:
        link = (await answer.json())["url"].removeprefix("http://127.0.0.1:8080")
    async with client.get(link, headers=_PAGE, allow_redirects=False) as led:
        assert led.status == 303, link
        screen, cookie = led.headers["Location"], led.headers["Set-Cookie"].partition(";")[0]
    async with client.get(screen, headers={**_PAGE, "Cookie": cookie}) as shown:
        assert shown.status == 200 and "缝纫工第1期" in await shown.text()
    async with client.get(screen, headers=_PAGE, allow_redirects=False) as refused:
        assert refused.status == 303, "without it one is sent to sign in"
