"""Everyone here, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.queues.forms import Empty, Id

PEOPLE_A_PAGE = 50

# The page is found first, by the index on names; what stands beside a name is looked up for these alone.
PEOPLE = text("""
    WITH page AS MATERIALIZED (
        SELECT id, username, role, is_active FROM user_account
        WHERE username > :after
          AND (:words = '' OR strpos(username, lower(:words)) > 0)
          AND (CAST(:group_id AS bigint) IS NULL OR EXISTS (
              SELECT FROM group_member WHERE user_id = user_account.id AND group_id = :group_id))
          AND (CAST(:role AS text) IS NULL OR role = :role)
          AND (CAST(:is_active AS boolean) IS NULL OR is_active = :is_active)
        ORDER BY username LIMIT :limit
    )
    SELECT page.*,
           greatest(
               (SELECT max(closed_at) FROM assignment
                WHERE annotator_id = page.id AND status IN ('submitted', 'surplus')),
               (SELECT max(created_at) FROM sign_in WHERE user_id = page.id)),
           EXISTS (SELECT FROM sign_in WHERE user_id = page.id AND expires_at > now()),
           (SELECT coalesce(sum(n_answers), 0) FROM work_day
            WHERE annotator_id = page.id AND day > current_date - 7),
           (SELECT count(pause_reason) FROM queue_member WHERE annotator_id = page.id),
           ARRAY(SELECT name FROM person_group JOIN group_member ON group_id = person_group.id
                 WHERE user_id = page.id ORDER BY name)
    FROM page ORDER BY username
""")


class Activity(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    ANY = "any"


class Who(BaseModel):
    """`words`: a part of the name; `after`: the last name of the page before."""

    model_config = ConfigDict(extra="ignore")

    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)] = ""
    role: Annotated[Role | None, Empty] = None
    group: Annotated[Id | None, Empty] = None
    activity: Activity = Activity.ACTIVE
    after: Annotated[str, StringConstraints(max_length=64)] = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """`n_answers`: in the last seven days (UTC); `n_paused`: queues where they are paused."""

    id: int
    username: str
    role: str
    is_active: bool
    seen_at: datetime | None
    is_signed_in: bool
    n_answers: int
    n_paused: int
    groups: list[str]


def people_listed(session: Session, who: Who) -> tuple[list[Listed], str]:
    """One page, by name, and the name after which the next one begins; empty where there is none."""
    rows = session.execute(
        PEOPLE,
        {
            "after": who.after,
            "words": who.words,
            "role": who.role,
            "group_id": who.group,
            "is_active": None if who.activity is Activity.ANY else who.activity is Activity.ACTIVE,
            "limit": PEOPLE_A_PAGE + 1,
        },
    )
    found = [Listed(*row) for row in rows]
    shown = found[:PEOPLE_A_PAGE]
    return shown, shown[-1].username if len(found) > PEOPLE_A_PAGE else ""
