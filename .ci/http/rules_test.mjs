// Tests the rules on a small schema. Each rule must refuse a change that the changelog does not state, and accept one
// that it states.
import assert from "node:assert";
import { check, release } from "./rules.mjs";

const announced = `
directive @class(level: ClassLevel!, identifies: Identifiability!) on FIELD_DEFINITION
enum ClassLevel { C1 C2 C3 }
enum Identifiability { NONE QUASI DIRECT }
type Query { child(id: ID): Child }
type Child {
  name: String @class(level: C3, identifies: DIRECT)
  age: Int @class(level: C2, identifies: QUASI)
  old: Int @deprecated(reason: "Use age. It may go from 2020-01-01.") @class(level: C1, identifies: NONE)
}
interface Row { id: ID }
type Case implements Row { id: ID }
union Found = Child | Case
input CaseWhere { code: StringFilter }
input StringFilter { eq: String }
input CodeFilter { eq: String }`;
const today = "2030-05-01";

// Each case holds the text to replace in the schema, its replacement, the section Unreleased of the changelog, and the
// expected problem, if any.
const name = "  name: String @class(level: C3, identifies: DIRECT)\n", age = "age: Int ";
const cases = {
  "nothing": ["", "", ""],
  "a field is removed": [name, "", "", /`Child.name` is removed/],
  "a field is removed, of which the changelog says something else": [name, "", "- `Child.name`: a partner sees it. `Child.age` is removed.", /Child.name/],
  "a field is removed, of which an older release said so": [name, "", "- None.\n\n## 2029-01-01\n\n- `Child.name` is removed.", /Child.name/],
  "a field is removed, and it is said": [name, "", "- `Child.other`\n  and `Child.name` are\n  removed: ask for another."],
  "a field has another name, and it is said": [name, name.replace("name", "called"), "- `Child.name` is `called`."],
  "a field is removed, of which it is said what it is": [name, "", "- `Child.name` is `null` to partners.", /Child.name/],
  "a type is another, which is not said": [age, "age: String ", "- `Child.age` is removed.", /is of `String`/],
  "a type is another, and it is said": [age, "age: [String!] ", "- `Child.age` is of type `[String!]`."],
  "the same, by the type's name": [age, "age: [String!] ", "- `Child.age` is now and then asked. `Child.age` is of the scalar `String`."],
  "a filter is another, by what it filters": ["code: StringFilter", "code: CodeFilter", "- `CaseWhere.code` is of the scalar `Code`."],
  "a type is no longer in a union": ["Child | Case", "Child", "- `Found` is removed.", /`Found` is without `Case`/],
  "a type is no longer in an interface, and it is said": [" implements Row", "", "- `Case` is without `Row`."],
  "an argument is wanted": ["child(id: ID)", "child(id: ID!)", "- `Query.child` is new.", /Query.child.id/],
  "an argument is wanted, and it is said": ["child(id: ID)", "child(id: ID!)", "- `Query.child.id` is of `ID!`."],
  "a class identifies less": ["DIRECT)", "NONE)", "", /`Child.name` is C3 NONE/],
  "a class has a lower level": ["level: C2", "level: C1", "- `Child.age` is C2 QUASI.", /`Child.age` is C1 QUASI/],
  "a class has a higher level": ["level: C2", "level: C3", "", /`Child.age` is C3 QUASI/],
  "a class is gone": [age + "@class(level: C2, identifies: QUASI)", age, "", /Child.age/],
  "a class is another, and it is said": ["DIRECT)", "NONE)", "- `Child.name` is C3 NONE."],
  "a deprecation without a reason": [age, age + "@deprecated ", "", /names no day: Child.age/],
  "a deprecation of an argument without a reason": ["id: ID", "id: ID @deprecated", "", /names no day: Query.child.id/],
  "a deprecation without a day": [age, age + '@deprecated(reason: "Use name.") ', "", /names no day: Child.age/],
  "a deprecation with a day that is none": [age, age + '@deprecated(reason: "It may go from 2031-13-01.") ', "", /names no day/],
  "a deprecation with a day that has passed": [age, age + '@deprecated(reason: "It may go from 2030-04-30.") ', "", /less than six months/],
  "a deprecation with a day that is too near": [age, age + '@deprecated(reason: "It may go from 2030-10-31.") ', "", /less than six months/],
  "a deprecation with six months": [age, age + '@deprecated(reason: "It may go from 2030-11-01.") ', ""],
  "a deprecation whose day is brought forward": ["2020-01-01", "2019-01-01", "", /less than six months/],
};

export async function test() {
  for (const [what, [from, to, said, refused]] of Object.entries(cases)) {
    assert.ok(announced.includes(from), what);
    const { wrong } = await check(announced, announced.replace(from, to), `# Changes\n\n## Unreleased\n\n${said}\n`, today);
    assert.equal(wrong.length, refused ? 1 : 0, `${what}: ${wrong.join()}`);
    if (refused) assert.match(wrong[0], refused, what);
  }
  const { wrong } = await check(announced, announced.replace(name, ""), release("## Unreleased\n\n- `Child.name` is removed.\n", today), today);
  assert.equal(wrong.length, 1, "what a release has announced is not said of the next");
}
