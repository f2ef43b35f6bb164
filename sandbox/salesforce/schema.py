"""The org's objects and fields: describe, SOQL's field checks, permissions and value checks all read this one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
}
_SOAP |= {"double": "xsd:double", "currency": "xsd:double", "percent": "xsd:double"}
NUMBERS = {"double", "currency", "percent"}


@dataclass
class Field:
    name: str
    type: str = (
        "string"  # id string textarea picklist reference boolean date datetime double currency percent email url
    )
    label: str = ""
    writable: bool = True
    required: bool = False
    length: int = 255
    values: list[str] = field(default_factory=list)  # of a picklist
    restricted: bool = False
    refers_to: str = ""  # the object that a reference points at
    relation: str = ""  # the name of the way there: Owner for OwnerId
    filterable: bool = True
    tracked: bool = False  # field history tracking
    calculated: bool = False  # a formula: cannot be written and moves no SystemModstamp
    hidden: bool = False  # field-level security hides it from the integration user
    external_id: bool = False  # records can be addressed by it
    unique: bool = False  # in any case of its letters

    def __post_init__(self) -> None:
        self.label = self.label or self.name.removesuffix("__c").replace("_", " ")


@dataclass
class SObject:
    name: str
    prefix: str
    fields: dict[str, Field]
    children: dict[str, tuple[str, str]] = field(default_factory=dict)  # relation -> (object, its reference field)
    writable: bool = True

    def visible(self, name: str) -> Field | None:
        """The field of that name in any case, unless field-level security hides it."""
        wanted = name.lower()
        found = next((f for f in self.fields.values() if f.name.lower() == wanted), None)
        return None if found is None or found.hidden else found

    def relation(self, name: str) -> Field | None:
        wanted = name.lower()
        return next((f for f in self.fields.values() if f.relation.lower() == wanted and not f.hidden), None)


def _table(name: str, prefix: str, *fields: Field, **more: Any) -> SObject:
    system = [
        Field("Id", "id", "Record ID", writable=False, length=18),
        Field("IsDeleted", "boolean", "Deleted", writable=False),
        _user("CreatedById", "CreatedBy", "Created By ID", writable=False),
        Field("CreatedDate", "datetime", "Created Date", writable=False),
        _user("LastModifiedById", "LastModifiedBy", "Last Modified By ID", writable=False),
        Field("LastModifiedDate", "datetime", "Last Modified Date", writable=False),
        Field("SystemModstamp", "datetime", "System Modstamp", writable=False),
    ]
    return SObject(name, prefix, {f.name: f for f in [*system, *fields]}, **more)


def _user(name: str, relation: str, label: str, *, writable: bool = True, required: bool = False) -> Field:
    return Field(name, "reference", label, writable, required, 18, refers_to="User", relation=relation)


def _account() -> SObject:
    return _table(
        "Account",
        "001",
        Field("Name", label="Account Name", required=True),
        _user("OwnerId", "Owner", "Owner ID"),
        Field(
            "MasterRecordId",
            "reference",
            "Master Record ID",
            writable=False,
            refers_to="Account",
            relation="MasterRecord",
        ),
        Field("LastActivityDate", "date", "Last Activity", writable=False),
        Field("Customer_Health__c", "picklist", values=["Green", "Yellow", "Red"], restricted=True, tracked=True),
        Field("Customer_Health_Reason__c", "textarea", length=1000),
        _user("Customer_Engineer__c", "Customer_Engineer__r", "Customer Engineer"),
        Field("Region__c", "picklist", values=["US West", "US East", "EMEA", "APAC"]),
        Field("Tier__c", "picklist", values=["1", "2", "3"]),
        Field("ARR__c", "currency", "ARR"),
        Field("Renewal_Date__c", "date"),
        Field("Seats__c", "double"),
        Field("Weekly_Users__c", "double"),
        Field("Usage_Change__c", "percent"),
        Field("Health_Score__c", "double"),
        Field("Usage_As_Of__c", "date", "Usage as of"),
        Field("Instance_Url__c", "url", "Instance URL"),
        Field("Signed_On__c", "date"),
        Field("Deployed_On__c", "date"),
        Field("Latest_Update__c", "textarea", length=4000),
        children={"Histories": ("AccountHistory", "AccountId"), "Tasks": ("Task", "WhatId")},
    )


def _history() -> SObject:
    table = _table(
        "AccountHistory",
        "017",
        Field("AccountId", "reference", "Account ID", writable=False, refers_to="Account", relation="Account"),
        Field("Field", "picklist", "Changed Field", writable=False),
        Field("OldValue", label="Old Value", writable=False, filterable=False),
        Field("NewValue", label="New Value", writable=False, filterable=False),
        writable=False,
    )
    for absent in ("LastModifiedById", "LastModifiedDate", "SystemModstamp"):
        del table.fields[absent]
    return table


def _task() -> SObject:
    return _table(
        "Task",
        "00T",
        Field("Subject"),
        Field(
            "Status",
            "picklist",
            values=["Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"],
        ),
        Field("Priority", "picklist", values=["High", "Normal", "Low"]),
        Field("ActivityDate", "date", "Due Date Only"),
        Field("WhatId", "reference", "Related To ID", refers_to="Account", relation="What"),
        Field("AccountId", "reference", "Account ID", writable=False, refers_to="Account", relation="Account"),
        _user("OwnerId", "Owner", "Assigned To ID"),
        Field("Description", "textarea", length=32000, filterable=False),
        Field("IsClosed", "boolean", "Closed", writable=False),
    )


def _person() -> SObject:
    table = _table(
        "User",
        "005",
        Field("Name", label="Full Name", writable=False),
        Field("Email", "email", required=True),
        Field("Username", required=True),
        Field("IsActive", "boolean", "Active"),
        _user("ManagerId", "Manager", "Manager ID"),
        Field("Title"),
        Field("UserType", "picklist", "User Type", writable=False, values=["Standard", "Guest", "CsnOnly"]),
    )
    del table.fields["IsDeleted"]
    return table


def _metadata(name: str, prefix: str, *fields: Field) -> SObject:
    """https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_fielddefinition.htm"""
    common = (
        Field("DurableId", writable=False),
        Field("QualifiedApiName", writable=False),
        Field("Label", writable=False),
    )
    return SObject(name, prefix, {f.name: f for f in (*common, *fields)}, writable=False)


def _field_definition() -> SObject:
    entity = Field(
        "EntityDefinitionId", "string", refers_to="EntityDefinition", relation="EntityDefinition", writable=False
    )
    return _metadata("FieldDefinition", "4fe", entity, Field("IsFieldHistoryTracked", "boolean", writable=False))


METADATA = ("EntityDefinition", "FieldDefinition")


def metadata_rows(tables: dict[str, SObject], which: str) -> list[dict[str, Any]]:
    """What the org knows about itself, computed when asked."""
    if which == "EntityDefinition":
        return [{"DurableId": name, "QualifiedApiName": name, "Label": name} for name in tables]
    return [
        {
            "DurableId": f"{table.name}.{f.name}",
            "QualifiedApiName": f.name,
            "Label": f.label,
            "EntityDefinitionId": table.name,
            "IsFieldHistoryTracked": f.tracked,
        }
        for table in tables.values()
        for f in table.fields.values()
        if not f.hidden
    ]


def org() -> dict[str, SObject]:
    """A fresh copy of the schema; a test may change its fields to make another org of it."""
    tables = (_account(), _history(), _task(), _person(), _metadata("EntityDefinition", "4ie"), _field_definition())
    return {table.name: table for table in tables}


def describe_field(f: Field) -> dict[str, Any]:
    writable = f.writable and not f.calculated
    return {
        "name": f.name,
        "label": f.label,
        "type": f.type,
        "soapType": _SOAP.get(f.type, "xsd:string"),
        "length": f.length if f.type in ("string", "textarea", "picklist", "id", "reference", "email", "url") else 0,
        "nillable": not f.required and f.type not in ("id", "boolean"),
        "createable": writable,
        "updateable": writable,
        "calculated": f.calculated,
        "custom": f.name.endswith("__c"),
        "filterable": f.filterable,
        "sortable": f.filterable,
        "externalId": f.external_id,
        "idLookup": f.type == "id" or f.external_id,
        "unique": f.unique,
        "restrictedPicklist": f.restricted,
        "picklistValues": [
            {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}
            for value in f.values
        ],
        "referenceTo": [f.refers_to] if f.refers_to else [],
        "relationshipName": f.relation or None,
    }


def describe(table: SObject, version: str) -> dict[str, Any]:
    children = [
        {"childSObject": child, "field": reference, "relationshipName": relation, "cascadeDelete": True}
        for relation, (child, reference) in table.children.items()
    ]
    visible = [describe_field(f) for f in table.fields.values() if not f.hidden]
    return {**summary(table, version), "fields": visible, "childRelationships": children, "recordTypeInfos": []}


def summary(table: SObject, version: str) -> dict[str, Any]:
    root = f"/services/data/v{version}/sobjects/{table.name}"
    urls = {"sobject": root, "describe": f"{root}/describe", "rowTemplate": f"{root}/{{ID}}"}
    flags = dict.fromkeys(("createable", "updateable", "deletable"), table.writable)
    more = {"queryable": True, "retrieveable": True, "custom": False, "keyPrefix": table.prefix, "urls": urls}
    return {"name": table.name, "label": table.name, "labelPlural": f"{table.name}s", **flags, **more}
