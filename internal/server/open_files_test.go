package server

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

// Connections that send nothing do not keep others out, when the process has no more open files.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })
	ended := make(chan error, 1)
	go func() {
		ended <- serveWithin(t.Context(), l, handler, slog.New(slog.NewTextHandler(io.Discard, nil)), 20)
	}()
	for range 60 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		c.SetReadDeadline(time.Now().Add(2 * time.Second))
		if _, err := c.Read(make([]byte, 4096)); err != nil {
			t.Fatalf("a new connection gets no answer: %v", err)
		}
	}
	client := http.Client{Timeout: 2 * time.Second}
	r, err := client.Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatalf("others are shut out: %v", err)
	}
	r.Body.Close()
}
