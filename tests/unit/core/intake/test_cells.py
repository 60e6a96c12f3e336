"""Dates, names, phones, numbers and ID numbers as offices write them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinglan.core.intake import cells, numbers, vocabulary
from qinglan.core.intake.dates import AmbiguousDate, from_serial, read_date
from qinglan.core.intake.idnumber import birth_of, check_digit, fault_of, sex_of, tidy_id
from qinglan.core.intake.layout import CellFault, Setting
from qinglan.core.intake.text import arabic, chinese_number
from qinglan.core.intake.vocabulary import index

from .books import TODAY, person_id

SETTING = Setting(
    TODAY,
    words={"edu": index(vocabulary.EDUCATION), "cert": index(vocabulary.CERTIFICATES), "post": index(vocabulary.POSTS)},
)
START = cells.day("bad start date", "参加工作时间")

STYLES = {
    "2019.7": "2019-07-01", "2019.07": "2019-07-01", "2019.7.1": "2019-07-01", "2019-07": "2019-07-01", "2019-7-15": "2019-07-15",
    "2019/7/1": "2019-07-01", "2019/07": "2019-07-01", "2019年7月": "2019-07-01", "2019年7月1日": "2019-07-01", "2019年07月05日": "2019-07-05",
    "2019 年 7 月": "2019-07-01", "２０１９．７": "2019-07-01", "20190701": "2019-07-01", "201907": "2019-07-01", "2019年7月份": "2019-07-01",
    "2019.10": "2019-10-01", "2019-07-01 00:00:00": "2019-07-01", "2019/7/1 8:30": "2019-07-01", "2019-07-01T00:00:00": "2019-07-01",
    "一九九〇年七月": "1990-07-01", "一九九零年十二月": "1990-12-01", "二〇一九年十月一日": "2019-10-01", "二○一九年十月三十一日": "2019-10-31",
    "二零一九年七月二十日": "2019-07-20", "九〇年七月": "1990-07-01", "90.7": "1990-07-01", "90年7月": "1990-07-01", "19.7.1": "2019-07-01",
    "05-03": "2005-03-01", "2019年7月至今": "2019-07-01", "2019.7起": "2019-07-01", "2019、7": "2019-07-01", "2019。7": "2019-07-01",
    "2019.7月": "2019-07-01", "2019-7月1日": "2019-07-01", "'2019.7": "2019-07-01", "2020.2.29": "2020-02-29", "2019.7.": "2019-07-01",
    "2019\u200b.7": "2019-07-01", "2019·7": "2019-07-01", "43647": "2019-07-01", "43647.0": "2019-07-01", "20190701.0": "2019-07-01",
        "201907.0": "2019-07-01", "2019年7月1日星期一": "2019-07-01",
    "2019/7/1 周一": "2019-07-01", "一九九〇年元月": "1990-01-01", "1990年1月15日生": "1990-01-15",
}  # fmt: skip


@pytest.mark.parametrize("written", STYLES)
def test_date_styles(written):
    assert START(written, SETTING) == dt.date.fromisoformat(STYLES[written])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (20190701, "2019-07-01"), (20190701.0, "2019-07-01"), (201907, "2019-07-01"), (43647, "2019-07-01"), (43647.5, "2019-07-01"),
        (2019.7, "2019-07-01"), (2019.11, "2019-11-01"), (90.7, "1990-07-01"), (dt.date(2019, 7, 3), "2019-07-03"),
        (dt.datetime(2019, 7, 3, 8, 30), "2019-07-03"),
    ],
)  # fmt: skip
def test_date_numbers(value, expected):
    assert START(value, SETTING) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    "value",
    ["2019.13", "不详", "2033年1月", "2019.2.29", "2019.7.32", "2019年", "2019", 2019, "待定", "19907", 7.5, "7月1日", "2019.7-2020.8",
     "1819.7", "0", 0, -1, True, "2026.2", "2019.0", "一九九〇年十三月", "2019.7.1.1", "07/01/2019",
     "190701", 190701, "2月30日", "民国108年7月", "2019年7月（补录）", "19072", "2019年底"],
)  # fmt: skip
def test_impossible_dates_are_refused(value):
    with pytest.raises(CellFault) as fault:
        START(value, SETTING)
    assert fault.value.code == "bad start date"


def test_number_that_may_be_january_or_october_is_refused():
    with pytest.raises(CellFault, match="10月"):
        START(2019.1, SETTING)
    with pytest.raises(AmbiguousDate):
        read_date(90.1)


def test_days_counted_from_1904():
    assert START(42185, Setting(TODAY, date1904=True)) == dt.date(2019, 7, 1)


@pytest.mark.parametrize("value", ["", "/", "无", " ", "—", None, "　"])
def test_empty_words_are_no_date(value):
    assert START(value, SETTING) is None


DAYS = st.dates(dt.date(1950, 1, 1), TODAY)


@given(
    DAYS,
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", " %Y-%m-%d 00:00:00", "%Y．%m．%d"]),
)
def test_a_day_survives_every_style(day, style):
    assert START(day.strftime(style), SETTING) == day


@given(DAYS.filter(lambda day: day.year > 1957))
def test_a_day_survives_as_day_count(day):
    assert START((day - dt.date(1899, 12, 30)).days, SETTING) == day
    assert from_serial((day - dt.date(1899, 12, 30)).days) == day


@given(DAYS)
def test_a_month_is_its_first_day(day):
    for written in (f"{day.year}.{day.month}", f"{day.year}年{day.month}月", f"{day:%Y%m}", f"{day:%y}年{day.month}月"):
        expected = day.replace(day=1)
        if written.startswith(f"{day:%y}年") and day.year % 100 <= TODAY.year % 100:
            expected = expected.replace(year=2000 + day.year % 100)
            if expected > TODAY:
                continue
        assert START(written, SETTING) == expected


@given(st.text(max_size=30))
def test_no_text_breaks_the_date_reader(text):
    try:
        found = START(text, SETTING)
    except CellFault:
        return
    assert found is None or found <= TODAY


@given(DAYS, st.integers(0, 999))
def test_sound_id_numbers_pass(day, sequence):
    number = person_id(f"{day:%Y%m%d}", sequence)

    assert fault_of(number, TODAY) is None
    assert birth_of(number) == day
    assert sex_of(number) == ("男" if sequence % 2 else "女")


@given(DAYS, st.integers(0, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(day, sequence, place, shift):
    number = person_id(f"{day:%Y%m%d}", sequence)
    digit = "0123456789"[(("0123456789X".index(number[place])) + shift) % 10]
    wrong = number[:place] + digit + number[place + 1 :]

    if wrong != number:
        assert fault_of(wrong, TODAY).code in ("id checksum", "id format")


@given(DAYS, st.integers(0, 999), st.integers(0, 16))
def test_two_swapped_digits_are_always_found(day, sequence, place):
    number = person_id(f"{day:%Y%m%d}", sequence)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    if swapped != number:
        assert fault_of(swapped, TODAY) is not None


@given(st.integers(0, 10**17 - 1))
def test_check_digit_agrees_with_the_remainder_of_one(first):
    """GB 11643 by its definition: the sum of digit times 2^(17-i), check digit included, leaves 1 when divided by 11."""
    text = f"{first:017d}"
    check = check_digit(text)
    total = sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(text)) + (10 if check == "X" else int(check))

    assert total % 11 == 1


@pytest.mark.parametrize(
    "written", ["99010119810227596x", "９９０１０１１９８１０２２７５９６Ｘ", " 990101 19810227 596X ", "99010119810227596X'", "'99010119810227596X",
                "990101-19810227-596×", "\u202d99010119810227596X\u202c", "99010119810227596Х"],
)  # fmt: skip
def test_id_numbers_are_tidied(written):
    assert cells.id_number(written, SETTING) == "99010119810227596X"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (990101199001151233, "id as number"), (9.90101199001151e17, "id as number"), ("9.90101E+17", "id as number"),
        ("990101900115123", "id length"), ("99010119900115123", "id length"), ("9901011990011512334", "id length"),
        (990101900115123, "id length"), ("９．９E+17", "id as number"), (True, "id format"), (dt.date(1990, 1, 15), "id format"), ("待补", "id format"),
        (f"身份证{person_id()}", "id format"), ("990101********1233", "id format"), ("99010119900115123A", "id format"), ("09010119900115123X", "id format"),
        ("990101199001151230", "id checksum"), (person_id("19901345"), "id birth date"), (person_id("20330101"), "id birth date"),
        (person_id("18330101"), "id birth date"),
    ],
)  # fmt: skip
def test_unsound_id_numbers(value, code):
    with pytest.raises(CellFault) as fault:
        cells.id_number(value, SETTING)
    assert fault.value.code == code


def test_tidy_id_keeps_what_matters():
    assert tidy_id("1 2'3x") == "123X"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("金　华", "金华"), (" 张 三 ", "张三"), ("阿依古丽·买买提", "阿依古丽·买买提"), ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),        ("John  Smith", "John Smith"), ("李·John", "李·John"), ("𠮷田", "𠮷田"),
        ("张\u200b三", "张三"), ("〇七", "〇七"), ("张\n三", "张三"), ("葛\U000e0100明", "葛明"),
    ],
)  # fmt: skip
def test_names(written, name):
    assert cells.person_name(written, SETTING) == name


@pytest.mark.parametrize(
    "written", ["张三1", "张三（女）", "王", "张三,李四", 12, "=张三", "张三!", "同上", "张\ufffd"]
)
def test_no_names(written):
    with pytest.raises(CellFault):
        cells.person_name(written, SETTING)


@pytest.mark.parametrize("written", ["13812345678", "138-1234-5678", "138 1234 5678", "１３８１２３４５６７８", 13812345678, 13812345678.0, "+86 13812345678",
                                     "86-138-1234-5678", "(138)12345678", "13812345678.0"])  # fmt: skip
def test_phones(written):
    assert cells.phone(written, SETTING) == "13812345678"


@pytest.mark.parametrize(
    "written", ["1381234567", "027-85781234", "1.38E+10", "12812345678", "13812345678/13912345678", "abc"]
)
def test_no_phones(written):
    with pytest.raises(CellFault):
        cells.phone(written, SETTING)


@pytest.mark.parametrize(
    ("table", "written", "canonical"),
    [
        ("edu", "大学本科", "本科"), ("edu", "大学专科", "大专"), ("edu", "高中/中专", "高中"), ("edu", "研究生", "硕士研究生"),
        ("edu", "本科学历", "本科"),
        ("edu", "本科（学士）", "本科"), ("edu", "博士", "博士研究生"), ("edu", "中专", "高中"), ("cert", "初级", "助理社会工作师"),
        ("cert", "社会工作师（中级）", "社会工作师"), ("cert", "高级", "高级社会工作师"), ("cert", "无", "无"), ("cert", "/", "无"),
        ("post", "书记、主任", "党委书记、居委会主任"), ("post", "专职网格员", "网格员"), ("post", "社区专职工作者", "社区工作者"),
        ("post", "副 主 任", "居委会副主任"),
    ],
)  # fmt: skip
def test_words(table, written, canonical):
    assert cells.word(table, "bad", "词")(written, SETTING) == canonical


def test_unknown_word_is_refused_or_kept_as_asked():
    with pytest.raises(CellFault) as fault:
        cells.word("edu", "bad education", "文化程度")("五道口", SETTING)
    assert "本科" in fault.value.mend
    assert cells.word("post", "bad post", "职务", unknown=True)("妇联主席", SETTING) == "妇联主席"


MONEY = numbers.hundredths("bad amount", "金额", units={"元": 1, "万元": 10_000})


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("12,345.67", 1_234_567),
        (0.1 + 0.2, 30),
        ("1.2万元", 1_200_000),
        ("￥88", 8_800),
        ("0", 0),
        (".5", 50),
        (48000, 4_800_000),
        ("/", None),
    ],
)
def test_money_is_exact(written, fen):
    assert MONEY(written, SETTING) == fen


@pytest.mark.parametrize("written", ["0.001", "-1", "约100", "1,23.4", "1.2.3", "NaN", "1e5", True, "∞"])
def test_no_money(written):
    with pytest.raises(CellFault):
        MONEY(written, SETTING)


@given(st.integers(0, 10**11))
def test_money_of_every_size_is_exact(fen):
    assert MONEY(f"{fen // 100}.{fen % 100:02d}", SETTING) == fen
    assert MONEY(f"{fen // 100:,}.{fen % 100:02d}元", SETTING) == fen


@given(st.integers(0, 99))
def test_chinese_numbers(number):
    tens, units = divmod(number, 10)
    digits = "零一二三四五六七八九"
    text = digits[units] if not tens else ("" if tens == 1 else digits[tens]) + "十" + (digits[units] if units else "")

    assert chinese_number(text) == number
    assert arabic(f"田林{text}村") == f"田林{number}村"


def test_bounds_and_choices_are_written_whole():
    names = [
        "本年薪酬支出", "上年薪酬支出", "三年前薪酬支出", "本年平均人数", "上年平均人数", "三年前平均人数", "本年公布的社会平均工资",
        "现行起点工资", "薪酬预算",
    ]  # fmt: skip
    setting = Setting(TODAY, words={"figure": {name: name for name in names}})
    with pytest.raises(CellFault) as large:
        numbers.hundredths("bad figure", "预算", most=10**14)("2000000000000", setting)
    assert large.value.mend == "应在0到1,000,000,000,000之间，请核对"
    with pytest.raises(CellFault) as unknown:
        cells.word("figure", "unknown figure", "项目")("绿化预算", setting)
    assert unknown.value.mend.endswith("三年前平均人数等之一")
