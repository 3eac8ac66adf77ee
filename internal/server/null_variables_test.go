package server_test

import (
	"strings"
	"testing"
)

// A null for the variable of a directive is an error of its operation, and the socket stays open.
func TestNullForDirective(t *testing.T) {
	socket := dialSocket(t, newTestServer(t, 0), "graphql-transport-ws")
	socket.sendText(initMessage)
	socket.receiveText()
	socket.sendText(`{"type":"subscribe","id":"1","payload":{"variables":{"b":null},"query":` +
		`"subscription($b: Boolean = true) { changed { id @include(if: $b) __typename } }"}}`)
	if text, code := socket.receiveText(); !strings.Contains(text, `"code":"INVALID"`) ||
		!strings.Contains(text, "The variable $b is null") {
		t.Errorf("%s %d", text, code)
	}
	socket.sendText(`{"type":"ping"}`)
	if text, code := socket.receiveText(); text != `{"type":"pong"}` {
		t.Errorf("after the error: %q %d", text, code)
	}
}
