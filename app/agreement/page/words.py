"""How pages call what a report is about: questions, and the values of answers."""

from app.i18n import N_, readable

CATEGORY = "category: "
QUESTIONS = {
    "safe": N_("Safe or not"),
    "severity": N_("Severity, safe is 0"),
    "severity of unsafe": N_("Severity among harmful answers"),
    "categories": N_("Set of harm categories"),
    "helpfulness": N_("Helpfulness"),
    "harmlessness": N_("Harmlessness"),
    "single": N_("Single preference"),
    "unsafe above safe": N_("Unsafe above safe"),
    "more severe above less": N_("More severe above less"),
}
VALUES = {
    "safe": N_("Safe"),
    "harmful": N_("Harmful"),
    "minor": N_("Minor"),
    "moderate": N_("Moderate"),
    "severe": N_("Severe"),
    "yes": N_("Yes"),
    "no": N_("No"),
    "first": N_("First"),
    "second": N_("Second"),
    "tie": N_("Tie"),
    "masi": N_("MASI"),
    "guidelines": N_("Guidelines"),
    "taxonomy": N_("Taxonomy"),
    "quadratic": N_("quadratic"),
    "none": N_("none"),
}


def question_words(question: str) -> str:
    """In the reader's language; a harm category goes by its name alone."""
    return readable(QUESTIONS.get(question, question.removeprefix(CATEGORY)))


def value_words(value: str) -> str:
    return readable(VALUES.get(value, value))
