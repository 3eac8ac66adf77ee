package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// greeting passes on what a hub prints.
type greeting chan string

func (g greeting) Write(b []byte) (int, error) {
	select {
	case g <- string(b):
	default:
	}
	return len(b), nil
}

// SIGHUP does not end a hub without a folder of policies. Its metrics show the state of the process.
func TestHangUpEndsNoHub(t *testing.T) {
	metrics, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	metrics.Close()
	ctx, stop := context.WithCancel(t.Context())
	out, ended := make(greeting, 1), make(chan int, 1)
	go func() {
		args := []string{"serve", "--demo", "--listen", "127.0.0.1:0", "--metrics-listen", metrics.Addr().String()}
		ended <- runCommandLine(ctx, args, streams{out, io.Discard})
	}()
	select {
	case <-out:
	case code := <-ended:
		t.Fatalf("the hub ended with %d", code)
	}
	syscall.Kill(os.Getpid(), syscall.SIGHUP) // without the handler it ends this process
	time.Sleep(200 * time.Millisecond)
	r, err := http.Get("http://" + metrics.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go_goroutines", "rightshub_database_connections_in_use", "rightshub_stream_connections",
		"rightshub_feed_lag_seconds", "rightshub_policy_age_seconds", "process_open_fds"} {
		if !strings.Contains(string(text), "\n"+name+" ") {
			t.Errorf("no metric %s", name)
		}
	}
	stop()
	<-ended
}
