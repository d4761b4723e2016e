"""The fictional country around 云溟省, for samples of national size: sixteen provinces, each with bodies of its own.

Every province is the shape of 云溟省 under other names, so that departments, levels and disciplines stay plausible.
Codes begin with 83 to 97, which GB/T 2260 assigns to no province, and 98 for 云溟省 itself. No such place or body
exists.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from .places import ORGANISATIONS, PROVINCE, REGIONS, SOCIETIES, Body, Region, register

# The stem of each further province and of its river; combinations that are the name of no province, city or county.
_NAMES = "青冥 海岳 陵光 远岫 沧浪 扶摇 玄圃 丹丘 昆吾 瀛洲 方壶 员峤 岱舆 阆风 广寒"
# A city of a further province is called by one of these and a character of its own.
_CITY_FIRST = "霞霄岫渚汐沅芷蘅萤鹤鸢雁砚琅璇"
_CITY_SECOND = ("都", "港", "川", "汀", "屿", "原", "梧", "垣")
_STEMS = ("溟都", "岚港", "霁川", "澜汀", "苍屿", "砺原", "栖梧", "朔垣")


@dataclass(frozen=True, slots=True)
class Places:
    """The regions, bodies and societies a sample stands on."""

    regions: tuple[Region, ...] = REGIONS
    organisations: tuple[Body, ...] = ORGANISATIONS
    societies: tuple[Body, ...] = SOCIETIES

    @property
    def departments(self) -> tuple[Body, ...]:
        """The bodies in which people work."""
        return tuple(body for body in self.organisations if body.kind == "department")


@cache
def country() -> Places:
    """Return the sixteen provinces; their bodies are then known to `places.employer`."""
    regions, organisations, societies = list(REGIONS), list(ORGANISATIONS), list(SOCIETIES)
    for number, stem in enumerate(_NAMES.split()):
        province = _Province(number, stem)
        regions.extend(map(province.region, REGIONS))
        organisations.extend(map(province.body, ORGANISATIONS))
        societies.extend(map(province.body, SOCIETIES))
    register(organisations)
    register(societies)
    return Places(tuple(regions), tuple(organisations), tuple(societies))


@dataclass(frozen=True, slots=True)
class _Province:
    """One further province as a renaming of 云溟省."""

    number: int
    stem: str

    @property
    def prefix(self) -> str:
        return str(83 + self.number)

    def name(self, text: str) -> str:
        first = _CITY_FIRST[self.number]
        for stem, second in zip(_STEMS, _CITY_SECOND, strict=True):
            text = text.replace(stem, first + second)
        text = text.replace("溟江", self.stem[0] + "江").replace("云溟", self.stem)
        return text.replace("云医一", self.stem[0] + "医一")

    def code(self, code: str) -> str:
        """A body's code gets the province's digits; a region's code begins with them."""
        return code and f"{code}-{self.prefix}"

    def region(self, region: Region) -> Region:
        def moved(code: str) -> str:
            return code and self.prefix + code[2:]

        # The counties of two provinces may share a name, as real ones do; cities and the province itself do not.
        name = self.name(region.name)
        return replace(region, code=moved(region.code), name=name, parent=moved(region.parent))

    def body(self, body: Body) -> Body:
        return replace(
            body,
            code=self.code(body.code),
            name=self.name(body.name),
            region=self.prefix + body.region[2:],
            alias=tuple(map(self.name, body.alias)),
            parent=self.code(body.parent),
            host=self.code(body.host),
            guide=self.code(body.guide),
        )


def province_of(places: Places, region: str) -> str:
    """Return the name of the province in which a region of this code lies."""
    return next((each.name for each in places.regions if each.code == region[:2]), PROVINCE)
