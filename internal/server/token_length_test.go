package server_test

import (
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

// TestTokenLength checks over a real connection that a token of 32 KiB reaches the check of tokens, with other headers
// beside it, and that a longer one is refused with what to do about it.
func TestTokenLength(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(t.Context(), listener, api.Handler, slog.New(slog.DiscardHandler), server.NewClientConnections())
	for _, c := range []struct {
		bytes, status int
		message       string
	}{
		{9 << 10, 401, "with a valid bearer token."},
		{32 << 10, 401, "with a valid bearer token."},
		{32<<10 + 1, 431, "The token is longer than 32768 bytes. Ask your identity provider to leave groups and roles out."},
		{40 << 10, 431, "The token is longer than 32768 bytes. Ask your identity provider to leave groups and roles out."},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+listener.Addr().String()+"/graphql",
			strings.NewReader(`{"query":"{viewer{id}}"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+strings.Repeat("x", c.bytes))
		r.Header.Set("Cookie", strings.Repeat("y", 4<<10))
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var body struct{ Errors []struct{ Message string } }
		err = json.NewDecoder(w.Body).Decode(&body)
		w.Body.Close()
		if w.StatusCode != c.status || err != nil || !strings.HasSuffix(body.Errors[0].Message, c.message) {
			t.Errorf("%d bytes: %s %+v %v, want %d %s", c.bytes, w.Status, body, err, c.status, c.message)
		}
	}
}
