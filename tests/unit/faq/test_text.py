"""Normalising and cutting: one form for what people type."""

import random

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.faq.routing.segment import Segmenter
from domain.faq.routing.text import MAX_QUESTION_LENGTH, is_readable, normalise


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("補貼標準", "补贴标准"),
        ("乾隆的干净衣服", "乾隆的干净衣服"),
        ("以工代训，多少钱？", "以工代训多少钱"),
        ("以 工 代 训", "以工代训"),
        ("10 20", "10 20"),
        ("3,000元", "3 000元"),
        ("app 签到", "app签到"),
        ("补\u200b贴\u202e\ufeff", "补贴"),
        ("补\ud800贴", "补贴"),
        ("😀😀", ""),
        ("_", ""),
    ],
)
def test_normal_form(raw: str, normal: str) -> None:
    assert normalise(raw) == normal
    assert is_readable(raw) == bool(normal)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=100))
def test_normal_form_is_stable_and_short(raw: str) -> None:
    once = normalise(raw)
    assert len(normalise(raw * 100)) <= MAX_QUESTION_LENGTH
    assert normalise(once) == once
    assert is_readable(raw) == bool(once)
    once.encode()


WORDS = ["新型学徒制", "以工代训", "几百块"]


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(WORDS)


def test_lexicon_word_stays_whole(segmenter: Segmenter) -> None:
    assert segmenter.cut("以工代训补多少") == ["以工代训", "补", "多少"]
    assert "以工代训" not in Segmenter().cut("以工代训补多少")


def test_cut_is_what_jieba_cuts(segmenter: Segmenter) -> None:
    """Our pass over the dictionary takes the decisions of jieba's own."""
    rng = random.Random(20210510)
    reference = jieba.Tokenizer()
    reference.FREQ, reference.total = reference.gen_pfdict(reference.get_dict_file())
    reference.initialized = True
    for word in WORDS:
        reference.add_word(word)
    dictionary = [word for word, count in reference.FREQ.items() if count][::97]
    odd = ["鿿", "㐀", "あ", "é", "7", "ab", " ", "的", "咗", "𠮷"]
    for _ in range(800):
        pieces = rng.choices(dictionary + WORDS * 50 + odd * 40, k=rng.randint(1, 8))
        text = normalise("".join(piece[: rng.randint(1, 6)] for piece in pieces))
        expected = [word for word in reference.lcut(text, HMM=False) if word != " "]
        assert segmenter.cut(text) == expected


def test_shared_tokenizer_is_left_alone(segmenter: Segmenter) -> None:
    assert segmenter.cut("以工代训") == ["以工代训"]
    assert not jieba.dt.initialized
