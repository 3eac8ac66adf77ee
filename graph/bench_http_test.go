package graph_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/database"
)

const (
	loadConnections = 16 // parallel connections of the load
	loadRounds      = 20 // the hub and the hand-written server take turns this often
)

// BenchmarkHTTP measures the six operations through the whole stack (HTTP, sign-in, limits, compression off). It
// reports requests per second, the 50th, 95th and 99th percentile of the time, and the processor time of a request in
// the hub and in the database. The metric "ratio" is the requests per second divided by those of hand-written SQL
// behind net/http, and for "one statement" by those of a server that sends one statement's JSON. This process sends the
// load, so its processor time is in all. "memory" sends the same load to a hub in its own process, and reports the peak
// memory of that process as "peak-MiB".
func BenchmarkHTTP(b *testing.B) {
	api, who, db := newLargeWorld(b)
	manager := api.As("manager@demo", "")
	first := manager.Ask(`{
		interventions(where: {code: {eq: "L-1"}}) { nodes { id } }
		sub: interventions(where: {code: {eq: "BF-SGBV-2021"}}) { nodes { id } }
		countries(where: {iso2: {eq: "BF"}}) { nodes { id } }
	}`, nil).RequireOK()
	h := &handWrittenSQL{db: db.SQL(), b: b}
	h.scan("SELECT id FROM countries WHERE iso2 = 'BF'", &h.country)
	h.scan("SELECT id FROM interventions WHERE code = 'BF-SGBV-2021'", &h.oneWithActivities)
	h.scan("SELECT id FROM interventions WHERE code = 'L-1'", &h.oneByID)
	hub := httptest.NewServer(api.Handler)
	defer hub.Close()
	server := postgresServer(b, db)
	var made atomic.Int64
	var senders []func(url string, n int) // each sends one operation n times
	for _, op := range []struct {
		name  string
		who   *apitest.Caller
		n     int
		rival handWrittenQuery
	}{
		{"a", manager, 20, h.interventionsOfCountry},
		{"b", who, 20, h.interventionWithActivities},
		{"c", who, 50, h.childrenOfCountry},
		{"d", manager, 20, h.countriesWithOffices},
		{"e", manager, 0, h.createIntervention},
		{"f", manager, 0, h.interventionByID},
	} {
		byHand := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text, err := op.rival(r.Context())
			if err != nil {
				http.Error(w, "failed", http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Write(text)
		}))
		body := func() []byte {
			vars := map[string]any{"n": op.n, "id": first.Text("interventions.nodes.0.id")}
			if op.name == "b" {
				vars["id"] = first.Text("sub.nodes.0.id")
			}
			if op.name == "e" {
				vars["code"] = fmt.Sprintf("W-%d-%d", time.Now().UnixNano(), made.Add(1))
				vars["country"] = first.Text("countries.nodes.0.id")
			}
			text, err := json.Marshal(map[string]any{"query": benchmarkOperations[op.name].document, "variables": vars})
			if err != nil {
				b.Error(err)
			}
			return text
		}
		senders = append(senders, func(url string, n int) { sendLoad(b, url, op.who.Headers, body, n) })
		b.Run(op.name, func(b *testing.B) {
			n := max(b.N, 200)
			sendLoad(b, hub.URL+"/graphql", op.who.Headers, body, 100)
			sendLoad(b, byHand.URL, nil, body, 100)
			b.ResetTimer()
			var hubTime, handTime, hubCPU, databaseCPU time.Duration
			var times []time.Duration
			for range loadRounds { // in turns, so that other work on the machine slows both down alike
				hubBefore, databaseBefore := processorTime(), postgresProcessorTime(server)
				took, each := sendLoad(b, hub.URL+"/graphql", op.who.Headers, body, n/loadRounds)
				hubTime += took
				times = append(times, each...)
				hubCPU += processorTime() - hubBefore
				databaseCPU += postgresProcessorTime(server) - databaseBefore
				took, _ = sendLoad(b, byHand.URL, nil, body, n/loadRounds)
				handTime += took
			}
			b.StopTimer()
			slices.Sort(times)
			n = len(times)
			b.ReportMetric(float64(n)/hubTime.Seconds(), "req/s")
			b.ReportMetric(handTime.Seconds()/hubTime.Seconds(), "ratio")
			for _, p := range []int{50, 95, 99} {
				b.ReportMetric(float64(times[(len(times)-1)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", p))
			}
			b.ReportMetric(float64(hubCPU.Microseconds())/float64(n), "hub-cpu-µs")
			b.ReportMetric(float64(databaseCPU.Microseconds())/float64(n), "db-cpu-µs")
		})
		byHand.Close()
	}
	benchmarkOneStatements(b, api, hub.URL+"/graphql", db)
	b.Run("memory", func(b *testing.B) {
		url, process := startHubProcess(b, db)
		for range loadRounds {
			for _, send := range senders {
				send(url, max(b.N, 200)/loadRounds)
			}
		}
		b.ReportMetric(peakMemory(b, process), "peak-MiB")
	})
}

// startHubProcess builds the program and starts it as a hub on the database, with a rate limit per caller that no load
// reaches. The process ends with the benchmark.
func startHubProcess(b *testing.B, db *database.DB) (url string, process int) {
	b.Helper()
	folder := b.TempDir()
	program, secret := filepath.Join(folder, "rightshub"), filepath.Join(folder, "secret")
	if out, err := exec.Command("go", "build", "-o", program, "rightshub/cmd/rightshub").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	if err := os.WriteFile(secret, []byte(hex.EncodeToString(apitest.Secret[:])), 0o600); err != nil {
		b.Fatal(err)
	}
	serve := exec.CommandContext(
		b.Context(), program, "serve", "--demo", "--database-url", db.URL(), "--secret-file", secret, "--listen",
		"127.0.0.1:0", "--objects-per-second", "1000000000",
	)
	serve.Env = append(os.Environ(), "TMPDIR="+folder)
	out, err := serve.StdoutPipe()
	if err == nil {
		err = serve.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { serve.Wait() }) // the context ended before, which killed the process
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	go io.Copy(io.Discard, out)
	return strings.TrimSuffix(strings.Fields(line)[3], "."), serve.Process.Pid
}

// peakMemory returns the peak memory of a process in MiB, as Linux counts it.
func peakMemory(b *testing.B, process int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
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

// sendLoad sends n requests over all connections, and returns the time of the whole and of each request.
func sendLoad(
	b *testing.B, url string, headers map[string]string, body func() []byte, n int,
) (time.Duration, []time.Duration) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loadConnections, DisableCompression: true}}
	defer client.CloseIdleConnections()
	times := make([]time.Duration, n)
	var next atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range loadConnections {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				r, err := http.NewRequestWithContext(b.Context(), "POST", url, bytes.NewReader(body()))
				if err != nil {
					b.Error(err)
					return
				}
				for name, value := range headers {
					r.Header.Set(name, value)
				}
				began := time.Now()
				w, err := client.Do(r)
				if err != nil {
					b.Error(err)
					return
				}
				text, err := io.ReadAll(w.Body)
				w.Body.Close()
				times[i] = time.Since(began)
				if err != nil || w.StatusCode != 200 || bytes.HasPrefix(text, []byte(`{"errors"`)) {
					b.Errorf("%d %.300s", w.StatusCode, text)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(start), times
}

// processorTime returns the processor time that this process has used.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// postgresServer returns the process of the PostgreSQL server of a database on this machine, and 0 for another server.
func postgresServer(b *testing.B, db *database.DB) int {
	b.Helper()
	var backend int
	if err := db.SQL().QueryRowContext(b.Context(), "SELECT pg_backend_pid()").Scan(&backend); err != nil {
		b.Fatal(err)
	}
	fields := processFields(fmt.Sprintf("/proc/%d/stat", backend))
	if fields == nil {
		return 0
	}
	server, err := strconv.Atoi(fields[1])
	if err != nil {
		b.Fatal(err)
	}
	return server
}

// processFields returns the fields of a process of PostgreSQL that follow its name in /proc, or nil.
func processFields(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), "(postgres)") {
		return nil
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

// postgresProcessorTime returns the processor time that the processes of a PostgreSQL server have used, from /proc.
// That of its ended processes is the server's own.
func postgresProcessorTime(server int) (sum time.Duration) {
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	for _, path := range paths {
		fields, ticks := processFields(path), []int{11, 12} // utime and stime, in hundredths of a second each
		switch {
		case fields == nil:
			continue
		case path == fmt.Sprintf("/proc/%d/stat", server):
			ticks = append(ticks, 13, 14) // the same of the processes that ended
		case fields[1] != strconv.Itoa(server):
			continue
		}
		for _, at := range ticks {
			if n, err := strconv.Atoi(fields[at]); err == nil {
				sum += time.Duration(n) * 10 * time.Millisecond
			}
		}
	}
	return sum
}
