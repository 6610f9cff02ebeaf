"""Search: the words of texts, which items an import brought, and each project's items in order.

Where the server has no pg_trgm, or the owner may not create it, parts of words are looked for without its
index: slower, and with the same outcome. The indexes on items are made beside the working site, outside of any
transaction; so the rest can be run again where that failed.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX_PARTS_OF_WORDS = """
    DO $$ BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX IF NOT EXISTS search_word_parts_idx ON search_word USING gin (word gin_trgm_ops);
    EXCEPTION
        WHEN undefined_file OR feature_not_supported OR insufficient_privilege THEN
            RAISE WARNING 'pg_trgm can not be had: parts of words are looked for without an index';
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "search_document",
        sa.Column("response_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("response_id", name=op.f("search_document_pkey")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("search_document_words_idx"),
        "search_document",
        ["words"],
        postgresql_using="gin",
        if_not_exists=True,
    )
    op.create_index(op.f("search_document_sha256_idx"), "search_document", ["sha256"], if_not_exists=True)
    op.create_table(
        "search_word",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("n_documents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("search_word_pkey")),
        postgresql_with={"fillfactor": 80},
        if_not_exists=True,
    )
    op.execute(INDEX_PARTS_OF_WORDS)
    op.create_table(
        "search_progress",
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("up_to_item_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("search_progress_project_id_fkey")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("search_progress_pkey")),
        if_not_exists=True,
    )
    op.add_column("import", sa.Column("first_item_id", sa.BigInteger(), nullable=True), if_not_exists=True)
    op.add_column("import", sa.Column("last_item_id", sa.BigInteger(), nullable=True), if_not_exists=True)
    with op.get_context().autocommit_block():
        op.create_index(
            "item_project_idx",
            "item",
            ["project_id", "id"],
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "queue_item_harm_idx",
            "queue_item",
            ["queue_id", "item_id"],
            postgresql_where="harm_mask <> 0 OR severity_prior > 0",
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("queue_item_harm_idx", "queue_item")
    op.drop_index("item_project_idx", "item")
    op.drop_column("import", "last_item_id")
    op.drop_column("import", "first_item_id")
    op.drop_table("search_progress")
    op.drop_table("search_word")
    op.drop_table("search_document")
