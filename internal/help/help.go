// Package help holds the help pages, one for each reader in each language of the hub. They are written in Markdown, and
// shipped in the program as HTML without scripts. Their code blocks are run by tests.
package help

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"rightshub/internal/languages"
)

//go:embed pages
var pageFiles embed.FS

// Readers are the names of the pages, in the order of the menu.
var Readers = []string{"developer", "office", "auditor", "operator", "monitoring"}

// Page is the page of one reader in one language.
type Page struct {
	Language, Reader string
	Title            string
	HTML             string // the whole text with its title, safe to embed in a page
}

// Pages returns all pages, by language and then by reader. The Markdown is rendered once.
var Pages = sync.OnceValues(renderPages)

func renderPages() (pages []Page, err error) {
	markdown := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(
		parser.WithAutoHeadingID(),
		parser.WithASTTransformers(util.Prioritized(linkTransformer{}, 100)),
	))
	for _, language := range languages.All {
		for _, reader := range Readers {
			source, err := pageFiles.ReadFile(fmt.Sprintf("pages/%s/%s.md", language, reader))
			if err != nil {
				return nil, err
			}
			context := parser.NewContext(parser.WithIDs(headingIDs{}))
			var html bytes.Buffer
			if err := markdown.Convert(source, &html, parser.WithContext(context)); err != nil {
				return nil, err
			}
			title, _, _ := strings.Cut(string(source), "\n")
			pages = append(pages, Page{language, reader, strings.TrimPrefix(title, "# "), html.String()})
		}
	}
	return pages, nil
}

// linkTransformer makes the links between the files of a language lead to the pages: office.md becomes office.
type linkTransformer struct{}

// Transform implements parser.ASTTransformer.
func (linkTransformer) Transform(document *ast.Document, _ text.Reader, _ parser.Context) {
	ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, ok := n.(*ast.Link); ok && entering && !bytes.Contains(link.Destination, []byte("://")) {
			file, anchor, hasAnchor := bytes.Cut(link.Destination, []byte("#"))
			link.Destination = bytes.TrimSuffix(file, []byte(".md"))
			if hasAnchor {
				link.Destination = append(append(bytes.Clone(link.Destination), '#'), anchor...)
			}
		}
		return ast.WalkContinue, nil
	})
}

// headingIDs makes the anchors of a page, as GitHub makes those of its file. It implements parser.IDs.
type headingIDs struct{}

// Generate returns the anchor of a heading.
func (headingIDs) Generate(heading []byte, _ ast.NodeKind) []byte {
	return bytes.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, bytes.TrimSpace(heading))
}

// Put does nothing. A test checks that the headings of a page differ.
func (headingIDs) Put([]byte) {}
