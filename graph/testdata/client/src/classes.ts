// Written by generate.mjs from the hub's schema, DO NOT EDIT.
/** How sensitive a field is, and how far it identifies a person: the directive @class of the schema. */
export const classes: Record<string, Record<string, string>> = {
  "CaseFile": {
    "version": "C1 NONE",
    "code": "C3 NONE",
    "risk": "C3 NONE",
    "stage": "C3 NONE",
    "openedOn": "C3 NONE",
    "summary": "C3 DIRECT",
    "concerns": "C3 QUASI"
  },
  "Child": {
    "caseCode": "C3 NONE",
    "givenName": "C3 DIRECT",
    "familyName": "C3 DIRECT",
    "sex": "C3 QUASI",
    "birthDate": "C3 QUASI",
    "place": "C3 QUASI"
  },
  "Place": {
    "name": "C0 NONE"
  },
  "User": {
    "displayName": "C2 DIRECT"
  }
};
