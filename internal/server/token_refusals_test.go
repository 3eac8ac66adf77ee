package server_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightshub/internal/apitest"
)

// TestRefusedTokensAreReported checks that operators learn why tokens are refused, with one line in the log for each
// reason and minute, and a counter. Neither shows anything of the token.
func TestRefusedTokensAreReported(t *testing.T) {
	apitest.Demo.SQLite(t) // fill the demonstration outside the bubble, by the real clock
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(today.Add(time.Minute)))
		api := apitest.New(t, apitest.Demo.SQLite(t))
		caller := api.As("admin@demo", "")
		good := caller.Headers["Authorization"]
		refused := api.AsWithTokenUntil("somebody@demo", time.Now().Add(time.Hour)).Headers["Authorization"]
		send := func(times int, authorization string) {
			for range times {
				caller.Headers["Authorization"] = authorization
				caller.Headers["X-Request-Id"] = "request-1"
				caller.Send(t.Context(), `{"query":"{viewer{purpose}}"}`)
			}
		}
		send(1, good)
		send(3, "Bearer secret")
		send(2, refused)
		send(1, "Basic secret")
		send(1, "")
		expectRefusalLines(t, api, map[string]int{"malformed": 1, "no_account": 1, "no_bearer_token": 1})
		time.Sleep(61 * time.Second)
		send(2, "Bearer secret")
		expectRefusalLines(t, api, map[string]int{"malformed": 2, "no_account": 1, "no_bearer_token": 1})
		w := httptest.NewRecorder()
		api.Metrics.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		for _, want := range []string{
			`rightshub_refused_tokens_total{reason="malformed"} 5`,
			`rightshub_refused_tokens_total{reason="no_account"} 2`,
			`rightshub_refused_tokens_total{reason="no_bearer_token"} 1`,
		} {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("the metrics lack %s", want)
			}
		}
		visible := api.Log.String() + w.Body.String()
		for _, secret := range []string{"secret", "somebody", refused[len("Bearer "):], "unknown reason"} {
			if strings.Contains(visible, secret) {
				t.Errorf("operators see %q", secret)
			}
		}
		if !strings.Contains(api.Log.String(), "issuer=rightshub-demonstration") ||
			!strings.Contains(api.Log.String(), "request=request-1") {
			t.Error(api.Log)
		}
	})
}

// expectRefusalLines checks how many lines of the log there are by reason.
func expectRefusalLines(t *testing.T, api *apitest.API, want map[string]int) {
	t.Helper()
	sum := 0
	for reason, n := range want {
		sum += n
		if got := strings.Count(api.Log.String(), "reason="+reason+" "); got != n {
			t.Errorf("%s: %d lines, want %d", reason, got, n)
		}
	}
	if got := strings.Count(api.Log.String(), "token refused"); got != sum {
		t.Errorf("%d lines, want %d: %s", got, sum, api.Log)
	}
}
