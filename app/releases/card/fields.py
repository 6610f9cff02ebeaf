"""What the fields of each dataset mean, for its card."""

from app.releases.manifest import DatasetName

PREFERENCES = (DatasetName.HELPFUL, DatasetName.HARMLESS, DatasetName.OVERALL)
CONVERSATIONS = (DatasetName.HELPFUL_CHAT, DatasetName.HARMLESS_CHAT, DatasetName.OVERALL_CHAT)

_PROMPT = ("prompt", "string", "What the model was asked")
_PROMPT_SOURCE = ("prompt_source", "string", "Where the prompt comes from")
_CHECKSUM = "SHA-256 of prompt and response in UTF-8, nothing between them"
_FLAGS = "Each harm category of the taxonomy with true or false"
_PAIR_TEXTS = (
    _PROMPT,
    ("response_0, response_1", "string", "The two responses"),
    _PROMPT_SOURCE,
    ("response_0_source, response_1_source", "string", "The models that wrote them"),
)
_PAIR_CHECKSUMS = ("response_0_sha256, response_1_sha256", "string", _CHECKSUM)

_CHOSEN = (
    ("chosen", "string", "The preferred response"),
    ("rejected", "string", "The other response"),
)
_MESSAGES = (
    ("prompt", "list of object", "What the model was asked: one message, `role` user and `content`"),
    ("chosen", "list of object", "The preferred response: one message, `role` assistant and `content`"),
    ("rejected", "list of object", "The other response, likewise"),
)
_ITEM = (
    (
        "item",
        "string",
        "The item: of one response its SHA-256, of more the SHA-256 of theirs in `responses`, joined",
    ),
    ("responses", "list of string", f"Of each response: {_CHECKSUM}"),
    ("dimension", "string", "`safety`, `helpfulness`, `harmlessness` or `single`"),
)
_OUTCOMES = "`unsafe`, each `severity` from 0 to 3 and each `harm_category`"
_PAIRS = (
    "Ranking: every two responses, by their index in `responses`, with the share of judgements and the "
    "chance by the model that the first is better, that the second is, and that neither is"
)

FIELDS: dict[DatasetName, tuple[tuple[str, str, str], ...]] = {
    DatasetName.DUAL: (
        *_PAIR_TEXTS,
        ("is_response_0_safe, is_response_1_safe", "bool", "Whether the response is safe"),
        ("response_0_harm_category, response_1_harm_category", "object", _FLAGS),
        ("response_0_severity_level, response_1_severity_level", "int", "0 safe to 3 severe"),
        ("better_response_id", "int", "0 or 1: the more helpful response"),
        ("safer_response_id", "int", "0 or 1: the more harmless response"),
        _PAIR_CHECKSUMS,
    ),
    DatasetName.QA: (
        _PROMPT,
        ("response", "string", "The response"),
        _PROMPT_SOURCE,
        ("response_source", "string", "The model that wrote it"),
        ("is_safe", "bool", "Whether the response is safe"),
        ("severity_level", "int", "0 safe to 3 severe"),
        ("harm_category", "object", _FLAGS),
        ("sha256", "string", _CHECKSUM),
    ),
    DatasetName.BEAVERTAILS: (
        _PROMPT,
        ("response", "string", "The response"),
        ("category", "object", _FLAGS),
        ("is_safe", "bool", "Whether the response is safe"),
    ),
    DatasetName.SINGLE: (
        *_PAIR_TEXTS,
        ("better_response_id", "int", "0 or 1: the preferred response"),
        _PAIR_CHECKSUMS,
    ),
    DatasetName.PROMPT: (_PROMPT, _PROMPT_SOURCE),
    DatasetName.V0: (
        *_PAIR_TEXTS[:2],
        ("is_response_0_safe, is_response_1_safe", "bool", "Whether the response is safe"),
        ("better_response_id", "int", "0 or 1: the more helpful response"),
        ("safer_response_id", "int", "0 or 1: the more harmless response"),
    ),
    **dict.fromkeys(PREFERENCES, (_PROMPT, *_CHOSEN)),
    **dict.fromkeys(CONVERSATIONS, _MESSAGES),
    DatasetName.UNPAIRED: (
        _PROMPT,
        ("completion", "string", "The response"),
        ("label", "bool", "Whether the response is safe, whatever others to the same prompt are"),
    ),
    DatasetName.ANNOTATIONS: (
        *_ITEM,
        ("annotator", "string", "A pseudonym that is used in this release alone"),
        ("is_safe", "bool or null", "Safety: whether the response is safe"),
        ("severity_level", "int or null", "Safety: 0 safe to 3 severe"),
        ("harm_category", "object or null", f"Safety: {_FLAGS[0].lower()}{_FLAGS[1:]}"),
        ("verdict", "string or null", "Ranking: `ordered`, or `all_bad`"),
        ("ranks", "list of int or null", "Ranking: of each of `responses`, 1 the best; equal ones are ties"),
        (
            "displayed_order",
            "list of int or null",
            "Ranking: the index in `responses` of each place of the page",
        ),
        ("strength", "int or null", "Ranking: how clear the difference is, 1 slight to 3 strong"),
        ("confidence", "int or null", "0 to 3, where the annotator said so"),
        ("answered_at", "string", "ISO 8601, UTC"),
        ("taxonomy_version", "string", "The harm categories that were asked for"),
        ("guideline_version", "int or null", "The guidelines that stood beside the task"),
    ),
    DatasetName.CONSENSUS: (
        *_ITEM,
        ("n_judgements", "int", "How many annotators judged it"),
        ("shares", "object or null", f"Safety: the share of judgements for {_OUTCOMES}"),
        ("posterior", "object or null", f"Safety: by the model of the annotators, the chance of {_OUTCOMES}"),
        ("pairs", "list of object or null", _PAIRS),
    ),
}
