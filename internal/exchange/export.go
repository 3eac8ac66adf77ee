package exchange

import (
	"context"
	"io"
	"slices"
	"strings"

	"rightshub/internal/fault"
	"rightshub/internal/languages"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/record"
	"rightshub/internal/store"
)

// ExportOptions say how a file is written.
type ExportOptions struct {
	Language string // of texts in columns that name no language: en, fr or es
	Hashtags bool   // write a row of HXL hashtags beneath the header
	Format   string // one of Formats; "" means the first
	Excel    bool   // write CSV for French and Spanish Excel in place of the format
}

// ExportResult counts what an export wrote and left out.
type ExportResult struct {
	Rows            int // rows of the file
	Unrepresentable int // rows left out because a file of this kind cannot hold them in its language
	Untranslated    int // cells left empty because the text exists only in another language
	NotExportable   int // rows left out because the person may read them but not export them
}

// Export writes a file of a kind, or of an entity of the schema by its name. It holds the rows that the person
// may read and export, in the order in which the API lists them. Without the export right on the entity it returns
// fault.Forbidden and writes nothing. Export opens a new session for each page, so that each page follows the rights
// of the person at the moment when it is read. Importing a file of a kind again changes nothing.
func Export(
	ctx context.Context, m *model.Model, enter store.AuthenticateFunc, kindName string, to io.Writer, o ExportOptions,
) (done ExportResult, err error) {
	k, err := exportKind(m, kindName)
	if err != nil {
		return done, err
	}
	list := pagedList(query.Selection{Entity: m.Entity(k.entity)})
	if k.condition != nil {
		list.Where = k.condition(conditions{m})
	}
	cells := selectColumns(m, &list.Selection, k.columns)
	for edge, where := range k.listConditions {
		restrictLists(&list.Selection, edge, where(conditions{m}))
	}
	requestExportRight(&list.Selection)
	ctx = record.WithOperation(ctx, func() string { return "export " + kindName })
	w := newRowWriter(o, to)
	for headerWritten := false; ; headerWritten = true {
		s, err := enter(ctx)
		if err != nil {
			return done, err
		}
		if !s.May(list.Selection.Entity, model.Export) {
			return done, fault.New(fault.Forbidden,
				"You do not have the right to export rows of type %s. Ask an administrator for a role that has it.",
				k.entity)
		}
		page, err := s.List(ctx, &list)
		if err != nil {
			return done, err
		}
		if !headerWritten {
			k.writeHeader(w, o)
		}
		for _, r := range page.Rows {
			if !mayExport(&list.Selection, r) {
				done.NotExportable++
				continue
			}
			switch whole, err := readWholeLists(ctx, s, &list.Selection, r); {
			case err != nil:
				return done, err
			case !whole:
				continue
			}
			removeWithheld(&list.Selection, r)
			row := cells(o.Language, r)
			if k.lacksKeyColumn(row) {
				done.Unrepresentable++
				continue
			}
			var inAllLanguages [languages.Count][]string
			for i, language := range languages.All {
				inAllLanguages[i] = cells(language, r)
			}
			done.Untranslated += countUntranslated(row, inAllLanguages)
			if o.Excel {
				k.writeDecimalCommas(row)
			}
			w.WriteRow(row)
			done.Rows++
		}
		if err := w.Flush(); err != nil {
			f := fault.New(fault.Unavailable,
				"The file could not be written completely. Check the free space of the disk.")
			f.Cause = err
			return done, f
		}
		if !page.Next {
			return done, nil
		}
		list.After = page.EndCursor()
	}
}

// exportKind returns the kind of that name, or the kind for the entity of that name.
func exportKind(m *model.Model, name string) (*fileKind, error) {
	if i := slices.IndexFunc(fileKinds, func(k fileKind) bool { return k.name == name }); i >= 0 {
		return &fileKinds[i], nil
	}
	if e := m.Entity(name); e != nil {
		return entityKind(m, e), nil
	}
	return nil, fault.New(fault.Invalid,
		"There is no kind of file %q to export. The kinds are %s, and the types of the schema such as CaseFile.",
		name, strings.Join(Kinds(), ", "))
}

// pagedList returns a list that reads the largest page at a time, with the cursors for the next page.
func pagedList(selection query.Selection) query.List {
	most := query.MaxPage
	return query.List{Selection: selection, First: &most, Rows: true, Cursors: true}
}

// writeHeader writes the header, and the row of hashtags when the options ask for it.
func (k *fileKind) writeHeader(w rowWriter, o ExportOptions) {
	var tags []string
	if o.Hashtags {
		for _, c := range k.columns {
			tags = append(tags, c.hashtag)
		}
	}
	w.WriteHeader(k.columnNames(), tags)
}

// lacksKeyColumn reports whether a key column of the row is empty, so that an import could not read the row back.
func (k *fileKind) lacksKeyColumn(row []string) bool {
	for i, c := range k.columns {
		if row[i] == "" && slices.Contains(k.keyColumns, c.name) {
			return true
		}
	}
	return false
}

// countUntranslated counts the empty cells of a row that are not empty in the same row in another language.
func countUntranslated(row []string, translated [languages.Count][]string) (n int) {
	for i := range row {
		if row[i] == "" && slices.ContainsFunc(translated[:], func(row []string) bool { return row[i] != "" }) {
			n++
		}
	}
	return n
}

// restrictLists puts a condition on each list of the selection at the edge of that name, also behind to-one edges.
func restrictLists(selection *query.Selection, edge string, where *query.Predicate) {
	for i := range selection.ToOne {
		restrictLists(&selection.ToOne[i].Selection, edge, where)
	}
	for i := range selection.Lists {
		if selection.Lists[i].Edge.Name == edge {
			selection.Lists[i].List.Where = where
		}
	}
}

// readWholeLists reads the remaining pages of the lists of a row, and of the rows behind its to-one edges. It returns
// false when the row has left the view meanwhile, so that its lists are not whole. A row behind an edge that has left
// the view is removed.
func readWholeLists(ctx context.Context, s store.Session, selection *query.Selection, r *query.Row) (bool, error) {
	for i := range selection.ToOne {
		if r.ToOne[i] == nil {
			continue
		}
		switch whole, err := readWholeLists(ctx, s, &selection.ToOne[i].Selection, r.ToOne[i]); {
		case err != nil:
			return false, err
		case !whole:
			r.ToOne[i] = nil
		}
	}
	for i, l := range selection.Lists {
		for page := r.Lists[i]; page.Next; {
			l.List.After = page.EndCursor()
			more, err := s.Get(ctx, &query.Selection{Entity: selection.Entity, Lists: []query.ListSelection{l}}, r.ID)
			if err != nil || more == nil {
				return false, err
			}
			next := more.Lists[0]
			page.Rows, page.Cursors, page.Next = append(page.Rows, next.Rows...), next.Cursors, next.Next
		}
	}
	return true, nil
}
