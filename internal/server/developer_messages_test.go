package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/server"
	"rightshub/internal/store"
	"rightshub/policies"
)

// misfit is a request that does not fit the schema, with the messages that a signed-in caller gets for it.
type misfit struct {
	document  string
	variables map[string]any
	messages  []string // each with its line and column before it
}

// createActivity and listCountries are valid documents, for variables that are not.
const (
	createActivity = `mutation($input:CreateActivityInput!){createActivity(input:$input){activity{id}}}`
	listCountries  = `query($first:Int,$where:CountryWhere,$order:[CountryOrder!]){
		countries(first:$first,where:$where,orderBy:$order){totalCount}
	}`
)

// misfits has each kind of mistake in a document and in variables.
var misfits = []misfit{
	// Fields.
	{`{interventions{nodes{titles}}}`, nil, []string{
		`1:22 Cannot query field "titles" on type "Intervention". Did you mean "title"?`,
	}},
	{"{\n  interventions {\n    nodes { zzzzzz }\n  }\n}", nil, []string{
		`3:13 Cannot query field "zzzzzz" on type "Intervention".`,
	}},
	{`{node(id:"x"){iso2}}`, nil, []string{
		`1:15 Cannot query field "iso2" on type "Node". Did you mean to use an inline fragment on "Country"?`,
	}},
	{`{interventions{nodes}}`, nil, []string{
		`1:16 Field "nodes" of type "[Intervention!]!" must have a selection of subfields. ` +
			`Did you mean "nodes { ... }"?`,
	}},
	{`{viewer{purpose{x}}}`, nil, []string{
		`1:17 Cannot query field "x" on type "String".`,
		`1:9 Field "purpose" must not have a selection since type "String" has no subfields.`,
	}},
	{`{a:viewer{purpose} a:countries{totalCount}}`, nil, []string{
		`1:2 1:20 Fields "a" conflict because "viewer" and "countries" are different fields. ` +
			`Use different aliases on the fields to fetch both if this was intentional.`,
	}},
	{`{countries(first:1){totalCount} countries(first:2){totalCount}}`, nil, []string{
		`1:2 1:33 Fields "countries" conflict because they have differing arguments. ` +
			`Use different aliases on the fields to fetch both if this was intentional.`,
	}},
	{`{countries{a:totalCount a:pageInfo{hasNextPage}}}`, nil, []string{
		`1:12 1:25 Fields "a" conflict because they return conflicting types "Int!" and "PageInfo!". ` +
			`Use different aliases on the fields to fetch both if this was intentional.`,
	}},

	// Arguments and input fields.
	{`{interventions(frist:1){totalCount}}`, nil, []string{
		`1:2 Unknown argument "frist" on field "Query.interventions". Did you mean "first" or "last"?`,
	}},
	{`{__typename(x:1)}`, nil, []string{
		`1:2 Unknown argument "x" on field "Query.__typename".`,
	}},
	{`{intervention{id}}`, nil, []string{
		`1:2 Field "intervention" argument "id" of type "ID!" is required, but it was not provided.`,
	}},
	{`{countries(first:1,first:2){totalCount}}`, nil, []string{
		`1:20 There can be only one argument named "first".`,
	}},
	{`{interventions(where:{titel:{eq:"x"}}){totalCount}}`, nil, []string{
		`1:23 Field "titel" is not defined by type "InterventionWhere". Did you mean "title"?`,
	}},
	{`{countries(orderBy:{}){totalCount}}`, nil, []string{
		`1:20 Field "CountryOrder.field" of required type "CountryOrderField!" was not provided.`,
	}},

	// Values.
	{`{countries(first:"canary"){totalCount}}`, nil, []string{
		`1:19 Int cannot represent non-integer value, found a String.`,
	}},
	{`{countries(where:{iso2:{eq:true}}){totalCount}}`, nil, []string{
		`1:28 String cannot represent a non string value, found a Boolean.`,
	}},
	{`{countries(where:{iso2:{eq:canary}}){totalCount}}`, nil, []string{
		`1:28 String cannot represent a non string value, found an enum value.`,
	}},
	{`{countries(where:[3]){totalCount}}`, nil, []string{
		`1:18 Expected value of type "CountryWhere", found a list.`,
	}},
	{`{countries(orderBy:{field:null}){totalCount}}`, nil, []string{
		`1:27 Expected value of type "CountryOrderField!", found null.`,
	}},
	{`{interventions(where:{status:{eq:CLOSD}}){totalCount}}`, nil, []string{
		`1:34 Value "CLOSD" does not exist in "InterventionStatus" enum. Did you mean the enum value "CLOSED"?`,
	}},
	{`{interventions(where:{status:{eq:"CLOSD"}}){totalCount}}`, nil, []string{
		`1:35 Enum "InterventionStatus" cannot represent non-enum value, found a String. ` +
			`Did you mean the enum value "CLOSED"?`,
	}},

	// Types, fragments, directives and operations.
	{`query($n:Itn){countries(first:$n){totalCount}}`, nil, []string{
		`1:7 Unknown type "Itn". Did you mean "ID" or "Int"?`,
		`1:31 Variable "$n" of type "Itn" used in position expecting type "Int".`,
	}},
	{`{viewer{...f}} fragment f on Viewr{purpose}`, nil, []string{
		`1:16 Unknown type "Viewr". Did you mean "Viewer" or "User"?`,
	}},
	{`{viewer{...f}}`, nil, []string{
		`1:12 Unknown fragment "f".`,
	}},
	{`{viewer{...on Country{id}}}`, nil, []string{
		`1:12 Fragment cannot be spread here as objects of type "Viewer" can never be of type "Country".`,
	}},
	{`{viewer{purpose @skp(if:true)}}`, nil, []string{
		`1:18 Unknown directive "@skp". Did you mean "@skip"?`,
	}},
	{`{viewer{purpose @skip(iff:true)}}`, nil, []string{
		`1:18 Unknown argument "iff" on directive "@skip". Did you mean "if"?`,
		`1:18 Directive "@skip" argument "if" of type "Boolean!" is required, but it was not provided.`,
	}},
	{`{viewer{purpose(x:$y)}}`, nil, []string{
		`1:19 Variable "$y" is not defined.`,
		`1:9 Unknown argument "x" on field "Viewer.purpose".`,
	}},
	{`query($a:Int){viewer{purpose}}`, nil, []string{
		`1:7 Variable "$a" is never used.`,
	}},
	{`query($n:String){countries(first:$n){totalCount}}`, nil, []string{
		`1:34 Variable "$n" of type "String" used in position expecting type "Int".`,
	}},

	// Variables.
	{createActivity, nil, []string{
		`1:10 Variable "$input" of required type "CreateActivityInput!" was not provided.`,
	}},
	{createActivity, map[string]any{"input": nil}, []string{
		`1:10 Variable "$input" of non-null type "CreateActivityInput!" must not be null.`,
	}},
	{createActivity, map[string]any{"input": map[string]any{"titel": "canary", "kind": "TRAININ"}}, []string{
		`1:10 Variable "$input" got a String at "variable.input.kind" that does not exist in "ActivityKind" enum. ` +
			`Did you mean the enum value "TRAINING"?`,
		`1:10 Variable "$input" got an unknown field at "variable.input.titel". ` +
			`Field "titel" is not defined by type "CreateActivityInput". Did you mean "title" or "notes"?`,
		`1:10 Variable "$input" got no value at "variable.input.title". ` +
			`Field "CreateActivityInput.title" of required type "[LocalizedTextInput!]!" was not provided.`,
		`1:10 Variable "$input" got no value at "variable.input.interventionId". ` +
			`Field "CreateActivityInput.interventionId" of required type "ID!" was not provided.`,
	}},
	{listCountries, map[string]any{"first": "canary"}, []string{
		`1:7 Variable "$first" got a String; expected Int.`,
	}},
	{listCountries, map[string]any{"first": 1.5}, []string{
		`1:7 Variable "$first" got a Float; expected Int.`,
	}},
	{listCountries, map[string]any{"first": "2"}, []string{
		`1:7 Variable "$first" got a String; expected Int.`,
	}},
	{listCountries, map[string]any{"first": json.Number("2147483648")}, []string{
		`1:7 Variable "$first" got an Int of more than 32 bits; expected Int.`,
	}},
	{listCountries, map[string]any{"where": map[string]any{"iso2": map[string]any{"in": []any{"BF", 5}}}}, []string{
		`1:18 Variable "$where" got an Int at "variable.where.iso2.in[1]"; expected String!.`,
	}},
	{`{countries(first:2147483648){totalCount}}`, nil, []string{
		`1:18 Int cannot represent non 32-bit signed integer value, found an Int.`,
	}},
	{`{countries(first:{}){totalCount}}`, nil, []string{
		`1:18 Expected value of type "Int", found an object.`,
	}},
	{listCountries, map[string]any{"first": json.Number("99999999999999999999")}, []string{
		`1:7 Variable "$first" got an Int of more than 64 bits; expected Int.`,
	}},
	{listCountries, map[string]any{"first": []any{"canary"}, "where": true}, []string{
		`1:7 Variable "$first" got a list; expected Int.`,
		`1:18 Variable "$where" got a Boolean; expected CountryWhere.`,
	}},
	{listCountries, map[string]any{"where": map[string]any{"canary of Maria": 1}}, []string{
		`1:18 Variable "$where" got a field whose name type "CountryWhere" does not define.`,
	}},
	{
		listCountries,
		map[string]any{"where": map[string]any{"and": []any{
			map[string]any{"presence": nil},
			map[string]any{"iso2": map[string]any{"eqq": "canary"}},
		}}},
		[]string{
			`1:18 Variable "$where" got an unknown field at "variable.where.and[1].iso2.eqq". ` +
				`Field "eqq" is not defined by type "StringFilter". Did you mean "eq" or "neq"?`,
		},
	},
	{listCountries, map[string]any{"order": []any{map[string]any{"field": nil}, map[string]any{}}}, []string{
		`1:38 Variable "$order" got null at "variable.order[0].field"; expected CountryOrderField!.`,
		`1:38 Variable "$order" got no value at "variable.order[1].field". ` +
			`Field "CountryOrder.field" of required type "CountryOrderField!" was not provided.`,
	}},
	{listCountries, map[string]any{"order": map[string]any{"field": "ISO"}}, []string{
		`1:38 Variable "$order" got a String at "variable.order.field" that does not exist in ` +
			`"CountryOrderField" enum. Did you mean the enum value "ISO2" or "ISO3"?`,
	}},
}

// TestDeveloperMessages checks the messages of each kind of mistake where introspection is on. They are the same for
// all signed-in callers, whatever the role and the language. A caller who is not signed in gets the constant answer.
func TestDeveloperMessages(t *testing.T) {
	api := newAPIWithPublic(t)
	coordinator, volunteer := api.As("coordinator.bf@demo", ""), api.As("volunteer@demo", "")
	public := api.As("volunteer@demo", "")
	delete(public.Headers, "Authorization")
	for _, m := range misfits {
		a := coordinator.Ask(m.document, m.variables)
		if got, want := formatErrors(t, a), strings.Join(m.messages, "\n"); got != want {
			t.Errorf("%s %v\ngot\n%s\nwant\n%s", m.document, m.variables, got, want)
		}
		if a.Code() != "INVALID" || a.Data != nil {
			t.Errorf("%s %v: %s", m.document, m.variables, a.Body)
		}
		if strings.Contains(a.Body+api.Log.String(), "canary") {
			t.Errorf("%s %v repeats a value: %s", m.document, m.variables, a.Body)
		}
		if other := volunteer.Ask(m.document, m.variables); other.Body != a.Body {
			t.Errorf("%s %v: a volunteer gets %s\na coordinator %s", m.document, m.variables, other.Body, a.Body)
		}
		if other := public.Ask(m.document, m.variables); other.Body != mismatchAnswer {
			t.Errorf("%s %v: the public gets %s", m.document, m.variables, other.Body)
		}
	}
}

// mismatchAnswer is the constant answer to everything that does not fit a schema that must not be disclosed.
const mismatchAnswer = `{"errors":[{"message":"The document or its variables do not fit the schema of this hub, ` +
	`which it does not tell.","extensions":{"code":"INVALID"}}]}` + "\n"

// TestNoDeveloperMessagesWithoutIntrospection checks that nobody gets the messages where introspection is off.
func TestNoDeveloperMessagesWithoutIntrospection(t *testing.T) {
	api := newAPIWithPublic(t, func(o *server.Options) { o.NoIntrospection = true })
	volunteer, public := api.As("volunteer@demo", ""), api.As("volunteer@demo", "")
	delete(public.Headers, "Authorization")
	for _, m := range misfits {
		for name, caller := range map[string]*apitest.Caller{"a volunteer": volunteer, "the public": public} {
			if a := caller.Ask(m.document, m.variables); a.Body != mismatchAnswer {
				t.Errorf("%s %v: %s gets %s", m.document, m.variables, name, a.Body)
			}
		}
	}
}

// TestFieldReasonsAreTranslated checks that a refused field of a variable has a reason in the language of the request,
// for the people who filled in a form.
func TestFieldReasonsAreTranslated(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	caller := api.As("coordinator.bf@demo", "")
	caller.Headers["Accept-Language"] = "fr"
	a := caller.Ask(createActivity, map[string]any{"input": map[string]any{
		"kind": "canary", "interventionId": true, "titel": 1,
	}})
	got := map[string]string{}
	for _, e := range a.Errors {
		for _, f := range e.Extensions.Fields {
			got[f.Field], _, _ = strings.Cut(f.Reason, " TRAINING")
		}
	}
	want := map[string]string{
		"kind":           "doit être l'un de:",
		"interventionId": "doit être du type ID!.",
		"titel":          "n'existe pas dans le type CreateActivityInput.",
		"title":          "est obligatoire.",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestManyMistakes checks that an answer lists ten mistakes at most, and stays small when the names are long.
func TestManyMistakes(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	caller := api.As("volunteer@demo", "")
	long := strings.Repeat("a", 100_000)
	wrong := map[string]any{long: 1}
	for i := range 50 {
		wrong[fmt.Sprintf("iso2_%d_%s", i, long[:1000])] = "canary"
	}
	for _, m := range []misfit{
		{document: "{" + strings.Repeat(" "+long, 8) + " aa bb cc}"},
		{document: "{countries(where:{" + strings.Repeat(long[:2000]+":1 ", 40) + "}){totalCount}}"},
		{document: "query($x:" + strings.Repeat("[", 900) + "Int" + strings.Repeat("]", 900) + "){" +
			"countries(first:$x){nodes{id}}}"},
		{listCountries, map[string]any{"where": wrong}, nil},
	} {
		a := caller.Ask(m.document, m.variables)
		if len(a.Errors) == 0 || len(a.Errors) > 10 || len(a.Body) > 16<<10 {
			t.Errorf("%.100s: %d errors in %d bytes: %.2000s", m.document, len(a.Errors), len(a.Body), a.Body)
		}
	}
}

// formatErrors returns one line for each error, with its locations before its message.
func formatErrors(t *testing.T, a *apitest.Answer) string {
	t.Helper()
	var answer struct {
		Errors []struct {
			Message   string
			Locations []struct{ Line, Column int }
		}
	}
	if err := json.Unmarshal([]byte(a.Body), &answer); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range answer.Errors {
		line := ""
		for _, at := range e.Locations {
			line += fmt.Sprintf("%d:%d ", at.Line, at.Column)
		}
		lines = append(lines, line+e.Message)
	}
	return strings.Join(lines, "\n")
}

// newAPIWithPublic starts a hub that lets callers in without a token.
func newAPIWithPublic(t *testing.T, change ...func(*server.Options)) *apitest.API {
	t.Helper()
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	var api *apitest.API
	admitPublic := func(o *server.Options) {
		openSession := o.OpenSession
		o.OpenSession = func(ctx context.Context, c store.Credentials) (store.Session, error) {
			if c.Authorization == "" {
				return api.Hub.Session(policy.View(access.PublicSubject(time.Now())), c.Languages), nil
			}
			return openSession(ctx, c)
		}
	}
	api = apitest.New(t, apitest.Demo.SQLite(t), append(change, admitPublic)...)
	return api
}
