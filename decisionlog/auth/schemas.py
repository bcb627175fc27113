"""Bodies and answers of the blueprint `auth`."""

import uuid
from typing import Annotated, Any, Literal

from pydantic import (
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from decisionlog.http.pagination import LIMIT_MAX, PageQuery
from decisionlog.http.schemas import EmailAddress, Input, Instant, Moment, Output, Text
from decisionlog.vocabulary import Role

# Passwords are taken as typed: no stripping (ASVS 5.0, 6.2.8). The bound keeps hashing cheap.
Password = Annotated[Text, Field(min_length=1, max_length=256)]
Email = Annotated[Text, Field(min_length=1, max_length=254)]
Code = Annotated[
    Text, Field(min_length=6, max_length=32, description="a TOTP code, or a recovery code")
]
# One line, without characters that steer a terminal or break a log.
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]


class Credentials(Input):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class LoginBody(Credentials):
    email: Email
    password: Password
    otp: Code | None = None
    captcha_token: Annotated[Text, Field(max_length=4096)] | None = Field(
        None, description="asked for after three failures where a CAPTCHA is configured"
    )


class PasswordBody(Credentials):
    current_password: Password
    new_password: Password


class CurrentPasswordBody(Credentials):
    current_password: Password


class ConfirmedBody(Credentials):
    current_password: Password
    otp: Code


class OtpBody(Credentials):
    otp: Code


class MeChange(Input):
    """`email` needs `current_password`: whoever holds the address can be taken for the user."""

    name: Name | None = None
    email: Email | None = None
    current_password: Password | None = None

    @model_validator(mode="after")
    def _address_needs_password(self) -> "MeChange":
        if self.email is not None and self.current_password is None:
            raise ValueError("current_password is needed to change the e-mail address")
        return self


class CurrentUser(Output):
    id: uuid.UUID
    email: EmailAddress
    name: str
    role: Role
    projects: list[uuid.UUID] = Field(description="the projects that the user is a member of")


class Tokens(Output):
    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 (the scheme's name)
    expires_in: int = Field(description="seconds until the access token ends")


class LoginAnswer(Tokens):
    user: CurrentUser


class SessionView(Output):
    id: uuid.UUID
    created_at: Moment
    last_used_at: Moment
    expires_at: Moment
    ip: str | None
    user_agent: str | None
    current: bool = Field(description="whether this is the session of the token that asks")


class SessionList(Output):
    sessions: list[SessionView]


class Enrolment(Output):
    secret: str = Field(description="for typing; shown this once")
    otpauth_uri: str
    qr_svg: str = Field(description="the address as a QR code, an SVG document")


class RecoveryCodes(Output):
    recovery_codes: list[str] = Field(description="each works once instead of a code; shown once")


class NewUser(Input):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    email: Email
    name: Name
    role: Role
    password: Password


class UserChange(Input):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    email: Email | None = None
    name: Name | None = None
    role: Role | None = None
    password: Password | None = Field(None, description="ends all sessions of the user")


class UserQuery(PageQuery):
    role: Role | None = None
    deleted: bool = Field(False, description="closed accounts instead of live ones")


class UserView(Output):
    id: uuid.UUID
    email: EmailAddress
    name: str
    role: Role
    two_factor: bool
    created_at: Moment
    deleted_at: Moment | None


class UserList(Output):
    users: list[UserView]
    total: int
    limit: int
    offset: int


class AuditQuery(Input):
    user_id: uuid.UUID | None = Field(None, description="who did it")
    event: Annotated[Text, Field(max_length=64)] | None = Field(
        None, description="an event's name, or its first words: `login` finds `login.failed`"
    )
    since: Instant | None = Field(None, description="this moment or later")
    until: Instant | None = Field(None, description="before this moment")
    limit: int = Field(50, ge=1, le=LIMIT_MAX, description="rows a page")
    cursor: Annotated[Text, Field(max_length=300)] | None = Field(
        None, description="`next_cursor` of the page before, with the same filters"
    )


class AuditEntry(Output):
    id: uuid.UUID
    at: Moment
    event: str
    user_id: uuid.UUID | None
    project_id: uuid.UUID | None
    subject_id: str | None
    ip: str | None
    request_id: str | None
    details: dict[str, Any]


class AuditPage(Output):
    events: list[AuditEntry]
    next_cursor: str | None
