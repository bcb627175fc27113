import uuid
from typing import Annotated, Literal

from pydantic import ConfigDict, EmailStr, Field

from decisionlog.http.schemas import Input, Output, Text
from decisionlog.vocabulary import Role

# Passwords are taken as typed: no stripping (ASVS 5.0, 6.2.8). The bound keeps hashing cheap.
Password = Annotated[Text, Field(min_length=1, max_length=256)]


class LoginBody(Input):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    email: Annotated[Text, Field(min_length=1, max_length=254)]
    password: Password


class CurrentUser(Output):
    id: uuid.UUID
    email: EmailStr
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
