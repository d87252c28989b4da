"""Finding the procedure: siblings, colloquial words, typos, follow-ups, when to ask back."""

import json
import math
from collections import Counter
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.search import Doc, Index, calibrate, decide
from nlu.search.decide import FEATURES, difference, merge
from nlu.search.learn import Example, Learned, fit, logistic
from nlu.search.ranking import FEATURES as RANKED
from nlu.search.typos import Speller
from nlu.search.words import DATA, lexicon, read_data
from nlu.text import fold

COMMUNE = ("commune",)
NAMES = {
    "1.001193": "Thủ tục đăng ký khai sinh",
    "2.000528": "Thủ tục đăng ký khai sinh có yếu tố nước ngoài",
    "1.003583": "Thủ tục đăng ký khai sinh lưu động",
    "1.004884": "Thủ tục đăng ký lại khai sinh",
    "1.000894": "Thủ tục đăng ký kết hôn",
    "1.000593": "Thủ tục đăng ký kết hôn lưu động",
    "2.000806": "Thủ tục đăng ký kết hôn có yếu tố nước ngoài",
    "1.004746": "Thủ tục đăng ký lại kết hôn",
    "1.000656": "Thủ tục đăng ký khai tử",
    "2.000635": "Cấp bản sao Trích lục hộ tịch, bản sao Giấy khai sinh",
    "1.004873": "Thủ tục cấp Giấy xác nhận tình trạng hôn nhân",
    "1.004194": "Đăng ký tạm trú",
    "1.002755": "Gia hạn tạm trú",
    "1.010028": "Xóa đăng ký tạm trú",
    "1.003677": "Khai báo tạm vắng",
    "1.004222": "Đăng ký thường trú",
    "1.003197": "Xóa đăng ký thường trú",
    "1.010038": "Tách hộ",
    "1.116410": "Cấp, cấp đổi, cấp lại thẻ căn cước",
    "1.014064": "Cấp lại thẻ căn cước",
    "1.001612": "Đăng ký thành lập hộ kinh doanh",
    "1.001266": "Chấm dứt hoạt động hộ kinh doanh",
    "2.000720": "Đăng ký thay đổi nội dung đăng ký hộ kinh doanh",
    "1.001731": "Hỗ trợ chi phí mai táng cho đối tượng bảo trợ xã hội",
    "2.002307": "Giải quyết chế độ mai táng phí đối với cựu chiến binh",
    "2.002308": "Giải quyết chế độ mai táng phí đối với thanh niên xung phong thời kỳ chống Pháp",
    "1.012568": "Giao tài sản kết cấu hạ tầng chợ do cấp xã quản lý",
    "2.000815": "Chứng thực bản sao từ bản chính giấy tờ, văn bản",
    "2.001019": "Chứng thực di chúc",
    "1.013133": "Thủ tục đăng ký nghĩa vụ quân sự lần đầu",
    "1.012786": "Cấp lại Giấy chứng nhận do bị mất",
    "1.115621": "Cấp lại Giấy chứng nhận do bị mất",
}


def corpus() -> list[Doc]:
    """A small catalogue; one procedure has a lay name and a body, one replaces another."""
    docs = [Doc(code, name, levels=COMMUNE) for code, name in NAMES.items()]
    extra = {
        "1.116410": Doc("1.116410", NAMES["1.116410"], levels=COMMUNE, successor_of=("1.014064",)),
        "1.010038": Doc("1.010038", NAMES["1.010038"], ("ra riêng cùng một nhà",), levels=COMMUNE),
        "1.001193": Doc(
            "1.001193", NAMES["1.001193"], levels=COMMUNE, body="Giấy chứng sinh do bệnh viện cấp"
        ),
    }
    return [extra.get(d.code, d) for d in docs]


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.build(corpus())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("đăng ký kết hôn", "1.000894"),
        ("đăng ký kết hôn lưu động", "1.000593"),
        ("kết hôn với người nước ngoài", "2.000806"),
        ("gia hạn tạm trú cần gì", "1.002755"),
        ("xóa đăng ký tạm trú", "1.010028"),
        ("con em mới sinh cần làm gì", "1.001193"),
        ("bà ngoại mới mất hôm qua", "1.000656"),
        ("công chứng giấy tờ ở đâu", "2.000815"),
        ("xin giấy độc thân", "1.004873"),
        ("cắt khẩu cho con gái lấy chồng xa", "1.003197"),
        ("mở quán trà sữa", "1.001612"),
        ("đóng quán nghỉ bán luôn", "1.001266"),
        ("ra riêng cùng nhà với mẹ", "1.010038"),
        ("khia sinh cho con", "1.001193"),
        ("mai táng phí cho cựu chiến binh", "2.002307"),
        ("thủ tục 2.001019 nộp ở đâu", "2.001019"),
    ],
)
def test_finds_what_citizens_mean(index, said, code):
    assert index.search(said)[0].code == code


@pytest.mark.parametrize("said", ["đăng ký khai sinh cho bé", "cắt khẩu", "giấy xác nhận độc thân"])
def test_missing_accents_change_nothing(index, said):
    bare = fold(said)
    assert bare.isascii()
    assert index.search(bare)[0].code == index.search(said)[0].code


def test_a_lone_syllable_counts_only_as_it_is_spelt(index):
    """ "cho" is not "chợ", with accents around it or without any."""
    market = "1.012568"
    assert market not in [h.code for h in index.search("làm giấy khai sinh cho con")[:3]]
    assert market not in [h.code for h in index.search("lam giay khai sinh cho con")[:3]]
    assert index.search("giao chợ cho xã quản lý")[0].code == market


def test_former_codes_lead_to_their_successor(index):
    assert "1.014064" not in [h.code for h in index.search("cấp lại thẻ căn cước")]
    assert index.search("1.014064")[0].code == "1.116410"
    assert index.compare("làm lại", ["1.014064", "2.001019"])[0].code in {"1.116410", "2.001019"}


def test_a_vague_follow_up_leans_on_the_subject_before(index):
    alone = index.search("xóa thì sao")
    after = index.search("xóa thì sao", context=("1.004222",))
    assert after[0].code == "1.003197"
    assert decide(after, "xóa thì sao").kind == "answer"
    by_code = {h.code: h.probability for h in alone}
    assert after[0].probability > by_code["1.003197"]


def test_a_new_subject_ignores_the_one_before(index):
    for context in ((), ("1.000894",), ("1.004194", "1.000894")):
        assert index.search("chứng thực di chúc cần gì", context=context)[0].code == "2.001019"


def test_compare_ranks_only_the_choices(index):
    choices = ["1.001731", "2.002307", "2.002308"]
    hits = index.compare("ông là cựu chiến binh", choices)
    assert {h.code for h in hits} == set(choices)
    assert hits[0].code == "2.002307"
    assert index.compare("gì cũng được", []) == []
    assert index.compare("x", ["9.999999"]) == []


def test_asks_back_when_siblings_fit_equally(index):
    decision = decide(index.search("mai táng phí"), "mai táng phí")
    assert decision.kind == "clarify"
    funerals = {"1.001731", "2.002307", "2.002308"}
    assert len({h.code for h in decision.hits} & funerals) >= 2
    assert 2 <= len(decision.hits) <= 4


def test_answers_when_one_is_named(index):
    for said in ("đăng ký kết hôn", "chứng thực di chúc phí bao nhiêu", "tách hộ cần giấy tờ gì"):
        assert decide(index.search(said), said).kind == "answer", said


@pytest.mark.parametrize(
    "said", ["giá vàng hôm nay bao nhiêu", "viết cho tôi một bài thơ", "", "😀", "muốn ly hôn"]
)
def test_admits_when_nothing_fits(index, said):
    assert decide(index.search(said), said).kind == "none"


def test_names_what_tells_choices_apart(index):
    foreign = index.compare("kết hôn", ["1.000894", "2.000806"])
    stage = index.compare("tạm trú", ["1.004194", "1.002755"])
    other = index.compare("giấy", ["2.001019", "1.001266"])
    assert [difference(h) for h in (foreign, stage, other)] == ["foreign", "stage", "subject"]


def test_variants_of_one_name_are_one_choice(index):
    hits = index.search("mất sổ đỏ làm lại")
    same = [h for h in hits if h.code in {"1.012786", "1.115621"}]
    merged = [h for h in merge(hits) if h.code in {"1.012786", "1.115621"}]
    assert (len(same), len(merged)) == (2, 1)
    assert merged[0].probability == pytest.approx(sum(h.probability for h in same))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_probabilities(index, text):
    hits = index.search(text)
    assert all(0 <= h.probability <= 1 and math.isfinite(h.score) for h in hits)
    assert sum(h.probability for h in hits) <= 1.0001
    decide(hits, text)


def test_saved_and_loaded_it_answers_the_same(index, tmp_path):
    path = tmp_path / "index"
    index.save(path)
    again = Index.load(path)
    for said in ("gia hạn tạm trú", "khia sinh", "1.014064", "lấy chồng Hàn"):
        assert again.search(said) == index.search(said)
    assert len(again) == len(index) == len(NAMES) - 1


def test_a_damaged_file_is_refused(index, tmp_path):
    path = tmp_path / "index"
    index.save(path)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(ValueError, match="damaged"):
        Index.load(path)


def test_an_empty_catalogue_finds_nothing(tmp_path):
    empty = Index.build([])
    assert empty.search("đăng ký khai sinh") == []
    empty.save(tmp_path / "index")
    assert Index.load(tmp_path / "index").search("x") == []


def test_aliases_are_well_formed():
    """Every alias says something, means something, and nothing is said twice for one meaning."""
    lex = lexicon()
    entries = read_data("aliases.yml")
    assert len(entries) > 200
    for entry in entries:
        assert entry["say"], entry
        assert entry["mean"], entry
        assert Counter(entry["say"]).most_common(1)[0][1] == 1, entry
        for phrase in entry["say"]:
            if "{" not in phrase and "..." not in phrase:
                found = {w for _, _, p in lex.matches(phrase) for mean in p.means for w in mean}
                assert found, phrase


def test_learned_numbers_name_what_the_code_computes():
    learned = json.loads((DATA / "ranking.json").read_text(encoding="utf-8"))
    assert set(learned["weights"]) == set(RANKED)
    assert set(learned["decide"]["clarify"]) == {*FEATURES, "constant"}


def test_speller_repairs_only_towards_known_pairs():
    speller = Speller({"khai sinh": 5, "khai tu": 2}, {"gi"})
    assert speller.repaired(["khia", "sinh"]) == {0: "khai"}
    assert speller.repaired(["khia", "canh"]) == {}
    assert speller.repaired(["khai", "sihn"]) == {1: "sinh"}


def test_the_ranker_learns_which_feature_matters():
    """The first feature tells the right candidate, the second is noise."""
    rows = [[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[1, 1], [0, 0]], [[0, 0], [1, 1]]]
    examples = [
        Example(np.array(r, np.float32), np.array([r[0][0], r[1][0], 0], np.float32)) for r in rows
    ]
    learned = fit(examples, Learned(np.zeros(2), 0.0), pull=0.01, steps=200)
    assert learned.weights[0] > 1 > abs(learned.weights[1])
    theta = logistic(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 0, 1, 1]), pull=0.1)
    assert theta[0] > 0 > theta[-1]


@pytest.mark.slow
def test_calibration_learns_from_questions_and_lay_names(tmp_path, monkeypatch):
    """A small round: odd questions are never read, and the result has the file's own shape."""
    docs = [replace(d, lay_names=(f"giấy tờ {d.name}", f"làm {d.name}")) for d in corpus()]
    catalogue = tmp_path / "docs.jsonl"
    catalogue.write_text("\n".join(json.dumps(asdict(d)) for d in docs), "utf-8")
    rows = [
        ("q000", "đăng ký kết hôn", "answer", ["1.000894"]),
        ("q002", "mai táng phí", "clarify", ["1.001731", "2.002307"]),
        ("q004", "giá vàng hôm nay", "out_of_scope", []),
    ]
    questions = [
        {"id": i, "question": t, "behavior": b, "acceptable_codes": c} for i, t, b, c in rows
    ]
    odd = {"id": "q001"}  # would fail if it were looked at
    asked = tmp_path / "questions.jsonl"
    asked.write_text("\n".join(json.dumps(q) for q in [*questions, odd]), "utf-8")
    monkeypatch.setattr(calibrate, "FOLDS", 2)
    monkeypatch.setattr(calibrate, "fit", lambda e, s, pull, steps: fit(e, s, pull=pull, steps=3))
    out = tmp_path / "ranking.json"
    assert calibrate.main([str(catalogue), str(asked), "--out", str(out)]) == 0
    learned, shipped = (json.loads(p.read_text("utf-8")) for p in (out, DATA / "ranking.json"))
    assert learned.keys() == shipped.keys()
    assert learned["weights"].keys() == shipped["weights"].keys()
    assert learned["weights"] != shipped["weights"]
    assert learned["decide"]["found"].keys() == shipped["decide"]["found"].keys()
