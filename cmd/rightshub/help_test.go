package main

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"rightshub/internal/help"
	"rightshub/internal/languages"
)

var (
	linkAddress  = regexp.MustCompile(`href="([^"]*)"`)
	pageLanguage = regexp.MustCompile(`<html lang="(\w+)">`)
)

// followHelpLinks requests the help pages of a hub in each language, and every page of the hub that they link to. Each
// must answer in its own language, and have the heading that the link names. Its usage is `follows-help ADDRESS`.
func followHelpLinks(ts *testscript.TestScript, neg bool, args []string) {
	base, err := url.Parse("http://" + args[0])
	ts.Check(err)
	pages := map[string]string{} // the text of each page by its path
	links := []string{"/help"}
	for _, language := range languages.All {
		for _, reader := range slices.Concat(help.Readers, []string{"", "errors"}) {
			links = append(links, "/help/"+language+"/"+reader)
		}
	}
	for i := 0; i < len(links); i++ { // links grows
		link, err := base.Parse(links[i])
		ts.Check(err)
		if link.Host != base.Host {
			continue // of another host
		}
		path, asked := link.RequestURI(), false
		if _, asked = pages[path]; !asked {
			pages[path] = requestHelpPage(ts, base, path)
			for _, match := range linkAddress.FindAllStringSubmatch(pages[path], -1) {
				target, err := link.Parse(match[1])
				ts.Check(err)
				links = append(links, target.String())
			}
		}
		if link.Fragment != "" && !strings.Contains(pages[path], `id="`+link.Fragment+`"`) {
			ts.Fatalf("%s has no heading %q", path, link.Fragment)
		}
	}
	if got := len(pages); got < len(languages.All)*(len(help.Readers)+2)+2 { // with /help and the style
		ts.Fatalf("only %d pages were found", got)
	}
}

// requestHelpPage returns the text of a page, after checks of its status, language and security policy.
func requestHelpPage(ts *testscript.TestScript, base *url.URL, path string) string {
	response, err := http.Get(base.JoinPath().String() + strings.TrimPrefix(path, "/"))
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	text, header := string(body), response.Header
	if response.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", path, response.Status)
	}
	if !strings.HasPrefix(header.Get("Content-Type"), "text/html") {
		return text
	}
	language := "en" // of a path that names none
	if parts := strings.Split(path, "/"); len(parts) > 3 {
		language = parts[2]
	}
	policy := header.Get("Content-Security-Policy")
	if found := pageLanguage.FindStringSubmatch(text); found == nil || found[1] != language ||
		header.Get("Content-Language") != language {
		ts.Fatalf("%s is in the language %q by its header and %q by its text, want %s", path,
			header.Get("Content-Language"), found, language)
	}
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src") {
		ts.Fatalf("%s has the policy %q, which allows scripts", path, policy)
	}
	if len(body) > 32<<10 {
		ts.Fatalf("%s has %d bytes", path, len(body))
	}
	return text
}
