"""Canonical ids: known examples, round trips, and that one wrong character is always found."""

import gzip
import json
import os
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import identity
from graph.errors import InputError

KEY = b"k" * 32
ORCIDS = ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"]  # from ORCID's own documentation
RORS = ["03vek6s52", "05gq02987", "02mhbdp94"]  # Harvard, Brown, Universidad de los Andes, on ror.org
USCCS = ["91350100M000100Y43", "91110000600037341L"]  # the example of GB 32100-2015; a published company

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def made_uscc(body: str) -> str:
    """Append the check character by trying all: the parser is the only judge."""
    for last in USCC_ALPHABET:
        try:
            return identity.uscc(body + last)
        except InputError:
            continue
    raise AssertionError(f"no check character for {body}")


def made_orcid(body: str) -> str:
    for last in "0123456789X":
        try:
            return identity.orcid(body + last)
        except InputError:
            continue
    raise AssertionError(f"no check character for {body}")


def made_ror(body: str) -> str:
    for last in range(100):
        try:
            return identity.ror(f"0{body}{last:02}")
        except InputError:
            continue
    raise AssertionError(f"no check digits for {body}")


orcids = st.text(string.digits, min_size=15, max_size=15).map(made_orcid)
rors = st.text(CROCKFORD, min_size=6, max_size=6).map(made_ror)
usccs = st.tuples(
    st.text(USCC_ALPHABET, min_size=2, max_size=2),
    st.text(string.digits, min_size=6, max_size=6),
    st.text(USCC_ALPHABET, min_size=9, max_size=9),
).map(lambda parts: made_uscc("".join(parts)))


def changes(canonical: str, alphabet: str) -> list[str]:
    """Every text that differs from this one in one character."""
    return [
        canonical[:place] + other + canonical[place + 1 :]
        for place, own in enumerate(canonical)
        if own != "-"
        for other in alphabet
        if other != own
    ]


@pytest.mark.parametrize("value", ORCIDS)
def test_orcid_forms(value: str) -> None:
    for written in (
        value, value.lower(), value.replace("-", ""), f"https://orcid.org/{value}", f"http://orcid.org/{value}/",
        f"orcid.org/{value}", f" ORCID: {value} ", f"ORCID iD {value}",
        value.translate(str.maketrans("0123456789", "0123456789")),
    ):  # fmt: skip
        assert identity.orcid(written) == value


@given(orcids)
def test_orcid_finds_one_wrong_character(value: str) -> None:
    assert identity.orcid(value) == value
    for wrong in changes(value, "0123456789X"):
        with pytest.raises(InputError):
            identity.orcid(wrong)


@pytest.mark.parametrize("value", RORS)
def test_ror_forms(value: str) -> None:
    for written in (value, value.upper(), f"https://ror.org/{value}", f"ror.org/{value}/", f"ROR:{value}"):
        assert identity.ror(written) == value


@given(rors)
def test_ror_finds_one_wrong_character(value: str) -> None:
    assert identity.ror(f"https://ror.org/{value}") == value
    for wrong in changes(value, CROCKFORD):
        with pytest.raises(InputError):
            identity.ror(wrong)


@pytest.mark.parametrize("value", USCCS)
def test_uscc_known(value: str) -> None:
    assert identity.uscc(value) == value
    assert identity.uscc(f" {value.lower()} ") == value
    assert identity.uscc(f"{value[:8]}-{value[8:]}") == value


@given(usccs)
def test_uscc_finds_one_wrong_character(value: str) -> None:
    assert identity.uscc(value.lower()) == value
    for wrong in changes(value, string.digits + string.ascii_uppercase):
        with pytest.raises(InputError):
            identity.uscc(wrong)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("10.1000/182", "10.1000/182"),
        ("https://doi.org/10.1000/182", "10.1000/182"),
        ("http://dx.doi.org/10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O",
         "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o"),
        ("doi:10.12074/202201.00001V1.", "10.12074/202201.00001v1"),
        ("DOI: 10.1000.10/ABC", "10.1000.10/abc"),
        ("10.1109/doi.2020.1", "10.1109/doi.2020.1"),
        ("DOI：10.1360/N972018-00001", "10.1360/n972018-00001"),
    ],
)  # fmt: skip
def test_doi_forms(written: str, canonical: str) -> None:
    assert identity.doi(written) == canonical


@pytest.mark.parametrize(
    "wrong", ["", " ", "10.1000", "10.1000/", "10.12/abc", "11.1000/182", "10.1000/a b", "doi:", "无"]
)
def test_doi_refuses(wrong: str) -> None:
    with pytest.raises(InputError):
        identity.doi(wrong)


@given(st.from_regex(r"\A10\.[0-9]{4,9}/[!-~]{1,30}\Z"))
def test_doi_is_stable_and_blind_to_case(text: str) -> None:
    try:
        canonical = identity.doi(text)
    except InputError:
        assert text.rstrip(".,;").endswith("/") or text.rsplit("/", 1)[1].strip(".,;") == ""
        return
    assert identity.doi(canonical) == canonical == identity.doi(text.upper()) == identity.doi(f"https://doi.org/{text}")


@pytest.mark.parametrize(
    ("written", "canonical", "level", "parent"),
    [
        ("130000", "13", "province", None),
        ("13", "13", "province", None),
        (13, "13", "province", None),
        ("130100", "1301", "city", "13"),
        ("1301", "1301", "city", "13"),
        ("130102", "130102", "county", "1301"),
        ("130102001000", "130102001", "township", "130102"),
        ("130102001001", "130102001001", "village", "130102001"),
        ("130000000000", "13", "province", None),
        ("469001", "469001", "county", "4690"),
        (130102, "130102", "county", "1301"),
    ],
)
def test_region_codes(written: str | int, canonical: str, level: str, parent: str | None) -> None:
    code = identity.region_code(written)
    assert (code, identity.region_level(code), identity.region_parent(code)) == (canonical, level, parent)


@pytest.mark.parametrize(
    "wrong", ["", "1", "130", "13010", "1301021", "00", "013000", "130001", "000000", "ab", "13.0", "-1"]
)
def test_region_refuses(wrong: str) -> None:
    with pytest.raises(InputError):
        identity.region_code(wrong)


groups = st.integers(1, 99).map(lambda n: f"{n:02}")
small_groups = st.integers(1, 999).map(lambda n: f"{n:03}")


@given(st.integers(10, 99).map(str), st.lists(groups, max_size=2), st.lists(small_groups, max_size=2))
def test_region_padding_changes_nothing(province: str, middle: list[str], small: list[str]) -> None:
    code = province + "".join(middle) + ("".join(small) if len(middle) == 2 else "")
    assert identity.region_code(code) == code
    for width in (4, 6, 9, 12):
        if width > len(code):
            assert identity.region_code(code.ljust(width, "0")) == code
    parent = identity.region_parent(code)
    if parent is not None:
        assert code.startswith(parent)
        assert identity.region_code(parent) == parent


PARSERS = [identity.orcid, identity.doi, identity.ror, identity.uscc, identity.region_code]


@pytest.mark.parametrize("parser", PARSERS)
@given(st.text(max_size=60))
def test_any_text_gives_a_canonical_form_or_a_reason(parser: object, text: str) -> None:
    assert callable(parser)
    try:
        canonical = parser(text)
    except InputError:
        return
    assert parser(canonical) == canonical


@pytest.mark.parametrize("parser", PARSERS)
def test_a_cell_of_a_million_characters_is_refused(parser: object) -> None:
    assert callable(parser)
    for text in ("0" * 1_000_000, "doi:" * 250_000, "-" * 1_000_000):
        with pytest.raises(InputError):
            parser(text)


parts = st.text(st.sampled_from("ab|\\0甲 "), max_size=5)


mentions = st.tuples(parts, parts, st.integers(0, 20))


@given(mentions, mentions)
def test_mention_ids_are_unambiguous(one: tuple[str, str, int], two: tuple[str, str, int]) -> None:
    assert (identity.mention_id(*one) == identity.mention_id(*two)) == (one == two)
    assert (identity.new_id("P", KEY, *one) == identity.new_id("P", KEY, *two)) == (one == two)
    assert identity.mention_parts(identity.mention_id(*one)) == (*one[:2], str(one[2]))


@given(st.text(alphabet="a|\\", max_size=8))
def test_what_is_taken_for_a_mention_id_is_one(text: str) -> None:
    try:
        parts = identity.mention_parts(text)
    except InputError:
        return
    assert len(parts) == 3
    assert "\\" not in text or identity.mention_id(*parts) == text


def test_new_id_is_fixed_for_ever() -> None:
    """The value is a contract: ids of loaded stores must not change with a release."""
    made = identity.new_id("P", KEY, "works:chinaxiv", "202201.00001", 1)
    assert len(made) == 27
    assert set(made[1:]) <= set(CROCKFORD)
    assert made == identity.new_id("P", KEY, "works:chinaxiv", "202201.00001", "1")
    assert made != identity.new_id("P", b"j" * 32, "works:chinaxiv", "202201.00001", 1)
    assert made == "Pwc7ag00pgm2pph1vv2jpw5xmnh"


def test_all_rors_of_china_are_right() -> None:
    """Ground truth for the checksum: every id of the real register."""
    folder = Path(os.environ.get("ZHIKU_SHARED", Path(__file__).resolve().parents[4] / "shared")) / "data" / "ror_china"
    if not folder.exists():
        pytest.skip("共享数据 ror_china 不在这台机器上")
    with gzip.open(folder / "organisations.jsonl.gz", "rt", encoding="utf-8") as lines:
        ids = [str(json.loads(line)["ror"]) for line in lines]
    assert len(ids) > 1_000
    for written in ids:
        assert written.endswith(identity.ror(written))


@pytest.mark.parametrize("text", ["", "a", "a|b", "a|b|c|d", "a|b|c\\", "\\a|b|c"])
def test_what_is_no_mention_id_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        identity.mention_parts(text)
