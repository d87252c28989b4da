"""The table of word vectors: what it makes of words, and how it is made."""

import json
from collections import Counter
from dataclasses import asdict

import numpy as np
import pytest

from nlu.search import Doc, Index, decide, distil, wishes
from nlu.search.semantic import Table, compare, save, table, unpack
from nlu.search.words import DATA, grams

NAMES = {
    "1.001193": ("Thủ tục đăng ký khai sinh", "làm giấy cho em bé"),
    "1.000894": ("Thủ tục đăng ký kết hôn", "cưới vợ lên xã"),
    "1.000656": ("Thủ tục đăng ký khai tử", "báo người mất"),
    "1.003197": ("Xóa đăng ký thường trú", "cắt khẩu"),
    "1.004194": ("Đăng ký tạm trú", "ở trọ khai báo"),
    "1.001612": ("Đăng ký thành lập hộ kinh doanh", "mở quán"),
}
DOCS = [Doc(code, name, (lay,), levels=("commune",)) for code, (name, lay) in NAMES.items()]


def alike(one: str, other: str) -> float:
    a, b = (table().vector(dict.fromkeys(grams(text.split()), 1.0)) for text in (one, other))
    return float(a @ b)


def test_words_of_one_matter_lie_near_each_other():
    assert alike("bo me gia", "nguoi cao tuoi") > alike("bo me gia", "tau ca")
    assert alike("tiem thuoc tay", "kinh doanh duoc") > alike("tiem thuoc tay", "ket hon")


def test_unknown_words_lie_nowhere():
    assert not table().vector({"qqqq zzzz": 1.0}).any()
    assert not table().vector({}).any()


def test_the_shipped_table_is_small():
    assert (DATA / "semantic.npz").stat().st_size <= 3_000_000


def test_saved_and_loaded_it_means_the_same(tmp_path):
    vectors = np.array([[3.0, 4.0], [0.0, 2.0]], np.float32)
    save(tmp_path / "t.npz", ["một", "hai"], vectors)
    loaded = Table.load(tmp_path / "t.npz")
    assert loaded.vector({"một": 1.0}) == pytest.approx([0.6, 0.8], abs=0.01)
    packed = unpack(loaded.pack([["hai"], ["không biết"]]))
    assert compare(packed, loaded.vector({"hai": 5.0})) == pytest.approx([1.0, 0.0], abs=0.01)


def test_an_index_made_with_another_table_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "index"
    Index.build(DOCS).save(path)
    other = Table({"a": 0}, np.ones((1, 128), np.int8), np.ones(1, np.float32), "another")
    monkeypatch.setattr("nlu.search.semantic.table", lambda: other)
    with pytest.raises(ValueError, match="build it again"):
        Index.load(path)


def test_distilling_brings_what_is_said_near_what_is_meant(tmp_path, monkeypatch):
    """With a stand-in for the sentence model that knows nothing: only the pairs teach it."""
    random = np.random.RandomState(3)
    monkeypatch.setattr(distil, "embed", lambda texts: random.normal(size=(len(texts), 16)))
    monkeypatch.setattr(distil, "DIMENSIONS", 8)
    monkeypatch.setattr(distil, "counts", lambda docs: Counter(_terms(docs)))
    catalogue = tmp_path / "docs.jsonl"
    catalogue.write_text("\n".join(json.dumps(asdict(d)) for d in DOCS), "utf-8")
    assert distil.main([str(catalogue), "--out", str(tmp_path / "t.npz")]) == 0
    made = Table.load(tmp_path / "t.npz")
    assert {"khai sinh", "cat khau"} <= set(made.number)
    assert made.vectors.shape == (len(made.number), 8)


def _terms(docs: list[Doc]) -> list[str]:
    texts = [text.lower().split() for d in docs for text in (d.name, *d.lay_names)]
    return [term for tokens in texts for term in grams(tokens)]


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("khai tử với xóa thường trú", ["1.000656", "1.003197"]),
        ("đăng ký tạm trú cần gì, còn đăng ký kết hôn nộp ở đâu?", ["1.004194", "1.000894"]),
        ("đăng ký kết hôn với người nước ngoài", []),
        ("đăng ký khai sinh và nhận giấy", []),
        ("khai tu voi xoa thuong tru", ["1.000656", "1.003197"]),
        ("xóa đăng ký thường trú của con, đăng ký tạm trú", []),
        ("xoa dang ky thuong tru cua con dang ky tam tru", []),
    ],
)
def test_two_wishes_in_one_message_are_both_found(said, codes):
    index = Index.build(DOCS)
    also = wishes(index, said)
    assert [hit.code for hit in also] == codes
    if codes:
        decision = decide(index.search(said), said, also=also)
        assert (decision.kind, [h.code for h in decision.hits[:2]]) == ("answer", codes)
        assert [h.code for h in decision.also] == codes[1:]


def test_what_the_engine_holds_foreign_needs_a_better_fit():
    said = "đăng ký kết hôn"
    hits = Index.build(DOCS).search("làm giấy")
    assert decide(hits, said, in_domain=0.0).kind == "none"
    assert decide(Index.build(DOCS).search(said), said, in_domain=0.99).kind == "answer"
