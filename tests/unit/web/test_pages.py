from typing import Any

from pydantic import BaseModel, Field, ValidationError, field_validator

from web.fields import describe_fields, fields_of
from web.pages import make_environment, make_error_page
from web.words import fill


class Person(BaseModel):
    name: str = Field(min_length=2)
    phone: str

    @field_validator("phone")
    @classmethod
    def check(cls, value: str) -> str:
        raise ValueError(f"{value} is no phone")


HOME_TEXTS = {"home.back": "回到首页", "home.person": "人社的事打12333。"}


def report(**given: Any) -> ValidationError:
    try:
        Person(**given)
    except ValidationError as error:
        return error
    raise AssertionError("fits")


def test_pages_escape_what_they_are_given():
    page = make_error_page(make_environment(), HOME_TEXTS)(404, "<script>", "<b>&")
    assert "<script>" not in page
    assert "&lt;b&gt;&amp;" in page
    assert '<a href="/">回到首页</a>' in page
    assert "12333" in page


def test_fields_keep_places_and_limits_but_no_values():
    fields = fields_of(report(name="张", phone="13812345678"), "query string")
    assert [field["field"] for field in fields] == ["name", "phone"]
    assert {field["place"] for field in fields} == {"query"}
    assert [field["limits"] for field in fields] == [{"min_length": 2}, {}]
    assert "138" not in str(fields)


def test_a_fault_without_words_of_its_own_gets_the_common_ones():
    texts = {
        "errors.fields.other": "填得不对",
        "errors.fields.string_too_short": "至少{min_length}个字",
    }
    told = describe_fields(texts, fields_of(report(name="张", phone="1"), "body"))
    assert [field["text"] for field in told] == ["至少2个字", "填得不对"]


def test_a_missing_fact_leaves_a_gap_and_no_error():
    assert fill("请等{seconds}秒，{what}", {"seconds": 5}) == "请等5秒，"
