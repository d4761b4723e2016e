"""Every constant of the score with its source; a set of weights is data, so that a site can have its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# identity.md, "Three outcomes": components of pairs at 4.5 (5 in the first weeks); questions from an average of −0.5.
CUT: Final = 4.5
ASK: Final = -0.5
# Each pair counts at least this much in an average: somebody with two employers must not be averaged apart.
FLOOR: Final = -1.0
# Two groups of two mentions or more are joined only if their pairs average this much: one bridge is not enough.
# Measured as the weights below: precision .97 → .99 at a recall of .57 → .54; without it one wrong pair joins all.
# Then 3.5 → 5 with the two lines marked "labmates", on the first halves of eight seeds: precision .9934 → .9954 at a
# recall of .54 → .48.
BRIDGE: Final = 5.0


@dataclass(frozen=True, slots=True)
class Weights:
    """Points (natural log-odds) of the signs of two mentions.

    From identity.md, recipe 3; where a line names a measurement, that one was changed on the first halves of the
    constructed sets of `bench/identity.py` (four seeds, 2026-11), where the recipe joined at a precision of .95.
    """

    start: float = -2.5
    # − name_slope · max(0, ln(mentions of the name) − name_free)
    name_slope: float = 0.5
    name_free: float = 4.0
    one_coauthor: float = 3.5
    two_coauthors: float = 6.0
    three_coauthors: float = 8.0
    # + rarity_slope · clip(mean ln(N / df) − rarity_zero, −4, 3). Measured: .5 → 1, for a director is on every paper.
    rarity_slope: float = 1.0
    rarity_zero: float = 6.0
    rarity_least: float = -4.0
    rarity_most: float = 3.0
    # Measured: + share_slope · clip(1 + ln(cosine of the two lists), −1.5, 1): three of thirty are met by chance.
    # Labmates: 2 → 3.
    share_slope: float = 3.0
    share_least: float = -1.5
    share_most: float = 1.0
    # Measured: co-authors are known through the organisation that was counted already (one, two, three or more).
    # Labmates: −3, −3, −2 → −4, −4, −2.5.
    circle: tuple[float, float, float] = (-4.0, -4.0, -2.5)
    no_coauthor: float = -0.5
    enough_coauthors: int = 3
    same_organisation: float = 2.0
    # + organisation_slope · (min(ln(M / df), organisation_most) − organisation_zero)
    # Measured: .5 → .6.
    organisation_slope: float = 0.6
    organisation_zero: float = 4.0
    organisation_most: float = 8.0
    alike_organisation: float = 1.0
    alike_from: float = 0.6
    elsewhere_organisation: float = 0.5
    different_organisation: float = -2.0
    missing_organisation: float = -1.0
    all_organisations: float = 1.5
    # Measured: 2 → 2.4 and 3 → 4.
    topic: float = 2.4
    words: float = 4.0
    words_most: float = 0.6
    same_venue: float = 0.5
    # − years_slope · (min(gap, years_most) / 5 − 1)
    years_slope: float = 0.5
    years_most: float = 15.0
    # A row about a person (roster, honour) has no co-authors, nor has a project that names its leader alone. Same name
    # at the same employer: ln(1 / namesakes to be expected in an organisation of 3,000), identity.md "What to know":
    # .024 for a Han name of three characters or more, .12 for one of two; written in Latin letters 2.3 times as many,
    # of two characters at worst.
    record: float = 3.7
    record_two: float = 2.1
    record_latin: float = 1.3
    # Without a co-author and without an organisation in common the sum is at most this.
    cap: float = 0.0
    # Measured: without a co-author in common at most this: namesakes of one organisation are asked about.
    cap_alone: float = 4.0


DEFAULT: Final = Weights()
IDENTITY_PAGE: Final = Weights(
    rarity_slope=0.5,
    share_slope=0.0,
    circle=(0.0, 0.0, 0.0),
    organisation_slope=0.5,
    topic=2.0,
    words=3.0,
    cap_alone=100.0,
)
