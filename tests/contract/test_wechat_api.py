"""What the product relies on of the platform. The stand-in passes it; so must the real one."""

import pytest

from clients.wechat import AsyncWeChatClient, WeChatApi
from clients.wechat.errors import (
    ConsentMissingError,
    CustomerServiceCountError,
    CustomerServiceWindowError,
    InvalidOpenidError,
    LoginCodeError,
    MediaError,
    MenuError,
    TemplateError,
    TemplateFieldError,
    UnauthorisedApiError,
    WeChatApiError,
)
from tests.contract.conftest import PERSON
from tests.contract.support import StandIn

TEMPLATE = "T" * 43
MENU = {
    "button": [
        {"type": "click", "name": "查政策", "key": "entry:claim-where"},
        {"name": "我要办", "sub_button": [{"type": "click", "name": "签到", "key": "k"}]},
    ]
}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def test_the_client_is_what_the_product_asks_for(official: AsyncWeChatClient):
    api: WeChatApi = official
    assert api is official


# Both platforms -----------------------------------------------------------------------------


async def test_a_text_reaches_a_person_who_wrote(official: AsyncWeChatClient, openid: str):
    await official.send_text(openid, "您好，补贴的事查到了。")


async def test_an_unknown_openid_is_refused(official: AsyncWeChatClient):
    with pytest.raises(InvalidOpenidError) as caught:
        await official.send_text("oNobody_____________________", "x")
    assert caught.value.errcode == 40003


async def test_the_menu_is_set_read_and_removed(official: AsyncWeChatClient):
    await official.delete_menu()
    assert await official.get_menu() is None
    await official.create_menu(MENU)
    menu = await official.get_menu()
    assert menu is not None
    assert [button["name"] for button in menu["button"]] == ["查政策", "我要办"]
    assert menu["button"][1]["sub_button"][0]["key"] == "k"
    await official.delete_menu()
    assert await official.get_menu() is None


async def test_a_menu_label_is_measured_in_bytes(official: AsyncWeChatClient):
    with pytest.raises(MenuError) as caught:
        await official.create_menu(
            {"button": [{"type": "click", "name": "六个汉字标签", "key": "k"}]}
        )
    assert caught.value.errcode == 40018


async def test_a_qr_code_with_a_scene_is_made_and_shown(official: AsyncWeChatClient):
    ticket = await official.create_qr_ticket("class-1", expires_in=3600)
    assert ticket.expires_in == 3600
    assert ticket.url.startswith("http")
    picture = await official.qrcode.show(ticket.ticket)
    assert isinstance(picture, bytes) and len(picture) > 100


async def test_a_file_goes_up_and_comes_down(official: AsyncWeChatClient):
    media_id = await official.upload_media("image", "a.png", PNG, "image/png")
    media = await official.download_media(media_id)
    assert media.content == PNG
    assert media.content_type == "image/png"


async def test_an_unknown_file_is_a_media_error_not_bytes(official: AsyncWeChatClient):
    with pytest.raises(MediaError):
        await official.download_media("no-such-media")


async def test_the_catalogue_of_wechatpy_can_be_awaited(official: AsyncWeChatClient, openid: str):
    assert (await official.user.get(openid))["openid"] == openid


# Only the stand-in: it takes a phone, consents or many messages ------------------------------


async def test_five_messages_after_one_of_the_person(
    official: AsyncWeChatClient, openid: str, stand_in: StandIn
):
    for number in range(5):
        await official.send_text(openid, f"第{number}条")
    with pytest.raises(CustomerServiceCountError) as caught:
        await official.send_text(openid, "第6条")
    assert caught.value.errcode == 45047
    assert "订阅消息" in str(caught.value)
    assert [sent["content"]["text"]["content"] for sent in await stand_in.sent(openid)] == [
        f"第{number}条" for number in range(5)
    ]


@pytest.mark.parametrize("act", ["click", "subscribe", "scan"])
async def test_three_messages_in_the_minute_after_an_act(
    official: AsyncWeChatClient, stand_in: StandIn, act: str
):
    openid = PERSON["openid"]
    await stand_in.tell("interactions", openid=openid, kind=act)
    for _ in range(3):
        await official.send_text(openid, "好")
    with pytest.raises(CustomerServiceCountError):
        await official.send_text(openid, "好")
    await stand_in.tell("interactions", openid=openid, kind=act)
    await stand_in.tell("clock", advance_s=61)
    with pytest.raises(CustomerServiceWindowError):
        await official.send_text(openid, "好")


async def test_no_message_to_one_who_never_wrote(official: AsyncWeChatClient, stand_in: StandIn):
    with pytest.raises(CustomerServiceWindowError) as caught:
        await official.send_text(PERSON["openid"], "好")
    assert caught.value.errcode == 45015


async def test_a_window_ends_after_48_hours(
    official: AsyncWeChatClient, openid: str, stand_in: StandIn
):
    await stand_in.tell("clock", advance_s=48 * 3600 + 1)
    with pytest.raises(CustomerServiceWindowError):
        await official.send_text(openid, "好")


async def test_a_login_code_hint_works_again_and_again(mini: AsyncWeChatClient):
    for _ in range(3):
        session = await mini.code_to_session(PERSON["login_code_hint"])
        assert session.openid == PERSON["openid"]
        assert session.session_key not in repr(session)


async def test_login_and_phone_codes_are_different_and_good_once(
    mini: AsyncWeChatClient, stand_in: StandIn
):
    codes = await stand_in.tell("codes", openid="oNewcomer", phone="13900000002")
    with pytest.raises(LoginCodeError):
        await mini.phone_number(codes["login_code"])
    assert (await mini.code_to_session(codes["login_code"])).openid == "oNewcomer"
    assert (await mini.phone_number(codes["phone_code"])).number == "13900000002"
    for spend in (
        lambda: mini.code_to_session(codes["login_code"]),
        lambda: mini.phone_number(codes["phone_code"]),
    ):
        with pytest.raises(LoginCodeError) as caught:
            await spend()
        assert caught.value.errcode == 40163


async def test_an_unknown_login_code_is_40029(mini: AsyncWeChatClient):
    with pytest.raises(LoginCodeError) as caught:
        await mini.code_to_session("nonsense")
    assert caught.value.errcode == 40029


async def test_a_login_needs_no_access_token(mini: AsyncWeChatClient, stand_in: StandIn):
    await mini.code_to_session(PERSON["login_code_hint"])
    assert stand_in.calls("/cgi-bin/stable_token") == 0


async def test_one_user_has_one_unionid_in_both_accounts(
    official: AsyncWeChatClient, mini: AsyncWeChatClient, stand_in: StandIn
):
    session = await mini.code_to_session(PERSON["login_code_hint"])
    assert session.unionid
    assert await official.find_unionid(PERSON["openid"]) == session.unionid
    stand_in.platform.note_act(official.appid, PERSON["openid"], "unsubscribe")
    assert await official.find_unionid(PERSON["openid"]) is None
    with pytest.raises(InvalidOpenidError):
        await official.find_unionid("oNobodyKnowsThisOne")


async def test_each_consent_is_good_for_one_message(mini: AsyncWeChatClient, stand_in: StandIn):
    openid, data = PERSON["openid"], {"thing1": "面点师班", "phrase2": "已开班"}
    await stand_in.tell("consents", openid=openid, template_id=TEMPLATE)
    await mini.send_subscribe(openid, TEMPLATE, data, page="pages/class")
    with pytest.raises(ConsentMissingError) as caught:
        await mini.send_subscribe(openid, TEMPLATE, data)
    assert caught.value.errcode == 43101


async def test_the_two_accounts_have_subscribe_endpoints_of_their_own(
    official: AsyncWeChatClient, mini: AsyncWeChatClient, stand_in: StandIn
):
    openid = PERSON["openid"]
    for client in (official, mini):
        await stand_in.tell("consents", openid=openid, template_id=TEMPLATE, app_id=client.appid)
        await client.send_subscribe(openid, TEMPLATE, {"thing1": "好"})
    assert [sent["endpoint"].rsplit("/", 1)[1] for sent in await stand_in.sent(openid)] == [
        "bizsend",
        "send",
    ]


async def test_a_field_that_does_not_fit_is_named(mini: AsyncWeChatClient, stand_in: StandIn):
    await stand_in.tell("consents", openid=PERSON["openid"], template_id=TEMPLATE)
    with pytest.raises(TemplateFieldError) as caught:
        await mini.send_subscribe(PERSON["openid"], TEMPLATE, {"thing1": "长" * 21})
    assert caught.value.field == "thing1"


async def test_a_template_message_gives_its_number(official: AsyncWeChatClient, stand_in: StandIn):
    number = await official.send_template(PERSON["openid"], TEMPLATE, {"first": "您好"})
    assert number.isdigit()
    with pytest.raises(TemplateError):
        await official.send_template(PERSON["openid"], "wrong", {"first": "您好"})


async def test_a_mini_program_code_is_a_picture(mini: AsyncWeChatClient):
    picture = await mini.mini_program_code("class=1", page="pages/class")
    assert picture[:4] == b"\x89PNG"
    with pytest.raises(WeChatApiError) as caught:
        await mini.mini_program_code("x" * 33)
    assert caught.value.errcode == 40169


async def test_a_link_into_the_mini_program(mini: AsyncWeChatClient):
    assert (await mini.generate_url_link("pages/class", "id=1")).startswith("https://")


async def test_an_account_has_only_the_calls_of_its_kind(official: AsyncWeChatClient):
    with pytest.raises(UnauthorisedApiError):
        await official.mini_program_code("class=1")
