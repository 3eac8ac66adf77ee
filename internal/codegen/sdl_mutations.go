package main

import (
	"strings"

	"rightshub/internal/model"
)

func mutationSDL(b *sdl, m *model.Model, e *model.Entity) {
	var ops sdl
	if e.Can(model.Create) {
		inputSDL(b, m, e, true)
		ops.doc("  ", "Makes a row of type "+e.Name+".")
		ops.line(`  create%[1]s("""What to do.""" input: Create%[1]sInput!): %[1]sPayload`, e.Name)
	}
	if e.Can(model.Update) {
		inputSDL(b, m, e, false)
		ops.doc("  ", "Changes the fields that are given; null empties one."+frozenSentence(e))
		ops.line(`  update%[1]s("""What to do.""" input: Update%[1]sInput!): %[1]sPayload`, e.Name)
	}
	if e.Can(model.Delete) {
		ops.doc("  ", "Archives a row: it is in no answer any more."+archivingSentence(e))
		ops.line(`  archive%s("""What to do.""" input: ArchiveInput!): ArchivePayload`, e.Name)
	}
	for _, machine := range e.Machines {
		f := e.Column(machine.Field)
		name := "Transition" + e.Name + upper(f.Name)
		b.doc("", "Which row goes to which state.")
		b.line(`input %sInput {
  """Which row."""
  id: ID!
  """The version that you read; a stale one is a CONFLICT."""
  version: Int!
  """The state to go to."""
  to: %s!
}
`, name, f.EnumName)
		var moves []string
		for _, mv := range machine.Moves {
			moves = append(moves, strings.ToUpper(mv.From)+" to "+strings.ToUpper(mv.To))
		}
		ops.doc("  ", "Moves "+f.Name+" to another state: "+strings.Join(moves, ", ")+".")
		ops.line(`  transition%s%s("""What to do.""" input: %sInput!): %sPayload`, e.Name, upper(f.Name), name, e.Name)
	}
	if ops.Len() == 0 {
		return
	}
	b.doc("", "What a mutation of type "+e.Name+" answers.")
	b.line(`type %[1]sPayload {
  """The row as you may see it now."""
  %[2]s: %[1]s
}
`, e.Name, e.Singular())
	b.line("extend type Mutation {\n%s}", ops.String())
}

// kept returns the sentences of a description that list the states in which a row cannot be archived.
func archivingSentence(e *model.Entity) string {
	out := ""
	for _, m := range e.Machines {
		if len(m.NotArchivedIn) > 0 {
			out += " Not while " + e.Column(m.Field).Name + " is " + strings.ToUpper(strings.Join(m.NotArchivedIn, ", ")) + "."
		}
	}
	return out
}

// fixed returns the sentences of a description that list the states in which an update changes nothing or a few fields.
func frozenSentence(e *model.Entity) string {
	out := ""
	for _, m := range e.Machines {
		if len(m.Fixed) == 0 {
			continue
		}
		out += " While " + e.Column(m.Field).Name + " is " + strings.ToUpper(strings.Join(m.Fixed, ", ")) + ", "
		if len(m.Free) == 0 {
			out += "nothing changes."
			continue
		}
		var free []string
		for _, column := range m.Free {
			free = append(free, e.InputOf(column))
		}
		out += "only " + strings.Join(free, ", ") + " may change."
	}
	return out
}

func inputSDL(b *sdl, m *model.Model, e *model.Entity, creating bool) {
	if creating {
		b.doc("", "A new row of type "+e.Name+".")
		b.line("input Create%sInput {", e.Name)
	} else {
		b.doc("", "Changes to a row of type "+e.Name+". What is not given stays.")
		b.line(`input Update%sInput {
  """Which row."""
  id: ID!
  """The version that you read; a stale one is a CONFLICT."""
  version: Int!`, e.Name)
	}
	for _, f := range e.Fields {
		if !f.Input(e, creating) {
			continue
		}
		typ := outType(m, &f)
		if f.Kind == model.Texts {
			typ = "[LocalizedTextInput!]"
		}
		if creating && !f.Nullable && !f.Default {
			typ += "!"
		}
		doc := f.Doc
		if f.Kind == model.Texts && !creating {
			doc += " Give it in all its languages: one that you leave out is taken away."
		}
		b.doc("  ", doc)
		b.line("  %s: %s", f.Name, typ)
	}
	for _, edge := range e.Edges {
		if !edge.Input(creating) {
			continue
		}
		bang := ""
		if creating && edge.Required {
			bang = "!"
		}
		b.doc("  ", edge.Doc+" Id of "+article(edge.Target)+".")
		b.line("  %s: ID%s", edge.InputName(), bang)
	}
	if !creating {
		b.doc("  ", "Names of fields of this input that replace what you cannot read now. Others of them are INVALID.")
		b.line("  overwriteHidden: [String!]")
	}
	b.line("}\n")
}
