"""Whoever is put into a class by others is found by the officers of a county."""

import pytest

from domain.actor import Role, Staff
from domain.enrolments.actions import enrol_other
from domain.enrolments.amendments import amend_roster
from domain.enrolments.notice import Teller
from domain.enrolments.roster import import_roster
from domain.people.lookups import find_people
from domain.people.naming import Named
from domain.people.rules import complete_id_number
from domain.vault import Vault
from models.columns import new_id
from models.training import TrainingClass
from tests.integration.enrolments.conftest import COUNTY, NOW, MakeClass
from tests.unit.sheets.building import workbook

NEIGHBOURS = "371502"
NEAR = Named("赵文博", complete_id_number(f"{NEIGHBOURS}19790316901"))
FAR = Named("钱多多", complete_id_number("13010219790316902"))


async def by_roster(vault: Vault, teller: Teller, clerk: Staff, row: TrainingClass) -> None:
    sheet = workbook([("姓名", "身份证号"), *((one.name, one.id_number) for one in (NEAR, FAR))])
    await import_roster(clerk, vault, teller, class_id=row.id, content=sheet, now=NOW)


async def by_hand(vault: Vault, teller: Teller, clerk: Staff, row: TrainingClass) -> None:
    for one in (NEAR, FAR):
        await enrol_other(clerk, vault, teller, class_id=row.id, named=one, now=NOW)


async def by_hotline(vault: Vault, teller: Teller, clerk: Staff, row: TrainingClass) -> None:
    operator = Staff(new_id(), Role.HOTLINE)
    for one in (NEAR, FAR):
        await enrol_other(
            *(operator, vault, teller), class_id=row.id, named=one, consent="2026-11", now=NOW
        )


async def by_amendment(vault: Vault, teller: Teller, clerk: Staff, row: TrainingClass) -> None:
    await TrainingClass.filter(id=row.id).update(status="filed")
    for one in (NEAR, FAR):
        await amend_roster(
            *(clerk, vault, teller),
            class_id=row.id,
            joins=one,
            allowed_by="阳谷县人社局 李科长",
            reason="厂里新来的",
            now=NOW,
        )


@pytest.mark.parametrize("way", [by_roster, by_hand, by_hotline, by_amendment])
async def test_they_live_where_their_id_says_else_where_the_class_is(
    make_class: MakeClass, clerk: Staff, teller: Teller, vault: Vault, way: object
) -> None:
    assert callable(way)
    await way(vault, teller, clerk, await make_class())
    found = {
        (county, named.name)
        for county in (COUNTY, NEIGHBOURS)
        for named in (NEAR, FAR)
        if await find_people(
            Staff(new_id(), Role.COUNTY_OFFICER, county=county),
            vault,
            id_number=named.id_number,
            now=NOW,
        )
    }
    assert found == {(NEIGHBOURS, NEAR.name), (COUNTY, FAR.name)}
