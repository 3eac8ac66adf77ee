package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// refusalLogInterval is the shortest time between two log lines about tokens that were refused for one reason. Anybody
// can send bad tokens, and must not fill the log.
const refusalLogInterval = time.Minute

// refusalLog remembers when each reason was last logged. There are few reasons and issuers, because both are the hub's
// own words.
type refusalLog struct {
	mu     sync.Mutex
	logged map[store.TokenRefusal]time.Time
}

// isDue reports whether the refusal shall be logged now, and remembers that it was.
func (l *refusalLog) isDue(refusal store.TokenRefusal, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last, ok := l.logged[refusal]; ok && now.Sub(last) < refusalLogInterval {
		return false
	}
	if l.logged == nil {
		l.logged = map[store.TokenRefusal]time.Time{}
	}
	l.logged[refusal] = now
	return true
}

// reportRefusal counts a token that was refused, and logs the reason once a minute. Operators see nothing of the token.
// It returns the error for the caller, without the reason.
func (s *Server) reportRefusal(ctx context.Context, err error) error {
	var refusal *store.TokenRefusal
	if err == nil || !errors.As(err, &refusal) {
		return err
	}
	s.metrics.refusedTokens.WithLabelValues(refusal.Reason).Inc()
	if s.refusals.isDue(*refusal, time.Now()) {
		s.options.Log.WarnContext(ctx, "token refused", "reason", refusal.Reason, "issuer", refusal.Issuer,
			"advice", refusal.Advice, "request", ctx.Value(requestIDKey{}))
	}
	refused := *fault.As(err)
	refused.Cause = nil // it was logged
	return &refused
}
