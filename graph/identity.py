"""Canonical ids: our own opaque ones, and the strong identifiers the world gives (ORCID, DOI, ROR, 统一社会信用代码,
regions).

Pure. Every parser takes what people write (upper and lower case, full-width digits, URLs, prefixes, spaces) and
returns the one canonical form, or raises `InputError` with the reason in Chinese; empty text is an error too, so
callers ask only about cells that hold something. Strong identifiers are looked up before an id is made; they are never
the id (settled).
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata
from typing import Final, NamedTuple

from graph.errors import InputError

# Crockford's base 32 (crockford.com/base32.html): no i, l, o, u, so that a person can read an id out.
_CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_TO_CROCKFORD: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _CROCKFORD.encode("ascii"))
_ID_CHARACTERS: Final = 26  # 130 of the 256 bits: a collision among 10^12 ids has a chance of 4e-16
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "|": "\\|"})
_PART: Final = r"((?:[^|\\]|\\[|\\])*)"
_MENTION: Final = re.compile(rf"{_PART}\|{_PART}\|{_PART}")

_ORCID: Final = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dX])\Z", re.ASCII)
_ORCID_PREFIX: Final = re.compile(r"\A(?:(?:https?://)?(?:www\.)?orcid\.org/|orcid(?:\s+id)?\s*:?\s*)", re.IGNORECASE)
_DOI_PREFIX: Final = re.compile(r"\A(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi\s*:?\s*)", re.IGNORECASE)
# Prefix and suffix as ISO 26324 has them: `10.` + registrant, `/`, anything that can be seen.
_DOI: Final = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+\Z")
_ASCII_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_ROR_PREFIX: Final = re.compile(r"\A(?:(?:https?://)?(?:www\.)?ror\.org/|ror\s*:?\s*)", re.IGNORECASE)
_ROR: Final = re.compile(r"0[0-9a-hjkmnp-tv-z]{6}[0-9]{2}\Z")
# GB 32100-2015, table 1: digits and capitals without I, O, S, V, Z; places 3 to 8 are a division of GB/T 2260.
_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}\Z")
_REGION: Final = re.compile(r"[1-9][0-9]{1,11}\Z")
# Digits of an unpadded code (GB/T 2260: 2 + 2 + 2; GB/T 10114 adds 3 for a township, the statistics bureau 3 for a
# village).
_REGION_LEVELS: Final = {2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}


def new_id(prefix: str, store_key: bytes, source_id: str, row_key: str, position: int | str) -> str:
    """Which id does the thing first mentioned here get in this store?

    `prefix` + 26 characters of HMAC-SHA-256(store key, mention id) in Crockford's base 32, lower case: opaque, and
    equal when the same file is loaded again or on another engine with the same store key. `prefix` is the node type's.
    """
    message = mention_id(source_id, row_key, position).encode("utf-8", "surrogatepass")
    digest = hmac.digest(store_key, message, "sha256")
    return prefix + base64.b32encode(digest[:20]).translate(_TO_CROCKFORD)[:_ID_CHARACTERS].decode("ascii")


def mention_id(source_id: str, row_key: str, position: int | str) -> str:
    r"""Which mention is this?  `source|row key|position`; a `|` or `\` inside a part gets a `\` before it.

    No two different triples give the same text (a position is compared by its text).
    """
    whole = f"{source_id}{row_key}{position}"
    if "|" not in whole and "\\" not in whole:
        return f"{source_id}|{row_key}|{position}"
    return "|".join(str(part).translate(_ESCAPES) for part in (source_id, row_key, position))


class MentionParts(NamedTuple):
    """Where a mention stands: source id, row key, position (the alias of the person in the row)."""

    source: str
    row_key: str
    position: str


def mention_parts(mention: str) -> MentionParts:
    """Return what a mention id was made of, the inverse of `mention_id`; raises `InputError` for what is none."""
    if "\\" not in mention:
        parts = mention.split("|")
    else:
        match = _MENTION.fullmatch(mention)
        parts = [re.sub(r"\\(.)", r"\1", part) for part in match.groups()] if match else []
    if len(parts) != 3:
        raise InputError("不是提及编号", hint="应为 来源|行|位置")
    return MentionParts(*parts)


def orcid(text: str) -> str:
    """Return the bare ORCID iD (`0000-0002-1825-0097`); raises `InputError`.

    The last character is the check of ISO 7064 MOD 11-2, as ORCID documents it: every change of one character is found.
    """
    bare = _ORCID_PREFIX.sub("", _tidy(text), count=1).rstrip("/").upper()
    match = _ORCID.match(bare)
    if not match:
        raise InputError("ORCID 的格式不对", hint="应为四组四位，如 0000-0002-1825-0097")
    digits = "".join(match.groups())
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    if "0123456789X"[(12 - total % 11) % 11] != digits[-1]:
        raise InputError("ORCID 的校验位不符", hint="请对照原始出处，可能有一位写错")
    return "-".join(match.groups())


def doi(text: str) -> str:
    """Return the bare DOI (`10.1000/182`), ASCII letters in lower case; raises `InputError`.

    DOI names are compared without regard to the case of ASCII letters (DOI Handbook, 2.4). Punctuation that belongs to
    the sentence around it (`.`, `,`, `;` and their Chinese forms) is cut off at the end.
    """
    bare = _DOI_PREFIX.sub("", _tidy(text), count=1).rstrip(".,;。、").translate(_ASCII_LOWER)
    if not _DOI.match(bare):
        raise InputError("DOI 的格式不对", hint="应形如 10.1000/182")
    return bare


def ror(text: str) -> str:
    """Return the bare ROR id (`03vek6s52`); raises `InputError`.

    The two last digits are 98 - (100 n mod 97) of the number before them in Crockford's base 32 (ISO 7064 MOD 97-10,
    as ROR documents it): every change of one character is found.
    """
    bare = _ROR_PREFIX.sub("", _tidy(text), count=1).rstrip("/").lower()
    if not _ROR.match(bare):
        raise InputError("ROR 编号的格式不对", hint="应为 0 开头的九位，如 03vek6s52")
    number = 0
    for character in bare[:7]:
        number = number * 32 + _CROCKFORD.index(character)
    if 98 - number * 100 % 97 != int(bare[7:]):
        raise InputError("ROR 编号的校验位不符", hint="请对照原始出处，可能有一位写错")
    return bare


def uscc(text: str) -> str:
    """Return the 统一社会信用代码 in capitals (18 characters); raises `InputError`.

    GB 32100-2015: place i weighs 3^(i-1) mod 31, the last character makes the sum a multiple of 31; 31 is prime, so
    every change of one character is found.
    """
    code = re.sub(r"[\s-]", "", _tidy(text)).upper()
    if not _USCC.match(code):
        raise InputError("统一社会信用代码的格式不对", hint="应为 18 位数字和大写字母，不含 I、O、S、V、Z")
    if sum(_USCC_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(code[:17])) % 31 != (
        (31 - _USCC_ALPHABET.index(code[17])) % 31
    ):
        raise InputError("统一社会信用代码的校验位不符", hint="请对照证书，可能有一位写错")
    return code


def region_code(text: str | int) -> str:
    """Return the unpadded code of a region: 130000 → `13`, 130100 → `1301`, 130102 → `130102`; raises `InputError`.

    Two digits are a province, four a city, six a county (GB/T 2260), nine a township (GB/T 10114), twelve a village;
    zeros on the right that only fill up are taken off, and a zero group in the middle is refused.
    """
    code = _tidy(str(text))
    if not _REGION.match(code) or len(code) not in _REGION_LEVELS:
        raise InputError("行政区划代码的格式不对", hint="应为 2、4、6、9 或 12 位数字，如 13、1301、130102")
    groups = [code[begin:end] for begin, end in ((0, 2), (2, 4), (4, 6), (6, 9), (9, 12)) if code[begin:end]]
    while int(groups[-1]) == 0:
        groups.pop()
    if any(int(group) == 0 for group in groups):
        raise InputError("行政区划代码中间有一级全为零", hint="请对照 GB/T 2260")
    return "".join(groups)


def region_level(code: str) -> str:
    """Which level has an unpadded code: province, city, county, township or village?  Raises `InputError`."""
    level = _REGION_LEVELS.get(len(code))
    if level is None:
        raise InputError("行政区划代码的位数不对", hint="应为 2、4、6、9 或 12 位")
    return level


def region_parent(code: str) -> str | None:
    """Which region is one level above this unpadded code?  None for a province.

    Codes say it by themselves; where a province has counties without a city (4690 of 469001), the region of the answer
    may be missing in the graph and the next one up is the parent. Raises `InputError`.
    """
    region_level(code)
    return None if len(code) == 2 else code[: {4: 2, 6: 4, 9: 6, 12: 9}[len(code)]]


def _tidy(text: str) -> str:
    # 1,000 characters are far more than any identifier; longer cells would make the patterns slow for nothing.
    return unicodedata.normalize("NFKC", text[:1_000]).strip()
