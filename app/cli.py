"""What operators type: `evenhand ...`."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import orjson
import typer
from alembic import command
from alembic.config import Config
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.accounts.actions import create_user
from app.accounts.forms import NewUser
from app.accounts.models import Role
from app.agreement.jobs import computed
from app.annotations.jobs import noted_check
from app.annotations.patterns import rebuild_patterns
from app.answer_files.actions import start_answer_import
from app.answer_files.jobs import import_answer_file
from app.answer_files.told import Told, columns_of
from app.assignments.check import Found, repair_queue
from app.audit.queries import may_change_log
from app.db import transaction
from app.demo.actions import NewSignIn, seed_demo
from app.differences.comparing import compare_releases
from app.differences.printing import summary_lines
from app.differences.queries import release_numbered
from app.differences.sources import Source, source_in
from app.embedded.private_files import write_private
from app.embedded.stack import SIGN_INS_FILE, run_stack
from app.errors import DomainError, NotFound
from app.items.actions import start_import
from app.items.fields import field_map
from app.items.jobs import import_file
from app.items.mapping import completed
from app.items.models import Import, ImportState
from app.items.options import LEAST_SIMILARITY, ImportOptions
from app.items.preview import columns_in
from app.items.queries import vocabularies_in
from app.items.reader import Files
from app.items.report import report_path
from app.people.check import check_days, repair_days
from app.projects.actions import create_project
from app.projects.models import Project
from app.projects.pku import PKU
from app.projects.queries import project_named, taxonomy_of
from app.projects.shipped import SHIPPED
from app.queues.models import Queue, QueueKind
from app.queues.queries import all_queues, queues_of_project
from app.releases.actions import release_folder
from app.releases.asking import request_filtered_release
from app.releases.filters import ReleaseFilters, filters_of_options
from app.releases.jobs import write
from app.releases.queries import release_of
from app.settings import settings
from app.web.forms import messages

FOR_OWNER_ALONE = 0o077
ROOT = Path(__file__).parents[1]
LOG_CAN_BE_CHANGED = (
    "Warning: the database role of DATABASE_URL could change the audit log. Use the role evenhand_web there,"
    " and name the tables' owner in EVENHAND_OWNER_DATABASE_URL for `evenhand migrate` alone."
)

cli = typer.Typer(name="evenhand", help="Human annotation for AI-safety data.", no_args_is_help=True)
ProjectName = Annotated[
    str, typer.Option("--project", help="The project's name; it is made where there is none, but by a check.")
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--map", help="Which field is which: OURS=THEIRS, OURS=THEIRS:TRUE|TRUE or OURS=THEIRS:VALUE=OURS,..."
    ),
]
OnlyCheck = Annotated[bool, typer.Option("--check", help="Say what would come in, and keep nothing.")]
Home = Annotated[Path, typer.Option(envvar="EVENHAND_HOME", help="The data folder.")]


def main() -> None:
    """Failures that a person can act on become one line, not a traceback."""
    try:
        cli()
    except DomainError as error:
        sys.exit(f"evenhand: {error.message}")
    except OperationalError:
        sys.exit("evenhand: the database can't be reached. Is `evenhand up` running?")
    except ValidationError as invalid:
        fields = (str(error["loc"][0]) for error in invalid.errors())
        names = ", ".join(name if name.isupper() else f"EVENHAND_{name.upper()}" for name in fields)
        sys.exit(
            f"evenhand: not set, or wrong: {names}. Start `evenhand up` here first, or set them yourself."
        )


@cli.command()
def up(
    home: Home = Path(".evenhand"),
    host: Annotated[str, typer.Option(envvar="EVENHAND_HOST")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(envvar="EVENHAND_PORT", help="8000 or the next free one.")
    ] = None,
    web_processes: Annotated[int, typer.Option(envvar="EVENHAND_WEB_PROCESSES", min=1)] = 1,
) -> None:
    """Start everything on this machine; Ctrl-C stops it."""
    sys.exit(run_stack(home, host=host, port=port, web_processes=web_processes))


@cli.command()
def migrate() -> None:
    """Bring the database to this version's tables."""
    command.upgrade(Config(ROOT / "alembic.ini"), "head")


@cli.command(name="seed-demo")
def seed_demo_campaign() -> None:
    """Make the demo campaign in an empty database, and keep its sign-ins in the data folder."""
    with transaction() as session:
        sign_ins = seed_demo(session)
        if sign_ins:
            write_sign_ins(settings().home / SIGN_INS_FILE, sign_ins)


def write_sign_ins(path: Path, sign_ins: list[NewSignIn]) -> None:
    lines = [f"  {new.role:<12} user name: {new.username:<12} password: {new.password}" for new in sign_ins]
    write_private(path, "Sign in as\n" + "\n".join(lines) + "\n")


@cli.command(name="create-user")
def create_new_user(
    username: str,
    role: Annotated[Role, typer.Option()] = Role.ANNOTATOR,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Add someone who can sign in."""
    try:
        new = NewUser(username=username, password=password, role=role)
    except ValidationError as invalid:
        field, sentence = next(iter(messages(invalid).items()))
        sys.exit(f"evenhand: {field}: {sentence}")
    with transaction() as session:
        create_user(session, new)
    print(f"{new.username} can sign in as {new.role}.")


@cli.command(name="create-project")
def create_new_project(
    name: str,
    taxonomy: Annotated[
        str, typer.Option(help=f"Its harm categories: {' or '.join(SHIPPED)}.")
    ] = PKU.version,
) -> None:
    """Start a campaign."""
    if taxonomy not in SHIPPED:
        sys.exit(f"evenhand: --taxonomy {taxonomy}: there are {' and '.join(SHIPPED)}.")
    with transaction() as session:
        create_project(session, name, SHIPPED[taxonomy])
    print(f"Project {name} is there.")


@cli.command(name="import")
def import_items(
    file: Annotated[Path, typer.Argument(exists=True)],
    project: ProjectName,
    fields: Fields = None,
    leave_out_similar: Annotated[
        float | None,
        typer.Option(
            min=LEAST_SIMILARITY, max=1, help="Leave out responses as alike as this to an earlier one."
        ),
    ] = None,
    check: OnlyCheck = False,
) -> None:
    """Bring in a file of QA pairs or response sets, or a folder in the layout of `datasets`."""
    os.umask(FOR_OWNER_ALONE)
    name, n_bytes = file.name or file.resolve().name, Files(file).n_bytes
    options = ImportOptions(leave_out_similar=leave_out_similar)
    with transaction() as session:
        project_id = project_for(session, project, check=check).id
        columns = columns_in(file, vocabularies_in(session, project_id)) if fields else []
        maps = completed(map(field_map, fields), [each.name for each in columns]) if fields else None
        import_id = start_import(
            session, project_id, name, n_bytes, only_checks=check, maps=maps, options=options
        ).id
    import_file(import_id, file)
    done = ended_import(import_id, file)
    print(
        f"{done.n_rows:,} rows: {done.n_new_qa_pairs:,} new QA pairs, "
        f"{done.n_new_response_sets:,} new response sets, {done.n_rejected:,} rows rejected"
        + (f", {done.n_known:,} known already." if done.n_known else ".")
    )
    if leave_out_similar is not None and done.findings:
        n_left_out = done.findings["similar"]["n_left_out"]
        print(f"{n_left_out:,} responses left out, nearly the same as earlier ones.")
    say_what_was_wrong(done)


@cli.command(name="import-answers")
def import_given_answers(
    file: Annotated[Path, typer.Argument(exists=True)],
    project: ProjectName,
    queue: Annotated[str | None, typer.Option(help="The queue's name; the file's where left out.")] = None,
    kind: Annotated[QueueKind | None, typer.Option(help="What is answered, where rows do not say.")] = None,
    fields: Fields = None,
    columns: Annotated[
        str | None, typer.Option(help="FIELD=COLUMN,...: rows with one column an annotator.")
    ] = None,
    default_category: Annotated[
        str | None, typer.Option(help="Of unsafe answers that name no harm category.")
    ] = None,
    default_severity: Annotated[
        int | None, typer.Option(min=1, max=3, help="Of unsafe answers that name no severity.")
    ] = None,
    check: OnlyCheck = False,
) -> None:
    """Bring in answers that were given elsewhere, one a row, as a queue that is finished; those of a folder,
    such as a release's annotations, as a queue for each kind of answer."""
    os.umask(FOR_OWNER_ALONE)
    maps = [field_map(option) for option in fields or ()]
    columns_told = columns_of(columns) if columns else None
    n_bytes = Files(file).n_bytes
    with transaction() as session:
        project_id = project_for(session, project, check=check).id
        category_names = taxonomy_of(session, project_id).category_names
        answers = (kind, default_category, default_severity, queue, category_names)
        told = Told(maps, columns_told, *answers)
        name = file.name or file.resolve().name
        import_id = start_answer_import(session, project_id, name, n_bytes, told, only_checks=check).id
    brought = import_answer_file(import_id, file)
    done = ended_import(import_id, file)
    if brought is not None:
        print(
            f"{done.n_rows:,} answers: {brought.n_answers:,} new of {brought.n_annotators:,} annotators in"
            f" queue {brought.queue_name}; {brought.n_known:,} were there, {brought.n_repeated:,} second"
            f" answers left out, {done.n_rejected:,} rejected."
        )
    say_what_was_wrong(done)


def ended_import(import_id: int, file: Path) -> Import:
    """Where it failed or was cancelled, the command ends with a sentence."""
    with transaction() as session:
        done = session.get_one(Import, import_id)
    if done.state == ImportState.FAILED:
        sys.exit(f"evenhand: {file}: {done.error}")
    if done.state == ImportState.CANCELLED:
        sys.exit(f"evenhand: {file}: cancelled; nothing was imported.")
    return done


def say_what_was_wrong(done: Import) -> None:
    if done.state == ImportState.CHECKED:
        print("Checked alone: nothing was imported.")
    if done.n_rejected or done.n_warnings:
        print(f"What was wrong: {report_path(done.id)}")


def project_for(session: Session, name: str, *, check: bool) -> Project:
    """A check makes none."""
    return project_named(session, name) if check else named_or_new(session, name)


def named_or_new(session: Session, name: str) -> Project:
    try:
        return project_named(session, name)
    except NotFound:
        return create_project(session, name)


@cli.command()
def agreement(project: str) -> None:
    """Compute the agreement of each of a project's queues, and keep the reports."""
    with transaction() as session:
        queues = queues_of_project(session, project_named(session, project).id)
    for queue in queues:
        report = computed(queue.id)
        print(f"{queue.name}: {report.n_annotations:,} annotations by {report.n_annotators} annotators")
        for figure in report.content["figures"]:
            alpha, lower, upper = (
                in_digits(figure[name]) for name in ("alpha", "alpha_lower", "alpha_upper")
            )
            bounds = f"[{lower}, {upper}]"
            print(f"  {figure['question']:<42} alpha {alpha:>11} {bounds:<22} n {figure['n_items']:,}")


def in_digits(coefficient: float | None) -> str:
    return "not defined" if coefficient is None else f"{coefficient:.3f}"


@cli.command()
def check(
    project: Annotated[str | None, typer.Argument(help="Its queues alone; all where it is left out.")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Count anew what is wrong.")] = False,
) -> None:
    """Count every queue's places, and its members' days, anew and name what is wrong; exit code 1 where
    something is."""
    with transaction() as session:
        if may_change_log(session):
            print(LOG_CAN_BE_CHANGED)
        chosen = project_named(session, project) if project else None
        queues = queues_of_project(session, chosen.id) if chosen else all_queues(session)
    n_breaks = sum(check_one(queue, repair=repair) for queue in queues)
    if n_breaks:
        sys.exit("evenhand: see above; `evenhand check --repair` counts anew." if not repair else 1)


def check_one(queue: Queue, *, repair: bool) -> int:
    """How many breaks are left."""
    found = printed_check(queue)
    if found and repair:
        with transaction() as session:
            repair_queue(session, queue.id)
            rebuild_patterns(session, queue.id)
            repair_days(session, queue.id)
        print(f"{queue.name}: counted anew")
        found = printed_check(queue)
    if not found:
        print(f"{queue.name}: all is well")
    return sum(each.n for each in found)


def printed_check(queue: Queue) -> list[Found]:
    found = noted_check(queue.id)
    with transaction(snapshot=True) as session:
        found += check_days(session, queue.id)
    for each in found:
        print(f"{queue.name}: {each.what}: {each.n:,}, ids {', '.join(map(str, each.ids))}")
    return found


@cli.command()
def release(
    project: str,
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", help="NAME=VALUE, once for each value: min_answers=3, severities=3, ..."),
    ] = None,
) -> None:
    """Make a release of a project, and say where it lies."""
    os.umask(FOR_OWNER_ALONE)
    with transaction() as session:
        asked = project_named(session, project)
        queue_ids = {queue.name: str(queue.id) for queue in queues_of_project(session, asked.id)}
        category_names = taxonomy_of(session, asked.id).category_names
        wanted = usable_filters(filters or (), queue_ids, category_names)
        release_id = request_filtered_release(session, asked.id, wanted).id
    write(release_id)
    with transaction() as session:
        done = release_of(session, release_id)
    print(f"Release {done.number} of {project}: {release_folder(done)}")
    for dataset in (done.manifest or {})["datasets"]:
        left_out = sum(dataset["dropped"].values())
        print(f"  {dataset['name']:<30} {dataset['n_rows']:>9,} rows, {left_out:,} left out")


@cli.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A release's folder, or PROJECT:NUMBER.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The one to compare with it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    list_file: Annotated[
        Path | None, typer.Option("--list", dir_okay=False, help="List all that differs in this CSV file.")
    ] = None,
) -> None:
    """Say what changed from release A to release B; exit code 0 whether or not anything did."""
    os.umask(FOR_OWNER_ALONE)
    difference = compare_releases(source_named(before), source_named(after), list_file)
    if as_json:
        print(orjson.dumps(difference, option=orjson.OPT_INDENT_2).decode())
    else:
        print("\n".join(summary_lines(difference)))


def source_named(name: str) -> Source:
    """Folders need no database. Raises NotFound and ReleaseUnreadable."""
    project, _, number = name.rpartition(":")
    if Path(name).exists() or not (project and number.isdecimal()):
        return source_in(Path(name))
    with transaction() as session:
        made = release_numbered(session, project_named(session, project), int(number))
        return source_in(release_folder(made))


def usable_filters(
    options: Sequence[str], queue_ids: Mapping[str, str], category_names: Sequence[str]
) -> ReleaseFilters:
    try:
        return filters_of_options(options, queue_ids, category_names)
    except ValidationError as invalid:
        name, sentence = next(iter(messages(invalid).items()))
        sys.exit(f"evenhand: --filter {name}: {sentence}")


if __name__ == "__main__":
    main()
