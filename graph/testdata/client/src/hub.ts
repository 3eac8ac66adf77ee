// The connection to the hub, with the caller, the normalised cache and the meaning of errors.
import { Client, type CombinedError, type ExecutionResult, fetchExchange, subscriptionExchange, type SubscriptionForwarder } from "urql";
import { cacheExchange, type Cache } from "@urql/exchange-graphcache";
import { createClient } from "graphql-sse";
import { type CaseRowFragment, CaseRowFragmentDoc, type CasesChangeSubscription, type SetRiskMutationVariables } from "./generated";

/** The origin of the hub, from the page's meta element or, without one, the origin of the page. */
export const hub = document.querySelector<HTMLMetaElement>("meta[name=hub]")?.content ?? "";

/** The token, the purpose and the language. They stay in memory, because any script can read localStorage. */
export type Caller = { token: string; purpose: string; language: string };

const headers = (caller: Caller): Record<string, string> => ({
  Authorization: `Bearer ${caller.token}`,
  "Accept-Language": caller.language,
  ...(caller.purpose && { "Purpose-Of-Use": caller.purpose }),
});

/** A client for one caller. Each caller has their own, so that no cache shows the data of another caller. */
export function connect(caller: Caller): Client {
  return new Client({
    url: `${hub}/graphql`,
    preferGetMethod: false,
    fetchOptions: () => ({ headers: headers(caller) }),
    exchanges: [
      cacheExchange({
        keys: { Access: () => null, Viewer: () => null, Change: () => null, ChangePage: () => null, RowChange: () => null },
        optimistic: {
          // The list and the page of the case show the new risk at once, and the old one if the hub refuses the change.
          updateCaseFile: (args, cache) => {
            const { input } = args as SetRiskMutationVariables;
            return { __typename: "CaseFilePayload", caseFile: { ...known(cache, input.id), risk: input.risk ?? null } };
          },
        },
        updates: {
          Subscription: {
            // The event names the row. Invalidating it makes the client fetch every query again that shows it.
            changed: (result, _args, cache) => {
              const { id, type, kind } = (result as CasesChangeSubscription).changed;
              cache.invalidate({ __typename: type, id });
              if (kind !== "CHANGED") cache.invalidate("Query", "caseFiles");
            },
          },
        },
      }),
      fetchExchange,
      subscriptionExchange({ forwardSubscription: follow(caller) }),
    ],
  });
}

/** Subscribes over server-sent events, and continues after the last event when the connection was lost. */
const follow = (caller: Caller): SubscriptionForwarder => ({ query = "", variables }) => ({
  subscribe: (sink) => {
    let last = "";
    const resume = () => ({ ...headers(caller), ...(last && { "Last-Event-ID": last }) });
    const events = createClient({ url: `${hub}/graphql`, retryAttempts: Infinity, headers: resume });
    const unsubscribe = events.subscribe<CasesChangeSubscription>({ query, variables }, {
      next: (answer) => {
        last = answer.data?.changed.token ?? last;
        sink.next(answer as ExecutionResult);
      },
      error: (e) => sink.error(e),
      complete: () => sink.complete(),
    });
    return { unsubscribe };
  },
});

function known(cache: Cache, id: string): CaseRowFragment & { __typename: string } {
  const row = cache.readFragment(CaseRowFragmentDoc, { __typename: "CaseFile", id } as never) as CaseRowFragment | null;
  return { ...(row ?? { id, version: 0, code: "", risk: "LOW", stage: "ASSESSMENT" }), __typename: "CaseFile" };
}

/** The current version of the row, from a CONFLICT. With it the same change can be sent again. */
export function versionNow(error: CombinedError | undefined): number | undefined {
  const version = code(error) === "CONFLICT" ? error?.graphQLErrors[0]?.extensions.version : undefined;
  return typeof version === "number" ? version : undefined;
}

/** The code of an error, from a fixed list that is the same in every language. */
export function code(error: CombinedError | undefined): string {
  return error?.networkError ? "OFFLINE" : String(error?.graphQLErrors[0]?.extensions.code ?? "");
}
