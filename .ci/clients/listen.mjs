// Subscribes with a client of graphql-sse or graphql-ws. After a reconnect it continues from the token of the last
// event.
export const listen = (client, last, onChange, onEnd) =>
  client.subscribe(
    {
      query: "subscription($since: String) { changed(types: [Activity, Child], since: $since) { id type kind token } }",
      variables: { get since() { return last; } }, // read anew each time that the client comes back
    },
    {
      next: ({ data, errors }) => {
        if (data) onChange(data.changed, (last = data.changed.token));
        else onEnd(errors);
      },
      error: onEnd,
      complete: onEnd,
    },
  );
