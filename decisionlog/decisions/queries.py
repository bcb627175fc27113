"""What the record is asked for: SELECTs as named functions."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Enum,
    Row,
    Select,
    String,
    func,
    literal,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import Session

from decisionlog import clock
from decisionlog.decisions import schemas, search
from decisionlog.decisions.access import visible_decisions, visible_projects
from decisionlog.decisions.memory import Memory
from decisionlog.decisions.schemas import DecisionFilter, DecisionQuery
from decisionlog.errors import Invalid
from decisionlog.extensions import db
from decisionlog.http.pagination import decode_cursor, encode_cursor
from decisionlog.models import (
    Decision,
    DecisionVersion,
    ExtractionRun,
    Project,
    ProjectMember,
    Transcript,
    User,
    WebhookDelivery,
)

# The columns that make each order total together with the id, which goes last.
ORDERS: dict[str, tuple[Any, ...]] = {
    "meeting_date": (Decision.meeting_date, Decision.timestamp_seconds),
    "created_at": (Decision.created_at,),
    "confidence": (Decision.confidence,),
    "timestamp": (Decision.timestamp_seconds,),
}


def _as_string(column: Any) -> Any:
    """A closed word as it stands in the database: to look up its enum costs more than to read it,
    and the wire shows the string."""
    return type_coerce(column, String).label(column.key)


# What a list shows, as columns: fifty objects of this size would be most of a page's time.
LISTED = tuple(
    _as_string(column) if isinstance(column.type, Enum) else column
    for column in Decision.__table__.c
    if column.key in {*schemas.Decision.model_fields, "timestamp_seconds", "version"}
)

LARGE = 10_000
REMEMBERED_SECONDS = 10
_large_counts: Memory[Sequence[Row[Any]]] = Memory(REMEMBERED_SECONDS)

INTEGER_MAX = 2**31 - 1
BLOCK = 500


def projects_page(user: User, limit: int, offset: int) -> tuple[Sequence[Row[Any]], int]:
    """Rows of (Project, member_count, decision_count, latest_decision), and how many there are."""
    rows = db.session.execute(
        _project_rows(user).order_by(Project.name, Project.id).limit(limit).offset(offset)
    ).all()
    total = db.session.scalar(
        select(func.count()).select_from(Project).where(visible_projects(user))
    )
    return rows, total or 0


def project_row(user: User, project_id: uuid.UUID) -> Row[Any] | None:
    """(Project, member_count, decision_count, latest_decision), or None if it is not to be seen."""
    return db.session.execute(_project_rows(user).where(Project.id == project_id)).one_or_none()


def _project_rows(user: User) -> Select[Any]:
    members = (
        select(func.count())
        .select_from(ProjectMember)
        .join(User, User.id == ProjectMember.user_id)
        .where(ProjectMember.project_id == Project.id, User.deleted_at.is_(None))
        .correlate(Project)
        .scalar_subquery()
    )
    of_project = (Decision.project_id == Project.id, visible_decisions(user))
    decisions = (
        select(func.count(Decision.id)).where(*of_project).correlate(Project).scalar_subquery()
    )
    latest = (
        select(func.max(Decision.meeting_date))
        .where(*of_project)
        .correlate(Project)
        .scalar_subquery()
    )
    return select(
        Project,
        members.label("member_count"),
        decisions.label("decision_count"),
        latest.label("latest_decision"),
    ).where(visible_projects(user))


def project_members(project_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Rows of (id, name, email, role in the project)."""
    return db.session.execute(
        select(User.id, User.name, User.email, ProjectMember.role)
        .join(ProjectMember, ProjectMember.user_id == User.id)
        .where(ProjectMember.project_id == project_id, User.deleted_at.is_(None))
        .order_by(User.name, User.id)
    ).all()


def project_counts(user: User, project_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Rows of (discipline, meeting_type, count, count of the last seven days)."""
    week_ago = clock.now().date() - timedelta(days=7)
    recent = func.count().filter(Decision.meeting_date > week_ago)
    return db.session.execute(
        select(Decision.discipline, Decision.meeting_type, func.count(), recent)
        .where(Decision.project_id == project_id, visible_decisions(user))
        .group_by(Decision.discipline, Decision.meeting_type)
    ).all()


def decisions_page(
    user: User, project_id: uuid.UUID, query: DecisionQuery
) -> tuple[Sequence[Row[Any]], str | None]:
    """The keys of one page of a project's decisions, and the cursor of the next, None on the last.

    Rows of (id, version, …). The project itself must have been looked up for the user before.
    """
    found = db.session.execute(page_statement(user, project_id, query)).all()
    page = found[: query.limit]
    more = len(found) > query.limit
    return page, _cursor(query, page[-1]) if more else None


def page_statement(user: User, project_id: uuid.UUID, query: DecisionQuery) -> Select[Any]:
    """The keys of the page, and of one row more if there is one."""
    columns = (*ORDERS[query.sort_by], Decision.id)
    descending = query.sort_order == "desc"
    conditions = _conditions(user, project_id, query, of_page=True)
    statement = select(Decision.version, *columns).where(*conditions)
    if query.cursor is not None:
        place = _after(query, columns)
        statement = statement.where(
            tuple_(*columns) < place if descending else tuple_(*columns) > place
        )
    elif query.offset:
        statement = statement.offset(query.offset)
    return statement.order_by(*_in_order(columns, descending)).limit(query.limit + 1)


def listed_decisions(user: User, decision_ids: Collection[uuid.UUID]) -> Sequence[Row[Any]]:
    """Of these decisions those that the user may see, in any order.

    Rows of the columns that a list shows, by their names; closed words as plain strings.
    """
    return db.session.execute(
        select(*LISTED).where(Decision.id.in_(decision_ids), visible_decisions(user))
    ).all()


def decision_counts(user: User, project_id: uuid.UUID, query: DecisionQuery) -> Sequence[Row[Any]]:
    """Rows of (discipline, meeting_type, status, count) under the filters of the list.

    Of more than `LARGE` decisions they are remembered for `REMEMBERED_SECONDS`: to count them
    again takes many times as long as the page, which is read anew every time.
    """
    filters = query.model_dump_json(include=set(DecisionFilter.model_fields))
    asked = (project_id, user.is_client, filters)
    counts = _large_counts.get(asked)
    if counts is None:
        counts = db.session.execute(counts_statement(user, project_id, query)).all()
        if sum(count for *_, count in counts) > LARGE:
            _large_counts[asked] = counts
    return counts


def counts_statement(user: User, project_id: uuid.UUID, query: DecisionQuery) -> Select[Any]:
    group = (Decision.discipline, Decision.meeting_type, Decision.status)
    counted = select(*map(_as_string, group), func.count())
    return counted.where(*_conditions(user, project_id, query)).group_by(*group)


def every_decision(user: User, project_id: uuid.UUID, query: DecisionFilter) -> Iterator[Decision]:
    """All of a project's decisions under the filters of the list, in its order, a block at a
    time: what has been used is not kept."""
    order = _in_order((*ORDERS[query.sort_by], Decision.id), query.sort_order == "desc")
    return _in_blocks(
        select(Decision).where(*_conditions(user, project_id, query)).order_by(*order)
    )


def _in_blocks(statement: Select[tuple[Decision]]) -> Iterator[Decision]:
    # A session of its own: an answer is still being sent when the request's has ended.
    with Session(db.engine) as session:
        rows = session.scalars(statement.execution_options(yield_per=BLOCK))
        for block in rows.partitions():
            yield from block


def _in_order(columns: tuple[Any, ...], descending: bool) -> list[Any]:
    return [column.desc() if descending else column.asc() for column in columns]


def _conditions(
    user: User, project_id: uuid.UUID, query: DecisionFilter, of_page: bool = False
) -> list[ColumnElement[bool]]:
    conditions = [Decision.project_id == project_id, visible_decisions(user)]
    disciplines = [*query.discipline, *query.disciplines]
    if disciplines:
        conditions.append(Decision.discipline.in_(disciplines))
    if query.meeting_type:
        conditions.append(Decision.meeting_type.in_(query.meeting_type))
    if query.who:
        conditions.append(func.lower(Decision.who).in_([name.lower() for name in query.who]))
    if query.status:
        conditions.append(Decision.status.in_(query.status))
    if query.date_from:
        conditions.append(Decision.meeting_date >= query.date_from)
    if query.date_to:
        conditions.append(Decision.meeting_date <= query.date_to)
    if query.confidence_min is not None:
        conditions.append(Decision.confidence >= query.confidence_min)
    if query.has_anomalies is not None:
        conditions.append(Decision.has_anomalies.is_(query.has_anomalies))
    if query.transcript_id:
        conditions.append(Decision.transcript_id == query.transcript_id)
    if query.review_due:
        conditions.append(Decision.review_on <= query.review_due)
    if query.search:
        conditions.append(search.matches(query.search, of_page))
    return conditions


def _order_name(query: DecisionQuery) -> str:
    return f"{query.sort_by} {query.sort_order}"


def _cursor(query: DecisionQuery, last: Row[Any]) -> str:
    values = [getattr(last, column.key) for column in ORDERS[query.sort_by]]
    return encode_cursor(
        _order_name(query),
        [value.isoformat() if isinstance(value, date) else value for value in values],
        last.id,
    )


def _after(query: DecisionQuery, columns: tuple[Any, ...]) -> Any:
    values, row_id = decode_cursor(query.cursor or "", _order_name(query))
    try:
        pairs = zip(values, columns[:-1], strict=True)
        place = [*(_typed(value, column) for value, column in pairs), row_id]
    except (TypeError, ValueError) as error:
        raise Invalid.field("cursor", "is not a cursor that this API made") from error
    return tuple_(*map(literal, place, [column.type for column in columns]))


def _typed(value: Any, column: Any) -> Any:
    """A cursor's value as the column holds it: anybody can write one, so nothing is believed."""
    kind = column.type.python_type
    typed = kind.fromisoformat(value) if issubclass(kind, date) else kind(value)
    if isinstance(typed, datetime) and typed.tzinfo is None:
        raise ValueError("no time zone")
    if isinstance(typed, int) and abs(typed) > INTEGER_MAX:
        raise ValueError("no integer of the database")
    return typed


def transcripts_page(
    project_id: uuid.UUID, limit: int, offset: int
) -> tuple[list[Transcript], int]:
    of_project = Transcript.project_id == project_id
    page = db.session.scalars(
        select(Transcript)
        .where(of_project)
        .order_by(Transcript.created_at.desc(), Transcript.id.desc())
        .limit(limit)
        .offset(offset)
    )
    total = db.session.scalar(select(func.count()).select_from(Transcript).where(of_project))
    return list(page), total or 0


def runs(transcript_id: uuid.UUID) -> list[ExtractionRun]:
    return list(
        db.session.scalars(
            select(ExtractionRun)
            .where(ExtractionRun.transcript_id == transcript_id)
            .order_by(ExtractionRun.started_at, ExtractionRun.finished_at, ExtractionRun.id)
        )
    )


def decision_count(transcript_id: uuid.UUID) -> int:
    return (
        db.session.scalar(
            select(func.count(Decision.id)).where(
                Decision.transcript_id == transcript_id, Decision.deleted_at.is_(None)
            )
        )
        or 0
    )


def versions(decision_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Rows of (DecisionVersion, its author's name), the newest first."""
    return db.session.execute(
        select(DecisionVersion, User.name)
        .outerjoin(User, User.id == DecisionVersion.changed_by)
        .where(DecisionVersion.decision_id == decision_id)
        .order_by(DecisionVersion.version.desc())
    ).all()


def deliveries_page(
    webhook_id: uuid.UUID, limit: int, offset: int
) -> tuple[list[WebhookDelivery], int]:
    of_webhook = WebhookDelivery.webhook_id == webhook_id
    page = db.session.scalars(
        select(WebhookDelivery)
        .where(of_webhook)
        .order_by(WebhookDelivery.created_at.desc(), WebhookDelivery.id.desc())
        .limit(limit)
        .offset(offset)
    )
    total = db.session.scalar(select(func.count(WebhookDelivery.id)).where(of_webhook))
    return list(page), total or 0
