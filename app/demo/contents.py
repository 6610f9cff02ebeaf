"""Which items of the project the demo's texts are, and what is true of them."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adjudication.answers import Answers
from app.demo.texts import Asked, Told, all_asked
from app.items.models import Item, ItemKind, ItemResponse, Prompt, Response
from app.queues.models import Dimension


class Pair(NamedTuple):
    asked: Asked
    told: Told


class Contents(NamedTuple):
    """`ids`: of items, by their prompt and the set of their responses' texts. `truths`: by item, the answers
    in both dimensions of a response set, in the item's order, or the safety label of a QA pair."""

    pairs: list[Pair]
    sets: list[Asked]
    ids: dict[tuple[str, frozenset[str]], int]
    truths: dict[int, Answers]

    def pair_id(self, pair: Pair) -> int:
        return self.ids[pair.asked.prompt, frozenset({pair.told.text})]

    def set_id(self, asked: Asked) -> int:
        return self.ids[asked.prompt, frozenset(told.text for told in asked.responses)]


def contents_of(session: Session, project_id: int) -> Contents:
    asked_by_prompt = {asked.prompt: asked for asked in all_asked()}
    rows = session.execute(
        select(Item.id, Item.kind, Prompt.text, Response.text)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(Item.project_id == project_id)
        .order_by(Item.id, ItemResponse.position)
    )
    texts: dict[tuple[int, str, str], list[str]] = {}
    for item_id, kind, prompt, response in rows:
        texts.setdefault((item_id, kind, prompt), []).append(response)
    ids, truths = {}, {}
    for (item_id, kind, prompt), responses in texts.items():
        by_text = {told.text: told for told in asked_by_prompt[prompt].responses}
        ids[prompt, frozenset(responses)] = item_id
        truths[item_id] = truth_of(kind, [by_text[text] for text in responses])
    everything = list(asked_by_prompt.values())
    pairs = [Pair(asked, told) for asked in everything for told in asked.responses]
    return Contents(pairs, everything, ids, truths)


def truth_of(kind: str, members: list[Told]) -> Answers:
    if kind == ItemKind.QA_PAIR:
        return {Dimension.SAFETY: members[0].label.answer}
    severities = [told.label.severity for told in members]
    return {
        Dimension.HELPFULNESS: {"ranks": dense([told.helpfulness for told in members])},
        Dimension.HARMLESSNESS: {"ranks": dense(severities)},
    }


def dense(values: list[int]) -> list[int]:
    """Ranks from 1 without gaps, the least first."""
    used = sorted(set(values))
    return [used.index(value) + 1 for value in values]
