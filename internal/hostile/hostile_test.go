// Package hostile attacks a hub that was started as people start it, from this machine alone, and looks whether it
// still answers. It holds tests only.
package hostile

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// hub builds and starts a demonstration, and returns its address and a token of little power.
func hub(t *testing.T) (address, token string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "rightshub")
	if out, err := exec.Command("go", "build", "-o", program, "rightshub/cmd/rightshub").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	folder := t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, program, "serve", "--demo", "--listen", address)
	command.Env = append(command.Environ(), "TMPDIR="+folder, "RIGHTSHUB_DATABASE_URL=")
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		command.Wait()
	})
	if _, err := out.Read(make([]byte, 1)); err != nil { // it greets when it serves
		t.Fatal(err)
	}
	go io.Copy(io.Discard, out)
	ask := exec.Command(program, "token", "--as", "volunteer@demo")
	ask.Env = append(ask.Environ(), "TMPDIR="+folder)
	text, err := ask.Output()
	if err != nil {
		t.Fatal(err)
	}
	return address, strings.TrimSpace(string(text))
}

// Five thousand sockets that say nothing, or begin a request and stop, and a thousand requests within five seconds, from
// a caller of little power and from strangers, leave /healthz under 200 ms.
func TestFlood(t *testing.T) {
	address, token := hub(t)
	var idle []net.Conn
	defer func() {
		for _, c := range idle {
			c.Close()
		}
	}()
	for i := range 5_000 {
		c, err := net.DialTimeout("tcp", address, 5*time.Second)
		if err != nil {
			t.Fatalf("socket %d: %v", i, err)
		}
		idle = append(idle, c)
		if i%2 == 0 {
			io.WriteString(c, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
		}
	}
	healthy := func() time.Duration {
		start := time.Now()
		r, err := http.Get("http://" + address + "/healthz")
		if err != nil || r.StatusCode != 200 {
			t.Fatalf("/healthz: %v", err)
		}
		r.Body.Close()
		return time.Since(start)
	}
	bodies := []string{`{"query":"{viewer{purpose}}"}`, `{"query":"{countries(first:38){nodes{name offices{nodes{name}}}}}"}`, `{"query":"{` + strings.Repeat("a ", 3000) + `}"}`, `[`,
		`{"query":"{interventions{nodes{` + strings.Repeat("id ", 3500) + `}}}"}`}
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 50}, Timeout: 10 * time.Second}
	var statuses [6]atomic.Int64
	var requests sync.WaitGroup
	start := time.Now()
	next := make(chan int)
	for range 50 {
		requests.Go(func() {
			for i := range next {
				r, err := http.NewRequest("POST", "http://"+address+"/graphql", bytes.NewReader([]byte(bodies[i%len(bodies)])))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Content-Type", "application/json")
				if i%3 > 0 {
					r.Header.Set("Authorization", "Bearer "+token)
				}
				w, err := client.Do(r)
				if err != nil {
					t.Error(err)
					continue
				}
				io.Copy(io.Discard, w.Body)
				w.Body.Close()
				statuses[w.StatusCode/100].Add(1)
			}
		})
	}
	slowest := time.Duration(0)
	for i := range 1_000 {
		next <- i
		if i%50 == 0 {
			slowest = max(slowest, healthy())
		}
	}
	close(next)
	requests.Wait()
	t.Logf("1000 requests in %v: %d answered, %d refused, %d failed; /healthz took %v at most", time.Since(start).Round(time.Millisecond),
		statuses[2].Load(), statuses[4].Load(), statuses[5].Load(), slowest.Round(time.Millisecond))
	if slowest > 200*time.Millisecond || time.Since(start) > 5*time.Second || statuses[5].Load() > 0 {
		t.Errorf("the flood is felt: %v, /healthz %v, %d failed", time.Since(start), slowest, statuses[5].Load())
	}
}
