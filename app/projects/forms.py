"""What an admin types in to start a campaign."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

ProjectName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class NewProject(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: ProjectName
