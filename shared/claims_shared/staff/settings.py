"""What every service that knows the staff reads from its environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from claims_shared.cluster import Unusable
from claims_shared.staff.loading import StaffError, StaffFile
from claims_shared.staff.people import default_staff


class StaffSettings(BaseSettings):
    """The staff's file; without one, as many caseworkers as it says for each jurisdiction, who can do everything."""

    model_config = SettingsConfigDict(populate_by_name=True, extra="ignore")

    file: Path | None = Field(None, validation_alias="CLAIMS_STAFF")
    caseworkers: int = Field(200, validation_alias="CLAIMS_CASEWORKERS", ge=1, le=9_999)

    def open(self) -> StaffFile:
        """Give the staff, and its file to be looked at again. Raises Unusable where the file cannot be used."""
        try:
            return StaffFile(self.file, default_staff(self.caseworkers))
        except StaffError as wrong:
            raise Unusable(f"setting CLAIMS_STAFF: {wrong}") from None
