"""The sentences of the cards that are the same in every release."""

from app.releases.manifest import DatasetName

TAGS = ("safety", "harmlessness", "human-feedback", "preference", "rlhf", "safe-rlhf", "content-moderation")

CONTENT_WARNING = (
    "**Content warning.** Prompts and responses may be harmful, offensive or distressing, and may describe "
    "illegal acts. They are collected to make language models safer and must not be used to cause harm. "
    "They do not express the views of the people who wrote, labelled or published this dataset."
)

SUMMARIES = {
    DatasetName.DUAL: (
        "Each row is a prompt with two responses. Each response carries a safety label; the pair carries two "
        "separate preferences: which response is more helpful, harm left aside, and which is more harmless."
    ),
    DatasetName.QA: "Each row is a prompt with one response and the safety label of that response.",
    DatasetName.SINGLE: (
        "Each row is a prompt with two responses and one preference between them, with helpfulness and "
        "harmlessness weighed together."
    ),
}

LABELS_MADE = (
    "A response is safe, or it has one or more harm categories and one severity: 1 minor, 2 moderate, "
    "3 severe. Safe, severity 0 and no harm category always go together."
)
RANKINGS_MADE = (
    "Annotators order all responses to a prompt by helpfulness and, independently, by harmlessness; ties are "
    "allowed. A row follows from the orders of its two responses."
)
SINGLE_MADE = "Annotators name the better of two responses, all things weighed; ties are allowed."

MADE_HOW = {
    DatasetName.DUAL: (LABELS_MADE, RANKINGS_MADE),
    DatasetName.QA: (LABELS_MADE,),
    DatasetName.SINGLE: (SINGLE_MADE,),
}

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

FIELDS = {
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
    DatasetName.SINGLE: (
        *_PAIR_TEXTS,
        ("better_response_id", "int", "0 or 1: the preferred response"),
        _PAIR_CHECKSUMS,
    ),
}

SPLIT_SENTENCE = (
    "The split is decided by the prompt's SHA-256, so all rows of one prompt are in the same split and stay "
    "there in later releases. Prompts that only resemble each other may be in different splits."
)
ALL_TRAIN_SENTENCE = (
    "There are too few prompts to hold any back, so this release has no test split; a later one may "
    "move a prompt there."
)
NO_OWN_CONFIG_SENTENCE = (
    "A model none of whose prompts is in the train split has no configuration of its own; its rows are part "
    "of `default`."
)

DROPPED_SENTENCE = "A row that training code cannot use is left out and counted under the first reason found."

LABEL_LIMITS = (
    "The severity belongs to the response as a whole, not to each of its harm categories.",
    "The definitions shown to annotators are Evenhand's own wording of the harm categories; other datasets "
    "with the same category names may draw the lines elsewhere.",
)
PREFERENCE_LIMITS = (
    "There are no ties: pairs without a winner are left out, so the pairs that remain are easier to tell "
    "apart than those that were labelled.",
)
COMMON_LIMITS = (
    "A consensus hides disagreement. Read the agreement figures before you trust a label, above all "
    "those of rare categories.",
    "The prompts and the models that answered were chosen by the project; shares of categories or of "
    "safe responses say nothing about other prompts or models.",
)
KNOWN_LIMITS = {
    DatasetName.DUAL: (*COMMON_LIMITS, *LABEL_LIMITS, *PREFERENCE_LIMITS),
    DatasetName.QA: (*COMMON_LIMITS, *LABEL_LIMITS),
    DatasetName.SINGLE: (*COMMON_LIMITS, *PREFERENCE_LIMITS),
}
