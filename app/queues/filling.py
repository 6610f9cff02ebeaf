"""Which items come into a queue, in which order, and what is expected of them."""

from sqlalchemy import TextClause, text

from app.queues.models import QueueOrder

# A permutation that the seed decides alone, so it can be made again.
SHUFFLED = "md5(:seed || ':' || lacking.item_id)"
# The response models, and the first expected harm category.
MODELS = """(
    SELECT string_agg(source, ' ' ORDER BY position) FROM item_response
    JOIN response ON response.id = response_id WHERE item_response.item_id = lacking.item_id)"""
STRATUM = "harm_mask & -harm_mask, models"
ORDER_BY = {
    QueueOrder.RANDOM: "shuffled",
    QueueOrder.IMPORTED: "item_id",
    # Every prefix of the order holds each stratum in its share: an item stands where its turn within its
    # stratum falls between 0 and 1.
    QueueOrder.STRATIFIED: "share, shuffled",
}


# Instead of all the project has.
OF_GIVEN_ITEMS = "AND {0} = ANY(CAST(:item_ids AS bigint[]))"


def fill_statement(order: QueueOrder, which: str = "") -> TextClause:
    """Adds the project's items of the queue's kind that it lacks, behind `:last_pos`, in lane `:lane`.

    What is expected of an item are the labels that came with its responses' QA pairs, all together.
    """
    return text(f"""
        WITH lacking AS (
            SELECT id AS item_id FROM item
            WHERE project_id = :project_id AND kind = :item_kind AND NOT EXISTS (
                SELECT FROM queue_item WHERE queue_id = :queue_id AND item_id = item.id) {which.format("id")}
        ), expected AS (
            SELECT member.item_id, max(CAST(answer ->> 'severity' AS int)) AS severity_prior,
                   bit_or(coalesce(named.mask, 0)) AS harm_mask
            FROM reference_label AS label
            JOIN item AS pair ON pair.id = label.item_id AND pair.kind = 'qa_pair'
            JOIN item_response AS of_pair ON of_pair.item_id = pair.id
            JOIN item_response AS member ON member.response_id = of_pair.response_id
            LEFT JOIN LATERAL (
                SELECT bit_or(1 << CAST(place AS int) - 1) AS mask
                FROM jsonb_array_elements_text(answer -> 'harm_categories') AS category
                JOIN unnest(CAST(:category_names AS text[])) WITH ORDINALITY AS names (name, place)
                  ON name = category
            ) AS named ON true
            WHERE label.dimension = 'safety' AND pair.project_id = :project_id
              {which.format("member.item_id")}
            GROUP BY member.item_id
        ), placed AS (
            SELECT lacking.item_id, coalesce(harm_mask, 0) AS harm_mask,
                   coalesce(severity_prior, 0) AS severity_prior, {SHUFFLED} AS shuffled,
                   {MODELS if order is QueueOrder.STRATIFIED else "NULL"} AS models
            FROM lacking LEFT JOIN expected USING (item_id)
        ), shared AS (
            SELECT *, (row_number() OVER stratum - 0.5) / count(*) OVER (PARTITION BY {STRATUM}) AS share
            FROM placed WINDOW stratum AS (PARTITION BY {STRATUM} ORDER BY shuffled)
        )
        INSERT INTO queue_item (queue_id, item_id, pos, lane, overlap, harm_mask, severity_prior, held_for)
        SELECT :queue_id, item_id, :last_pos + row_number() OVER (ORDER BY {ORDER_BY[order]}), :lane,
               :overlap, harm_mask, severity_prior, CAST(:held_for AS text)
        FROM {"shared" if order is QueueOrder.STRATIFIED else "placed"}
    """)
