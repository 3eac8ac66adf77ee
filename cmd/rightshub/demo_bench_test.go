package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"rightshub/internal/demo"
)

// BenchmarkDemo measures `serve --demo`. ready-s is the time from its start until it answers, in seconds. peak-MiB is
// its peak memory after each person of the demonstration has sent five rounds of queries.
func BenchmarkDemo(b *testing.B) {
	program := filepath.Join(b.TempDir(), "rightshub")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	var ready, peak float64
	for b.Loop() {
		took, mib := measureDemo(b, program)
		ready, peak = ready+took.Seconds(), max(peak, mib)
	}
	b.ReportMetric(ready/float64(b.N), "ready-s")
	b.ReportMetric(peak, "peak-MiB")
}

const roundQuery = `{
	interventions(first: 100) {
		totalCount
		nodes {
			id code title
			country { iso2 name }
			partners(first: 5) { nodes { code name } }
			activities { nodes { title } }
		}
	}
	children(first: 100, orderBy: [{field: CREATED_AT}]) {
		totalCount
		nodes { id caseCode ageBand masked intervention { code } }
	}
	caseFiles(first: 100) {
		totalCount
		nodes { code stage risk child { caseCode givenName } }
	}
	countries(first: 100) {
		nodes { iso2 offices { nodes { code interventions { nodes { code } } } } }
	}
}`

// measureDemo runs one demonstration and returns the time until it answers and its peak memory in MiB.
func measureDemo(b *testing.B, program string) (time.Duration, float64) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	env := append(os.Environ(), "TMPDIR="+b.TempDir(), "RIGHTSHUB_DATABASE_URL=")
	serve := exec.Command(program, "serve", "--demo", "--listen", address)
	serve.Env = env
	start := time.Now()
	if err := serve.Start(); err != nil {
		b.Fatal(err)
	}
	defer serve.Wait()
	defer serve.Process.Signal(os.Interrupt)
	for ok := false; !ok; {
		if time.Since(start) > time.Minute {
			b.Fatal("the demonstration does not answer")
		}
		time.Sleep(5 * time.Millisecond)
		r, err := http.Get("http://" + address + "/readyz")
		if err == nil {
			ok = r.StatusCode == http.StatusOK
			r.Body.Close()
		}
	}
	took := time.Since(start)
	for _, p := range demo.People {
		token := exec.Command(program, "token", "--as", p.Email)
		token.Env = env
		text, err := token.Output()
		if err != nil {
			b.Fatal(err)
		}
		for range 5 {
			sendRound(b, address, strings.TrimSpace(string(text)))
		}
	}
	return took, peakMemory(b, serve.Process.Pid)
}

func sendRound(b *testing.B, address, token string) {
	b.Helper()
	body, err := json.Marshal(map[string]string{"query": roundQuery})
	if err != nil {
		b.Fatal(err)
	}
	url := "http://" + address + "/graphql"
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + token}}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		b.Fatal(w.Status)
	}
}

// peakMemory returns the peak resident memory of a process in MiB. It reads VmHWM and works on Linux only.
func peakMemory(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kib) / 1024
}
