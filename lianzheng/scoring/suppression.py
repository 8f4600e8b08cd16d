"""Which figures of the questionnaire are not shown: too few raters, what would give them away, void votes.

Everybody may add and subtract what is published: a group's votes are everybody's less those of the groups shown
beside it. So where the groups that are too few hold fewer raters together than the threshold, another group is
hidden with them (its complement), until what can be worked out stands for enough raters.
"""

from __future__ import annotations

import pandas as pd

ALL = "all"
FEW, COMPLEMENT, VOID = "few", "complement", "void"
_GROUP = ["unit_id", "form_id", "rater_group"]


def suppression_codes(results: pd.DataFrame, threshold: int) -> pd.Series:
    """``few``, ``complement``, ``void`` or null for every row of questionnaire_by_unit_question.

    Besides its columns ``results`` has ``n``, the counted votes of a question; scores are not yet hidden.
    """
    is_few = too_few(results, threshold)
    raters = results["n"].fillna(0.0).where(results["question_id"] != ALL, results["n_valid"])
    codes = pd.Series(None, results.index, "str").mask(is_few, FEW)
    at_stake = results.assign(raters=raters, is_shown=~is_few)
    for _, rows in at_stake[~is_few.groupby(results["unit_id"]).transform("all")].groupby(_GROUP[:2]):
        is_hidden = rows["rater_group"].isin(complements(rows, threshold)) & rows["is_shown"]
        codes = codes.mask(is_hidden.reindex(codes.index, fill_value=False), COMPLEMENT)
    is_over = (results["n_returned"] > results["n_issued"]).fillna(False).astype(bool)
    return codes.mask(results["unit_id"].isin(results.loc[is_over, "unit_id"]), VOID)


def too_few(results: pd.DataFrame, threshold: int) -> pd.Series:
    """Rows of a group with fewer valid ballots than the threshold, or of a question with fewer votes.

    A question without any counted vote hides nobody. A form of which no question has enough votes is too few.
    """
    is_form, n_votes = results["question_id"] == ALL, results["n"].fillna(0.0)
    n_valid = results.assign(n_valid=results["n_valid"].where(is_form)).groupby(_GROUP)["n_valid"]
    few_votes = (results["n_valid"] < threshold) | ((n_votes > 0) & (n_votes < threshold))
    is_few = (n_valid.transform("max") < threshold) | (few_votes & ~is_form)
    of_form = results.assign(is_few=is_few).groupby(_GROUP)["is_few"].transform("any")
    return is_few | (is_form & results["score"].isna() & of_form)


def complements(rows: pd.DataFrame, threshold: int) -> list[str]:
    """The groups of one unit to hide for the protection of those that are too few; never everybody together.

    ``rows``: question_id, rater_group, ``raters``, ``is_shown``. While the hidden groups of a question or of the
    form have 1 to threshold − 1 raters together and everybody's figure is shown, the smallest group (valid
    ballots, then id) that is shown at such a place is hidden everywhere.
    """
    raters = rows.pivot(index="question_id", columns="rater_group", values="raters").fillna(0.0)
    is_shown = rows.pivot(index="question_id", columns="rater_group", values="is_shown").eq(True)
    everybody, is_shown = is_shown[ALL], is_shown.drop(columns=ALL)
    raters, chosen = raters.drop(columns=ALL), list[str]()
    while True:
        n_hidden = raters.mask(is_shown, 0.0).sum(axis=1)
        at_risk = everybody & (n_hidden > 0) & (n_hidden < threshold)
        exposing = raters.columns[(is_shown & (raters > 0))[at_risk].any()]
        if not len(exposing):
            return chosen
        chosen.append(min(exposing, key=lambda group: (raters.at[ALL, group], group)))
        is_shown[chosen[-1]] = False
