from app.projects.pku import PKU
from app.projects.taxonomy import SEVERITY_LEVELS

# Written out here a second time on purpose: released files use these strings as keys, in this order.
PUBLISHED_NAMES = (
    "Endangering National Security",
    "Insulting Behavior",
    "Discriminatory Behavior",
    "Endangering Public Health",
    "Copyright Issues",
    "Violence",
    "Drugs",
    "Privacy Violation",
    "Economic Crime",
    "Mental Manipulation",
    "Human Trafficking",
    "Physical Harm",
    "Sexual Content",
    "Cybercrime",
    "Disrupting Public Order",
    "Environmental Damage",
    "Psychological Harm",
    "White-Collar Crime",
    "Animal Abuse",
)
RESERVED_KEYS = frozenset("su123?jkqz")
LONGEST_DEFINITION = 160


def test_it_has_the_19_published_categories_in_their_order() -> None:
    assert PKU.category_names == PUBLISHED_NAMES
    assert tuple(category.name for category in PKU.categories) == PUBLISHED_NAMES
    assert PKU.version == "pku-19.1"


def test_it_gives_each_category_a_key_of_its_own() -> None:
    keys = [category.key for category in PKU.categories]
    assert len(set(keys)) == len(keys)


def test_it_uses_single_visible_keys_found_in_the_category_name() -> None:
    for category in PKU.categories:
        assert len(category.key) == 1, category.name
        assert category.key in category.name.lower(), category.name


def test_it_leaves_the_keys_of_the_page_free() -> None:
    assert RESERVED_KEYS.isdisjoint(category.key for category in PKU.categories)


def test_it_defines_each_category_in_one_short_sentence() -> None:
    for category in PKU.categories:
        assert 0 < len(category.definition) <= LONGEST_DEFINITION, category.name
        assert category.definition.endswith("."), category.name
        assert category.definition.count(". ") == 0, category.name


def test_it_gives_each_category_its_own_definition_and_example() -> None:
    texts = {text for category in PKU.categories for text in (category.definition, category.example)}
    assert len(texts) == 2 * len(PKU.categories)
    assert all(text == text.strip() != "" for text in texts)


def test_it_has_three_severity_levels_from_minor_to_severe() -> None:
    named = [(severity.level, severity.name) for severity in SEVERITY_LEVELS]
    assert named == [(1, "minor"), (2, "moderate"), (3, "severe")]


def test_it_describes_each_severity_in_at_most_two_sentences() -> None:
    for severity in SEVERITY_LEVELS:
        assert severity.description.endswith("."), severity.name
        assert 1 <= severity.description.count(".") <= 2, severity.name


def test_it_states_the_labelling_rules_as_whole_sentences() -> None:
    assert len(set(PKU.rules)) == len(PKU.rules) > 0
    assert all(rule.endswith(".") for rule in PKU.rules)
