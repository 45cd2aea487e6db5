"""The main job, end to end within one process."""

from tests.integration.bot.conftest import Phone


async def test_a_question_gets_a_sourced_answer_that_is_true_today(phone: Phone) -> None:
    reply = await phone.say("以工代训补贴一个月多少钱")
    print(reply.text)
    assert reply.status == 200
    assert "500元" in reply.text
    assert "结束" in reply.text.splitlines()[0]
    assert "聊城通知" in reply.text
