package main

import (
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rightshub/internal/listening"
)

var (
	metricOfPage   = regexp.MustCompile("`((?:rightshub|go|process)_[a-z_]*\\*?)`")
	metricOfAnswer = regexp.MustCompile(`(?m)^# TYPE (\w+) `)
	itemOfPage     = regexp.MustCompile(`(?m)^- (?:.+\n)(?:  .+\n)*`)
	wordOfLimit    = "**Act**"
	unlimitedItem  = regexp.MustCompile("^- `go_\\*` and `process_\\*`")
)

// readMetrics returns the names of the metrics of a hub after a request and a refused token, which have metrics of
// their own.
func readMetrics(t *testing.T) (names []string) {
	t.Helper()
	folder := t.TempDir()
	client := map[string]http.Client{}
	for _, name := range []string{"public", "metrics"} {
		address, err := listening.Parse("", "unix:"+filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{DialContext: address.Dial, DisableKeepAlives: true}
		client[name] = http.Client{Transport: transport}
	}
	_, end := startHub(t, "--public", "--listen", "unix:"+filepath.Join(folder, "public"),
		"--metrics-listen", "unix:"+filepath.Join(folder, "metrics"))
	defer end()
	ask := func(name, authorization, path, body string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", "http://localhost"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body == "" {
			r.Method = "GET"
		}
		r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {authorization}}
		c := client[name]
		response, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, authorization := range []string{"", "Bearer nonsense"} {
		ask("public", authorization, "/graphql", `{"query":"{countries{totalCount}}"}`)
	}
	for _, match := range metricOfAnswer.FindAllStringSubmatch(ask("metrics", "", "/metrics", ""), -1) {
		names = append(names, match[1])
	}
	return names
}

// TestMetricsAreExplained checks that the help page for operators explains each metric of a hub, and no other, and that
// it says when to act.
func TestMetricsAreExplained(t *testing.T) {
	page, err := os.ReadFile("../../internal/help/pages/en/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Metrics\n")
	section, _, _ = strings.Cut(section, "\n## Log\n")
	var explained []string
	for _, item := range itemOfPage.FindAllString(section, -1) {
		for _, match := range metricOfPage.FindAllStringSubmatch(item, -1) {
			explained = append(explained, match[1])
		}
		if !strings.Contains(item, wordOfLimit) && !unlimitedItem.MatchString(item) {
			t.Errorf("the page does not say when to act: %s", item)
		}
	}
	metrics := readMetrics(t)
	matches := func(pattern, name string) bool { ok, _ := path.Match(pattern, name); return ok }
	for _, name := range metrics {
		if !slices.ContainsFunc(explained, func(pattern string) bool { return matches(pattern, name) }) {
			t.Errorf("monitoring.md does not explain the metric %s: say what it means, what is normal, and when to act", name)
		}
	}
	for _, pattern := range explained {
		if !slices.ContainsFunc(metrics, func(name string) bool { return matches(pattern, name) }) {
			t.Errorf("monitoring.md explains the metric %s, which the hub does not have", pattern)
		}
	}
	if len(metrics) < 40 {
		t.Errorf("only %d metrics were found: %q", len(metrics), metrics)
	}
}
