// Package hostile attacks a hub that was started as people start it, from this machine alone, and looks whether it
// still answers. It holds tests only.
package hostile

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/demoregistry"
	"rightshub/internal/identity"
)

// hubBinary is the hub, built once for all tests here.
var hubBinary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "rightshub-hostile-")
	if err != nil {
		log.Fatal(err)
	}
	hubBinary = filepath.Join(folder, "rightshub")
	if out, err := exec.Command("go", "build", "-o", hubBinary, "rightshub/cmd/rightshub").CombinedOutput(); err != nil {
		log.Fatalf("%v: %s", err, out)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// target is a demonstration that was started as people start it.
type target struct {
	*testing.T
	address      string
	processID    int
	token        string // of little power
	secret       database.Secret
	databaseFile string // its database
}

// startHub starts a demonstration, with more settings.
func startHub(t *testing.T, settings ...string) *target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	ctx, stop := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, hubBinary, append([]string{"serve", "--demo", "--listen", address}, settings...)...)
	command.Env = append(command.Environ(), "RIGHTSHUB_DATABASE_URL=")
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
	found, err := demoregistry.Find("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "rightshub-demo-*", "hub.db"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	h := &target{T: t, address: address, processID: command.Process.Pid, secret: found.Secret, databaseFile: files[0]}
	h.token = h.signedToken("volunteer@demo")
	return h
}

// signedToken is a token of somebody with the address.
func (h *target) signedToken(email string) string {
	h.Helper()
	token, err := identity.NewDemoIssuer(h.secret).SignToken(email, time.Now())
	if err != nil {
		h.Fatal(err)
	}
	return token
}

// Five thousand sockets that say nothing, or begin a request and stop, and a thousand requests within five seconds, from
// a caller of little power and from strangers, leave /healthz under 200 ms.
func TestFlood(t *testing.T) {
	h := startHub(t)
	var idle []net.Conn
	defer func() {
		for _, c := range idle {
			c.Close()
		}
	}()
	for i := range socketCount {
		c, err := net.DialTimeout("tcp", h.address, 5*time.Second)
		if err != nil {
			t.Fatalf("socket %d: %v", i, err)
		}
		idle = append(idle, c)
		if i%2 == 0 {
			io.WriteString(c, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
		}
	}
	h.checkFlood(200 * time.Millisecond)
}

// socketCount are what a crowd opens. The hub and this test have so many files open each, and some more.
const socketCount = 5_000

// checkFlood sends a thousand requests within five seconds, and fails where /healthz takes longer five times: a machine has
// other things to do.
func (h *target) checkFlood(felt time.Duration) {
	h.Helper()
	for range 5 {
		if took, slowest := h.sendFlood(); slowest <= felt && took <= 25*felt {
			return
		}
	}
	h.Error("the flood is felt")
}

// sendFlood sends a thousand requests, and says how long they and the slowest /healthz took.
func (h *target) sendFlood() (took, slowest time.Duration) {
	t, address, token := h.T, h.address, h.token
	t.Helper()
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
	for i := range 1_000 {
		next <- i
		if i%50 == 0 {
			slowest = max(slowest, healthy())
		}
	}
	close(next)
	requests.Wait()
	took = time.Since(start)
	t.Logf("1000 requests in %v: %d answered, %d refused, %d failed; /healthz took %v at most", took.Round(time.Millisecond),
		statuses[2].Load(), statuses[4].Load(), statuses[5].Load(), slowest.Round(time.Millisecond))
	if statuses[5].Load() > 0 {
		t.Errorf("%d requests failed", statuses[5].Load())
	}
	return took, slowest
}
