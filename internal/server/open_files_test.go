package server

import (
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestIdleConnectionsMakeRoom checks that connections that send nothing more do not keep others out when the process
// has no more open files, and that all listeners together keep within the limit.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	const limit = 20
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })
	connections := newClientConnections(limit)
	var addresses []string
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go Serve(t.Context(), l, handler, slog.New(slog.DiscardHandler), connections)
		addresses = append(addresses, l.Addr().String())
	}
	for i := range 3 * limit {
		c, err := net.Dial("tcp", addresses[i%2])
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		c.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := c.Read(make([]byte, 4096)); err != nil {
			t.Fatalf("connection %d gets no answer: %v", i, err)
		}
		connections.mu.Lock()
		open := connections.open
		connections.mu.Unlock()
		if want := min(i+1, limit); open != want {
			t.Fatalf("%d connections are open after %d, want %d", open, i+1, want)
		}
	}
	client := http.Client{Timeout: time.Minute}
	for _, address := range addresses {
		r, err := client.Get("http://" + address)
		if err != nil {
			t.Fatalf("others are shut out: %v", err)
		}
		r.Body.Close()
	}
}
