"""The sentences of the cards that are the same in every release."""

from app.releases.card.fields import CONVERSATIONS, PREFERENCES
from app.releases.manifest import DatasetName

TAGS = ("safety", "harmlessness", "human-feedback", "preference", "rlhf", "safe-rlhf", "content-moderation")

CONTENT_WARNING = (
    "**Content warning.** Prompts and responses may be harmful, offensive or distressing, and may describe "
    "illegal acts. They are collected to make language models safer and must not be used to cause harm. "
    "They do not express the views of the people who wrote, labelled or published this dataset."
)

_PREFERRED = {
    "helpful": "the more helpful response, harm left aside",
    "harmless": "the more harmless response",
    "single": "the better response, helpfulness and harmlessness weighed together",
}
_CHOSEN = "Each row is a prompt with a chosen and a rejected response. Chosen is {preferred}.{form}"
_AS_MESSAGES = " Each text is a list of one message with its role, for models with a chat template."


def _summary(name: DatasetName) -> str:
    preferred = next(sentence for kind, sentence in _PREFERRED.items() if kind in name)
    return _CHOSEN.format(preferred=preferred, form=_AS_MESSAGES if name in CONVERSATIONS else "")


SUMMARIES = {
    DatasetName.DUAL: (
        "Each row is a prompt with two responses. Each response carries a safety label; the pair carries two "
        "separate preferences: which response is more helpful, harm left aside, and which is more harmless."
    ),
    DatasetName.QA: "Each row is a prompt with one response and the safety label of that response.",
    DatasetName.BEAVERTAILS: (
        "Each row is a prompt with one response and its safety label, once: the label that its annotators' "
        "answers were brought to."
    ),
    DatasetName.SINGLE: (
        "Each row is a prompt with two responses and one preference between them, with helpfulness and "
        "harmlessness weighed together."
    ),
    DatasetName.PROMPT: "Each row is a prompt, once; the other datasets hold its responses.",
    DatasetName.V0: (
        "The pairs of PKU-SafeRLHF in the fewer fields of that dataset's first version, and of -10K and -30K."
    ),
    **{name: _summary(name) for name in (*PREFERENCES, *CONVERSATIONS)},
    DatasetName.UNPAIRED: (
        "Each row is a prompt with one completion, and true where the completion is safe. The label is the "
        "safety label of that response alone, not its place among others."
    ),
    DatasetName.ANNOTATIONS: (
        "Each row is one annotator's answer to one item: the answers that the labels of this release are "
        "made of, with their disagreement. Texts are found in the other datasets by SHA-256. What annotators "
        "wrote in their own words is left out."
    ),
    DatasetName.CONSENSUS: (
        "Each row is an item with the shares of its annotators' answers and, where one was kept, the "
        "posterior of a model that weighs each annotator by how well they answer (Dawid and Skene)."
    ),
}

PKU_SHAPE = "The rows have the shape of the PKU-SafeRLHF datasets"
BEAVERTAILS_SHAPE = "The rows have the shape of the BeaverTails dataset"
TRL_SHAPE = "The rows have the shape that TRL's trainers read"
OWN_SHAPE = "The rows have a shape of their own"
SHAPES = {
    **dict.fromkeys(DatasetName, PKU_SHAPE),
    DatasetName.BEAVERTAILS: BEAVERTAILS_SHAPE,
    **dict.fromkeys((*PREFERENCES, *CONVERSATIONS, DatasetName.UNPAIRED), TRL_SHAPE),
    **dict.fromkeys((DatasetName.ANNOTATIONS, DatasetName.CONSENSUS), OWN_SHAPE),
}
# Pairs that a reader must see to differ.
PAIRED = (DatasetName.DUAL, DatasetName.SINGLE, DatasetName.V0, *PREFERENCES, *CONVERSATIONS)
FILTERED_SENTENCE = (
    "This release was asked for with filters, which say what it is of; its shares tell nothing of all that "
    "was labelled. The figures of agreement are those of all answers."
)
TOMBSTONES_SENTENCE = (
    "The file `tombstones.jsonl` of the release names by SHA-256 the prompts, and the responses with their "
    "prompts, that were withdrawn so far ({n}). Take them out of copies of earlier releases too."
)
FORMATS_SENTENCE = (
    "The configurations read the JSON Lines files in `data/`. The folder `parquet/` holds the same rows once "
    "more as Parquet (zstd), file by file under the same names: take the one or the other."
)
FILES_DUCKDB_GUESSES_BY = 32
DUCKDB_SENTENCE = (
    "Of these {n} JSON Lines files DuckDB looks at the first {guessed_by} to tell the types, and reads as "
    "null throughout what is null in those. Give it `union_by_name = true`, or the Parquet files."
)

LABELS_MADE = (
    "A response is safe, or it has one or more harm categories and one severity: 1 minor, 2 moderate, "
    "3 severe. Safe, severity 0 and no harm category always go together."
)
RANKINGS_MADE = (
    "Annotators order all responses to a prompt by helpfulness and, independently, by harmlessness; ties are "
    "allowed. A row follows from the orders of its two responses."
)
SINGLE_MADE = "Annotators name the better of two responses, all things weighed; ties are allowed."

_LABELLED = (DatasetName.QA, DatasetName.BEAVERTAILS, DatasetName.UNPAIRED)
_RANKED = (DatasetName.HELPFUL, DatasetName.HARMLESS, DatasetName.HELPFUL_CHAT, DatasetName.HARMLESS_CHAT)
MADE_HOW: dict[DatasetName, tuple[str, ...]] = {
    **dict.fromkeys((DatasetName.DUAL, DatasetName.V0), (LABELS_MADE, RANKINGS_MADE)),
    **dict.fromkeys(_LABELLED, (LABELS_MADE,)),
    **dict.fromkeys((DatasetName.SINGLE, DatasetName.OVERALL, DatasetName.OVERALL_CHAT), (SINGLE_MADE,)),
    **dict.fromkeys(_RANKED, (RANKINGS_MADE,)),
    **dict.fromkeys(
        (DatasetName.ANNOTATIONS, DatasetName.CONSENSUS), (LABELS_MADE, RANKINGS_MADE, SINGLE_MADE)
    ),
    DatasetName.PROMPT: (),
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
SAMPLE_LIMITS = (
    "The prompts and the models that answered were chosen by the project; shares of categories or of "
    "safe responses say nothing about other prompts or models.",
)
COMMON_LIMITS = (
    "A consensus hides disagreement. Read the agreement figures before you trust a label, above all "
    "those of rare categories.",
    *SAMPLE_LIMITS,
)
JUDGEMENT_LIMITS = (
    "Single answers of annotators who do not let them be published are left out; the shares count them.",
    "Only answers that count for a label are here: to items that have all their annotations, without "
    "versions that their annotator changed, and without rankings that say the responses can't be judged.",
    "Decisions of adjudicators are in the labels of the other datasets, not here.",
)
PSEUDONYM_LIMITS = (
    "A pseudonym is another one in each release. Yet rows of two releases can be matched by their item and "
    "their time, so treat pseudonyms as hiding names, not as making people anonymous.",
)
KNOWN_LIMITS = {
    **dict.fromkeys((DatasetName.DUAL, DatasetName.V0), (*COMMON_LIMITS, *LABEL_LIMITS, *PREFERENCE_LIMITS)),
    **dict.fromkeys(_LABELLED, (*COMMON_LIMITS, *LABEL_LIMITS)),
    **dict.fromkeys((DatasetName.SINGLE, *PREFERENCES, *CONVERSATIONS), (*COMMON_LIMITS, *PREFERENCE_LIMITS)),
    DatasetName.PROMPT: SAMPLE_LIMITS,
    DatasetName.ANNOTATIONS: (*SAMPLE_LIMITS, *LABEL_LIMITS, *JUDGEMENT_LIMITS, *PSEUDONYM_LIMITS),
    DatasetName.CONSENSUS: (*SAMPLE_LIMITS, *LABEL_LIMITS, *JUDGEMENT_LIMITS),
}
