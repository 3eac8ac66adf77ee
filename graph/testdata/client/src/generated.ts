// Written by generate.mjs from the hub's schema, DO NOT EDIT.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** What happened to a row in your view. */
export type ChangeKind =
  /** It came into your view. */
  | 'CREATED'
  /** Something that you see of it changed. The version can also grow by a change that you do not see. */
  | 'CHANGED'
  /** It left your view, because it was archived or moved, or because your rights changed. */
  | 'REMOVED';

/** Changes to a row of type CaseFile. What is not given stays. */
export type UpdateCaseFileInput = {
  /** Which row. */
  id: string;
  /** The version that you read; a stale one is a CONFLICT. */
  version: number;
  /** Code of the case. */
  code?: string | null | undefined;
  /** Day on which it was opened. */
  openedOn?: string | null | undefined;
  /** Day on which it was closed. */
  closedOn?: string | null | undefined;
  /** Who brought the case. */
  source?: CaseFileSource | null | undefined;
  /** Protection concerns. */
  concerns?: Array<Concern> | null | undefined;
  /** Level of risk. */
  risk?: CaseFileRisk | null | undefined;
  /** What happened and what is done. */
  summary?: string | null | undefined;
  /** Made up: every case of a demonstration is. */
  synthetic?: boolean | null | undefined;
  /** Office that owns the case. Id of an Office. */
  officeId?: string | null | undefined;
  /** Partner that helps. Id of a Partner. */
  partnerId?: string | null | undefined;
  /** Intervention that the case is a part of. Id of an Intervention. */
  interventionId?: string | null | undefined;
  /** Case worker responsible: whoever opens the case, unless another is named. Id of a User. */
  ownerId?: string | null | undefined;
  /** Names of fields of this input that replace what you cannot read now. Others of them are INVALID. */
  overwriteHidden?: Array<string> | null | undefined;
};

/** A type of row: what changes are followed of. */
export type RowType =
  /** One access to values of C3 that identify a person: who, when, for what, how much. Never a value, never a variable. */
  | 'AccessEvent'
  /** A personal access token, for a machine. Its secret is shown once and stored as a hash. */
  | 'AccessToken'
  /** Something done within an intervention: a training, an assessment, a campaign. */
  | 'Activity'
  /** What an external auditor may read, for what, and for how long. */
  | 'AuditGrant'
  /** A best interests procedure: what is best for one child, weighed and written down. */
  | 'BestInterests'
  /** A case: the work done for one child. */
  | 'CaseFile'
  /** A service given in a case. */
  | 'CaseService'
  /** A child whom the programme helps. People say the case code aloud, never the name. */
  | 'Child'
  /** What a State has promised, or was asked to do, under an instrument on the rights of the child. */
  | 'Commitment'
  /** What the programme did that advances a commitment. */
  | 'CommitmentEvidence'
  /** What a child, and those who care for it, agreed to. */
  | 'Consent'
  /** A country or territory in which the organisation works or has worked. */
  | 'Country'
  /** A volunteer mandate: one post, in one country, for a time. */
  | 'Deployment'
  /** What was destroyed, how, and the proof. */
  | 'Disposal'
  /** A child's record opened in an emergency, without waiting for a consent, for a few hours. */
  | 'EmergencyAccess'
  /** An amount promised or paid for an intervention. */
  | 'FundingLine'
  /** What is measured to see whether a result is reached. */
  | 'Indicator'
  /** A figure for an indicator and a period. */
  | 'IndicatorValue'
  /** A programme, project or component of one: the unit of work, money and results. */
  | 'Intervention'
  /** A country that an intervention reaches, and its share. */
  | 'InterventionCountry'
  /** A partner that takes part in an intervention, and how. */
  | 'InterventionPartner'
  /** A sector that an intervention works in, and its share. */
  | 'InterventionSector'
  /** A note in a case. */
  | 'Note'
  /** A place from which the organisation works: headquarters, satellite, field or liaison office. */
  | 'Office'
  /** How many people of one group were expected at an activity, or took part in it. Children only ever as counts. */
  | 'Participation'
  /** An organisation with which the programme works. */
  | 'Partner'
  /** A person to speak to at a partner. */
  | 'PartnerContact'
  /** A place with a code: a country's administrative units down to the village. */
  | 'Place'
  /** A child handed on to a partner for a service, with exactly the fields that travel. */
  | 'Referral'
  /** A region of the United Nations M49 standard. */
  | 'Region'
  /** A GraphQL document that a program of the organisation asks with, known before it asks. An archived one is answered no more. */
  | 'RegisteredDocument'
  /** A publication or a tool. */
  | 'Resource'
  /** What an intervention is to bring about. */
  | 'Result'
  /** How long data are kept, and what happens then. */
  | 'RetentionRule'
  /** A role that a person holds within a scope for a time. */
  | 'RoleAssignment'
  /** A check that a volunteer passes before going abroad. */
  | 'SafeguardingCheck'
  /** A setting of the hub that people change while it runs. */
  | 'Setting'
  /** What a person asks about their own data. */
  | 'SubjectRequest'
  /** A person who may sign in. */
  | 'User'
  /** A person who serves abroad for a time. */
  | 'Volunteer';

/** Values of AgeBand. */
export type AgeBand =
  /** U6. */
  | 'U6'
  /** A6 11. */
  | 'A6_11'
  /** A12 14. */
  | 'A12_14'
  /** A15 17. */
  | 'A15_17'
  /** A18 24. */
  | 'A18_24'
  /** A25 59. */
  | 'A25_59'
  /** A60 plus. */
  | 'A60_PLUS'
  /** Unknown. */
  | 'UNKNOWN';

/** Values of CaseFileRisk. */
export type CaseFileRisk =
  /** High. */
  | 'HIGH'
  /** Medium. */
  | 'MEDIUM'
  /** Low. */
  | 'LOW';

/** Values of CaseFileSource. */
export type CaseFileSource =
  /** Self. */
  | 'SELF'
  /** Family. */
  | 'FAMILY'
  /** Community. */
  | 'COMMUNITY'
  /** Social services. */
  | 'SOCIAL_SERVICES'
  /** Police. */
  | 'POLICE'
  /** Justice. */
  | 'JUSTICE'
  /** Health. */
  | 'HEALTH'
  /** School. */
  | 'SCHOOL'
  /** Partner. */
  | 'PARTNER'
  /** Hotline. */
  | 'HOTLINE'
  /** Other. */
  | 'OTHER';

/** Values of CaseFileStage. */
export type CaseFileStage =
  /** Identification. */
  | 'IDENTIFICATION'
  /** Assessment. */
  | 'ASSESSMENT'
  /** Planning. */
  | 'PLANNING'
  /** Implementation. */
  | 'IMPLEMENTATION'
  /** Review. */
  | 'REVIEW'
  /** Closure. */
  | 'CLOSURE';

/** Values of Concern. */
export type Concern =
  /** Sexual exploitation. */
  | 'SEXUAL_EXPLOITATION'
  /** Sexual violence. */
  | 'SEXUAL_VIOLENCE'
  /** Trafficking. */
  | 'TRAFFICKING'
  /** Child labour. */
  | 'CHILD_LABOUR'
  /** Worst forms of child labour. */
  | 'WORST_FORMS_OF_CHILD_LABOUR'
  /** In contact with law. */
  | 'IN_CONTACT_WITH_LAW'
  /** Victim or witness. */
  | 'VICTIM_OR_WITNESS'
  /** Detained. */
  | 'DETAINED'
  /** Armed forces or groups. */
  | 'ARMED_FORCES_OR_GROUPS'
  /** Unaccompanied. */
  | 'UNACCOMPANIED'
  /** Separated. */
  | 'SEPARATED'
  /** Migrant. */
  | 'MIGRANT'
  /** Refugee. */
  | 'REFUGEE'
  /** Stateless. */
  | 'STATELESS'
  /** Street. */
  | 'STREET'
  /** Physical or emotional maltreatment. */
  | 'PHYSICAL_OR_EMOTIONAL_MALTREATMENT'
  /** Neglect. */
  | 'NEGLECT'
  /** Child marriage. */
  | 'CHILD_MARRIAGE'
  /** Fgm. */
  | 'FGM'
  /** Disability. */
  | 'DISABILITY'
  /** Psychosocial distress. */
  | 'PSYCHOSOCIAL_DISTRESS'
  /** Other. */
  | 'OTHER';

/** Values of Sex. */
export type Sex =
  /** Female. */
  | 'FEMALE'
  /** Male. */
  | 'MALE'
  /** Other. */
  | 'OTHER'
  /** Unknown. */
  | 'UNKNOWN';

export type CasesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type CasesQuery = { caseFiles: { totalCount: number, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, nodes: Array<{ id: string, version: number, code: string, risk: CaseFileRisk, stage: CaseFileStage }> } | null };

export type CaseRowFragment = { id: string, version: number, code: string, risk: CaseFileRisk, stage: CaseFileStage };

export type CaseQueryVariables = Exact<{
  id: string;
}>;


export type CaseQuery = { caseFile: { openedOn: string | null, summary: string | null, concerns: Array<Concern> | null, masked: Array<string>, id: string, version: number, code: string, risk: CaseFileRisk, stage: CaseFileStage, access: { canUpdate: boolean }, child: { id: string, caseCode: string, ageBand: AgeBand | null, givenName: string | null, familyName: string | null, sex: Sex | null, birthDate: string | null, masked: Array<string>, place: { id: string, name: string } | null } | null, owner: { id: string, displayName: string | null } | null } | null };

export type SetRiskMutationVariables = Exact<{
  input: UpdateCaseFileInput;
}>;


export type SetRiskMutation = { updateCaseFile: { caseFile: { id: string, version: number, code: string, risk: CaseFileRisk, stage: CaseFileStage } | null } | null };

export type CasesChangeSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type CasesChangeSubscription = { changed: { id: string, type: RowType, kind: ChangeKind, token: string } };

export type CasesSinceQueryVariables = Exact<{
  token?: string | null | undefined;
}>;


export type CasesSinceQuery = { changesSince: { token: string, hasMore: boolean, changes: Array<{ id: string, kind: ChangeKind, node:
        | { id: string, version: number, code: string, risk: CaseFileRisk, stage: CaseFileStage }
        | Record<PropertyKey, never>
       | null }> } | null };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { viewer: { user: { id: string, displayName: string | null } | null } | null };

export const CaseRowFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CaseRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CaseFile"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"risk"}},{"kind":"Field","name":{"kind":"Name","value":"stage"}}]}}]} as unknown as DocumentNode<CaseRowFragment, unknown>;
export const CasesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Cases"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"last"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"before"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"caseFiles"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}},{"kind":"Argument","name":{"kind":"Name","value":"before"},"value":{"kind":"Variable","name":{"kind":"Name","value":"before"}}},{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"eq"},"value":{"kind":"EnumValue","value":"OPEN"}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"field"},"value":{"kind":"EnumValue","value":"CODE"}}]}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CaseRow"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CaseRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CaseFile"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"risk"}},{"kind":"Field","name":{"kind":"Name","value":"stage"}}]}}]} as unknown as DocumentNode<CasesQuery, CasesQueryVariables>;
export const CaseDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Case"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"caseFile"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CaseRow"}},{"kind":"Field","name":{"kind":"Name","value":"openedOn"}},{"kind":"Field","name":{"kind":"Name","value":"summary"}},{"kind":"Field","name":{"kind":"Name","value":"concerns"}},{"kind":"Field","name":{"kind":"Name","value":"masked"}},{"kind":"Field","name":{"kind":"Name","value":"access"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"canUpdate"}}]}},{"kind":"Field","name":{"kind":"Name","value":"child"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"caseCode"}},{"kind":"Field","name":{"kind":"Name","value":"ageBand"}},{"kind":"Field","name":{"kind":"Name","value":"givenName"}},{"kind":"Field","name":{"kind":"Name","value":"familyName"}},{"kind":"Field","name":{"kind":"Name","value":"sex"}},{"kind":"Field","name":{"kind":"Name","value":"birthDate"}},{"kind":"Field","name":{"kind":"Name","value":"masked"}},{"kind":"Field","name":{"kind":"Name","value":"place"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"owner"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CaseRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CaseFile"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"risk"}},{"kind":"Field","name":{"kind":"Name","value":"stage"}}]}}]} as unknown as DocumentNode<CaseQuery, CaseQueryVariables>;
export const SetRiskDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetRisk"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateCaseFileInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateCaseFile"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"caseFile"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CaseRow"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CaseRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CaseFile"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"risk"}},{"kind":"Field","name":{"kind":"Name","value":"stage"}}]}}]} as unknown as DocumentNode<SetRiskMutation, SetRiskMutationVariables>;
export const CasesChangeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"CasesChange"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changed"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"types"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"CaseFile"}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"token"}}]}}]}}]} as unknown as DocumentNode<CasesChangeSubscription, CasesChangeSubscriptionVariables>;
export const CasesSinceDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CasesSince"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"token"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changesSince"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"token"},"value":{"kind":"Variable","name":{"kind":"Name","value":"token"}}},{"kind":"Argument","name":{"kind":"Name","value":"types"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"CaseFile"}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"500"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"token"}},{"kind":"Field","name":{"kind":"Name","value":"hasMore"}},{"kind":"Field","name":{"kind":"Name","value":"changes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CaseRow"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CaseRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CaseFile"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"risk"}},{"kind":"Field","name":{"kind":"Name","value":"stage"}}]}}]} as unknown as DocumentNode<CasesSinceQuery, CasesSinceQueryVariables>;
export const MeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Me"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}}]}}]}}]} as unknown as DocumentNode<MeQuery, MeQueryVariables>;