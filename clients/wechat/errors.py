"""How a call to the platform fails: one type for each thing that can be done about it.

`code` is stable and for programs, `remedy` says to the operator what helps. No error carries
a URL, a token or a secret, for errors end in logs.
"""

import re
from typing import ClassVar


class WeChatApiError(Exception):
    """The platform refused, or did not answer.

    `errcode` is the platform's number (0 where it gave none), `errmsg` its own words, and
    `endpoint` the path that was called, without its query.
    """

    code: ClassVar[str] = "wechat_refused"
    remedy: ClassVar[str] = "按错误码查微信文档的返回码说明。"
    #: The same call may succeed a moment later.
    transient: ClassVar[bool] = False

    def __init__(self, errcode: int = 0, errmsg: str = "", endpoint: str = "") -> None:
        self.errcode = errcode
        self.errmsg = hide_secrets(errmsg)
        self.endpoint = endpoint
        super().__init__(errcode, self.errmsg, endpoint)

    def __str__(self) -> str:
        said = f"{self.errcode} {self.errmsg}".strip() if self.errcode else self.errmsg
        return "：".join(filter(None, (self.endpoint, said, self.remedy)))


class BusyError(WeChatApiError):
    """-1: the platform itself is busy."""

    code = "wechat_busy"
    remedy = "微信那边忙，稍等再试。"
    transient = True


class QuotaExceededError(WeChatApiError):
    """45009: the day's calls of this interface are used up."""

    code = "wechat_quota_exceeded"
    remedy = "这个接口今天的次数用完了，零点恢复；急用可在公众平台清零（每月 10 次）。"


class RateLimitedError(WeChatApiError):
    """45011: too many calls a minute."""

    code = "wechat_rate_limited"
    remedy = "调用太密，一分钟后再试。"


class CustomerServiceCountError(WeChatApiError):
    """45047: the customer-service messages this person's last action allowed are used up."""

    code = "wechat_customer_service_count"
    remedy = "这位用户的客服消息条数用完了，等他再发一条消息，或改用订阅消息。"


class CustomerServiceWindowError(WeChatApiError):
    """45015: the person has not acted recently enough."""

    code = "wechat_customer_service_window"
    remedy = "这位用户 48 小时内没有发过消息，改用订阅消息或模板消息。"


class InvalidTokenError(WeChatApiError):
    """40001, 40014, 42001: the access token is not, or no longer, valid."""

    code = "wechat_invalid_token"
    remedy = "令牌失效且换新后仍被拒绝：看是不是别的程序在用同一个 AppSecret 取令牌。"


class CredentialError(WeChatApiError):
    """The AppID, the AppSecret or this machine's address is not accepted."""

    code = "wechat_credential"
    remedy = "检查 AppID、AppSecret 和公众平台的 IP 白名单。"


class TokenUnavailableError(WeChatApiError):
    """Another process is fetching the token and has not finished in time."""

    code = "wechat_token_unavailable"
    remedy = "另一个进程正在取令牌，稍等再试。"
    transient = True


class UnauthorisedApiError(WeChatApiError):
    """48001: the account has no right to this interface."""

    code = "wechat_api_unauthorised"
    remedy = "这个账号没有此接口的权限，到公众平台的接口权限里看。"


class InvalidOpenidError(WeChatApiError):
    """40003: not an openid of this account."""

    code = "wechat_invalid_openid"
    remedy = "openid 不属于这个账号，检查公众号和小程序的 openid 有没有混用。"


class NotFollowingError(WeChatApiError):
    """43004: the person does not follow the account (any more)."""

    code = "wechat_not_following"
    remedy = "对方没有关注公众号，改用短信或电话。"


class ConsentMissingError(WeChatApiError):
    """43101: no consent to this subscribe message is left; each consent is good for one."""

    code = "wechat_consent_missing"
    remedy = "用户没有订阅或那一次订阅已经用掉，下次他打开时再请他点订阅。"


class TemplateError(WeChatApiError):
    """40037: no such template, or one of the other kind."""

    code = "wechat_template"
    remedy = "模板编号不对，或把订阅消息和模板消息的编号混用了。"


class TemplateFieldError(WeChatApiError):
    """47003: a template field does not fit; `field` names it where the platform does."""

    code = "wechat_template_field"
    remedy = "模板字段的内容不合规则（thing 最多 20 字、phrase 最多 5 个汉字等）。"

    @property
    def field(self) -> str | None:
        found = re.search(r"data\.(\w+)\.value", self.errmsg)
        return found.group(1) if found else None


class PageError(WeChatApiError):
    """41030: the mini-program page does not exist in the published version."""

    code = "wechat_page"
    remedy = "小程序已发布的版本里没有这个页面。"


class LoginCodeError(WeChatApiError):
    """40029, 40163: the code is wrong, too old (5 minutes) or used."""

    code = "wechat_login_code"
    remedy = "登录凭证失效，让小程序重新取一个。"


class BlockedUserError(WeChatApiError):
    """40226: the platform holds this person's account for high risk."""

    code = "wechat_blocked_user"
    remedy = "微信限制了这位用户的登录，请他走线下窗口。"


class MenuError(WeChatApiError):
    """40015 to 40027: the custom menu breaks a limit."""

    code = "wechat_menu"
    remedy = "菜单不合规则：一级最多 3 个、每个 16 字节；二级最多 5 个、每个 60 字节。"


class MenuMissingError(WeChatApiError):
    """46003: no custom menu has been created."""

    code = "wechat_menu_missing"
    remedy = "还没有建菜单，运行 zpt menu sync。"


class MediaError(WeChatApiError):
    """40004 to 40007, 41005, 45001: the media file is unknown, too big or of no known kind."""

    code = "wechat_media"
    remedy = "媒体文件过期（3 天）、太大或格式不支持。"


class UnsupportedCallError(WeChatApiError):
    """A call of wechatpy's catalogue that would block, or leave the platform's host."""

    code = "wechat_unsupported_call"
    remedy = "这个调用会阻塞或会把令牌带出微信，换成报错里写的那一个。"


class UnreachableError(WeChatApiError):
    """No connection, or it broke before an answer came."""

    code = "wechat_unreachable"
    remedy = "连不上微信，检查网络和域名解析。"
    transient = True


class NoAnswerError(WeChatApiError):
    """No answer in time; whether the platform acted is not known."""

    code = "wechat_no_answer"
    remedy = "微信没有按时回答；发消息类的调用可能已经生效，重试前先想好会不会重复。"
    transient = True


class ServerError(WeChatApiError):
    """An HTTP status other than 200; `errcode` holds the status."""

    code = "wechat_server_error"
    remedy = "微信的服务器出错，稍等再试。"
    transient = True


class MalformedAnswerError(WeChatApiError):
    """The answer is not what this interface gives (no JSON, a field missing, far too long)."""

    code = "wechat_malformed_answer"
    remedy = "回答看不懂，多半是中间的代理或网关在作答。"


INVALID_TOKEN_CODES = frozenset({40001, 40014, 42001})

_TYPES: dict[int, type[WeChatApiError]] = {
    -1: BusyError,
    **dict.fromkeys(INVALID_TOKEN_CODES, InvalidTokenError),
    **dict.fromkeys(
        (40002, 40013, 40125, 40164, 40243, 41002, 41004, 50004, 50007, 89501, 89503, 89506, 89507),
        CredentialError,
    ),
    40003: InvalidOpenidError,
    **dict.fromkeys((40004, 40005, 40006, 40007, 41005, 45001), MediaError),
    **dict.fromkeys(range(40015, 40028), MenuError),
    40029: LoginCodeError,
    40163: LoginCodeError,
    40037: TemplateError,
    40226: BlockedUserError,
    41030: PageError,
    43004: NotFollowingError,
    43101: ConsentMissingError,
    45009: QuotaExceededError,
    45011: RateLimitedError,
    45015: CustomerServiceWindowError,
    45047: CustomerServiceCountError,
    46003: MenuMissingError,
    47003: TemplateFieldError,
    48001: UnauthorisedApiError,
}


def error_for(errcode: int, errmsg: str, endpoint: str) -> WeChatApiError:
    """The error to raise for the platform's `errcode`."""
    return _TYPES.get(errcode, WeChatApiError)(errcode, errmsg, endpoint)


def restore_error(code: str, errcode: int, errmsg: str, endpoint: str) -> WeChatApiError:
    """The error again of which another process wrote down these; `code` names its type."""
    types = {known.code: known for known in WeChatApiError.__subclasses__()}
    return types.get(code, WeChatApiError)(errcode, errmsg, endpoint)


_SECRET = re.compile(
    r"((?:access_token|secret|appsecret|session_key|ticket)[\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+"
)


def hide_secrets(text: str) -> str:
    """`text` with the values of tokens and secrets blanked: the last net, not the first."""
    return _SECRET.sub(r"\1***", text)
