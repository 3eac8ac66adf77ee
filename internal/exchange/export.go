package exchange

import (
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strings"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// ExportOptions say how a file is written.
type ExportOptions struct {
	Language string // of texts whose column names none: en, fr or es
	Hashtags bool   // a row of HXL hashtags stands beneath the header
}

// ExportResult is what an export wrote.
type ExportResult struct {
	Rows            int
	Unrepresentable int // rows that are left out: a file of the kind cannot hold them in its language
	Untranslated    int // texts that are empty, and are there in another language
	NotExportable   int // rows that stay in the hub: the person may read them, and not export them
}

// Export writes a CSV file of a kind, or of a type of the schema by its name: the rows that the person sees and may take
// out of the hub, in the order in which the API lists them, a page at a time. Each page is read by a session of its own, so
// that it shows what the person may when it is read. A file of a kind, imported again, changes nothing.
func Export(ctx context.Context, enter store.AuthenticateFunc, kindName string, to io.Writer, o ExportOptions) (done ExportResult, err error) {
	k, err := exportKind(kindName)
	if err != nil {
		return done, err
	}
	list := pagedList(query.Selection{Entity: inventory.Model.Entity(k.entity)})
	list.Where = k.condition
	cells := selectColumns(&list.Selection, k.columns)
	for edge, where := range k.listConditions {
		restrictLists(&list.Selection, edge, where)
	}
	requestExportRight(&list.Selection)
	ctx = store.WithOperation(ctx, func() string { return "export " + kindName })
	w := csv.NewWriter(to)
	for begun := false; ; begun = true {
		s, err := enter(ctx)
		if err != nil {
			return done, err
		}
		if !s.May(list.Selection.Entity, model.Export) {
			return done, fault.New(fault.Forbidden, "Your roles do not let you take rows of type %s out of the hub: the right to export them is missing. Read them in the hub, or ask an administrator for a role that has the right.", k.entity)
		}
		page, err := s.List(ctx, &list)
		if err != nil {
			return done, err
		}
		if !begun {
			k.writeHeader(w, o)
		}
		for _, r := range page.Rows {
			if !mayExport(&list.Selection, r) {
				done.NotExportable++
				continue
			}
			if err := readWholeLists(ctx, s, &list.Selection, r); err != nil {
				return done, err
			}
			removeWithheld(&list.Selection, r)
			row := cells(o.Language, r)
			if k.lacksKeyColumn(row) {
				done.Unrepresentable++
				continue
			}
			done.Untranslated += countUntranslated(row, cells("en", r), cells("fr", r), cells("es", r))
			for i := range row {
				row[i] = neutralizeFormula(row[i])
			}
			w.Write(row) // its error stays until Error
			done.Rows++
		}
		w.Flush()
		if err := w.Error(); err != nil {
			f := fault.New(fault.Unavailable, "The file cannot be written to its end.")
			f.Cause = err
			return done, f
		}
		if !page.Next {
			return done, nil
		}
		list.After = page.Cursors[len(page.Cursors)-1]
	}
}

// exportKind finds a kind of file, or makes one of a type.
func exportKind(name string) (*fileKind, error) {
	if i := slices.IndexFunc(fileKinds, func(k fileKind) bool { return k.name == name }); i >= 0 {
		return &fileKinds[i], nil
	}
	if e := inventory.Model.Entity(name); e != nil {
		return entityKind(e), nil
	}
	return nil, fault.New(fault.Invalid, "There is no kind %q to export. Known are: %s, and the types of the schema, as CaseFile.", name, strings.Join(Kinds(), ", "))
}

// pagedList asks for rows a page at a time.
func pagedList(ask query.Selection) query.List {
	most := query.MaxPage
	return query.List{Selection: ask, First: &most, Rows: true, Cursors: true}
}

// writeHeader writes the header, and the hashtags where they are wanted.
func (k *fileKind) writeHeader(w *csv.Writer, o ExportOptions) {
	tags := make([]string, len(k.columns))
	for i, c := range k.columns {
		tags[i] = c.hashtag
	}
	w.Write(k.columnNames())
	if o.Hashtags {
		w.Write(tags)
	}
}

// lacksKeyColumn reports whether a row has no cell in a column without which it could not be read back.
func (k *fileKind) lacksKeyColumn(row []string) bool {
	for i, c := range k.columns {
		if row[i] == "" && slices.Contains(k.keyColumns, c.name) {
			return true
		}
	}
	return false
}

// countUntranslated counts the texts that are empty in a row, and not in every language.
func countUntranslated(row []string, spoken ...[]string) (n int) {
	for i := range row {
		if row[i] == "" && slices.ContainsFunc(spoken, func(row []string) bool { return row[i] != "" }) {
			n++
		}
	}
	return n
}

// restrictLists puts a condition on the lists at an edge, wherever the ask follows it.
func restrictLists(ask *query.Selection, edge string, where *query.Predicate) {
	for i := range ask.ToOne {
		restrictLists(&ask.ToOne[i].Selection, edge, where)
	}
	for i := range ask.Lists {
		if ask.Lists[i].Edge.Name == edge {
			ask.Lists[i].List.Where = where
		}
	}
}

// readWholeLists reads on the lists of a row, and of those that it leads to, where they have more than a page.
func readWholeLists(ctx context.Context, s store.Session, ask *query.Selection, r *query.Row) error {
	if r == nil {
		return nil
	}
	for i := range ask.ToOne {
		if err := readWholeLists(ctx, s, &ask.ToOne[i].Selection, r.ToOne[i]); err != nil {
			return err
		}
	}
	for i, l := range ask.Lists {
		for page := r.Lists[i]; page.Next; {
			l.List.After = page.Cursors[len(page.Cursors)-1]
			more, err := s.Get(ctx, &query.Selection{Entity: ask.Entity, Lists: []query.ListSelection{l}}, r.ID)
			if err != nil || more == nil {
				return err
			}
			next := more.Lists[0]
			page.Rows, page.Cursors, page.Next = append(page.Rows, next.Rows...), next.Cursors, next.Next
		}
	}
	return nil
}
