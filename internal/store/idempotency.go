package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/query"
)

const answerRetention = 80 * time.Hour // longer than the 72 hours that callers are promised

// claimDuration is how long a claim holds unless its process renews it. A process renews its claims several times in
// that time, so that the process with an older claim has died. It is a variable for tests.
var claimDuration = 10 * time.Second

// claimRenewals is the number of times that a process renews a claim during claimDuration.
const claimRenewals = 4

// errRequestRunning is the fault of a request with a key that is claimed for the given time. A claim that was not
// renewed in time belongs to a process that has probably died, so that only the end of the claim helps. Otherwise the
// answer may be there in a moment.
func errRequestRunning(remaining time.Duration) error {
	seconds := 1
	if remaining < claimDuration-2*claimDuration/claimRenewals {
		seconds = max(1, int(math.Ceil(remaining.Seconds())))
	}
	return fault.New(fault.Conflict,
		"A request with this Idempotency-Key is running. Wait for its answer, or ask again in a moment.").
		With("rule", "idempotency").With("retryAfter", seconds)
}

var (
	errKeyReused = fault.New(fault.Invalid,
		"This Idempotency-Key was used for another request: use a new one.").
		With("rule", "idempotency").
		WithStatus(422) // as the draft "The Idempotency-Key HTTP Header Field" has it
	errAnswerWithheld = fault.New(fault.Conflict,
		"This request was carried out before, but your rights have changed since, so its answer is not shown."+
			" Read the row again.").
		With("rule", "idempotency")
)

// Once implements Session. A row of hub_answers claims the key for all processes on the database. The write and its
// answer are stored in one transaction. When a process dies before the commit, neither is stored, and the claim ends
// within claimDuration. Without the hub's secret, the stored row discloses neither the caller nor the request nor the
// answer.
func (s *session) Once(ctx context.Context, key string, payload []byte,
	do func(context.Context, Session) ([]byte, bool)) ([]byte, bool, error) {
	o := s.newIdempotentRequest(key, payload)
	stored, err := o.claimOrReadAnswer(ctx)
	if err != nil || stored != "" {
		answer, failed := o.openAnswer(stored, err)
		return answer, true, failed
	}
	answer, happened, err := o.executeAndStore(ctx, do)
	if err != nil || !happened {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_, failed := o.execStatement(after, o.session.hub.db.SQL(),
			"DELETE FROM hub_answers WHERE id = ? AND claim = ? AND answer IS NULL", o.id, o.claim)
		if err == nil {
			err = failed
		}
	}
	return answer, false, err
}

// idempotentRequest is one request with an idempotency key.
type idempotentRequest struct {
	session         *session
	id, payloadHash string // keyed hashes of the user and the key, and of the user and the payload
	claim           string // the random name of this request's claim
	answerBinding   []byte // a keyed hash of the user, the key and the caller's rights, to which the answer is sealed
}

func (s *session) newIdempotentRequest(key string, payload []byte) *idempotentRequest {
	mac := func(parts ...any) []byte {
		h := hmac.New(sha256.New, s.hub.secret.Derive("answer key"))
		for _, p := range parts {
			fmt.Fprintf(h, "%q ", p)
		}
		return h.Sum(nil)
	}
	user := s.User().String()
	return &idempotentRequest{
		session:       s,
		id:            hex.EncodeToString(mac("key", user, key)),
		payloadHash:   hex.EncodeToString(mac("payload", user, payload)),
		claim:         rand.Text(),
		answerBinding: mac("rights", user, key, s.rightsSnapshot()),
	}
}

// rightsSnapshot returns a text of everything that the caller's rights depend on now.
func (s *session) rightsSnapshot() string {
	subject := s.view.Subject()
	out := fmt.Sprint(s.view.Key(), subject.ReadOnly)
	for _, a := range subject.Assignments {
		out += fmt.Sprint(a.ID, a.Role, a.Everywhere, a.Countries, a.Offices, a.Partners, a.Interventions)
	}
	return out
}

// execStatement runs a statement with ? for its arguments and returns the number of rows that it wrote.
func (o *idempotentRequest) execStatement(ctx context.Context, db interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, text string, args ...any) (int64, error) {
	text, args = o.session.newCompiler().RenderStatement((&query.Fragment{Args: args}).Add(text))
	done, err := db.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, database.Classify(err)
	}
	n, err := done.RowsAffected()
	return n, database.Classify(err)
}

// claimOrReadAnswer claims the key and returns "", or returns the stored answer of an earlier request. It reads before
// it writes, because on SQLite a write would wait until the running request with the key has ended.
func (o *idempotentRequest) claimOrReadAnswer(ctx context.Context) (string, error) {
	db, now := o.session.hub.db.SQL(), o.session.hub.db.CurrentTime()
	type row struct {
		payload, claim     string
		claimed, keptUntil int64
		answer             sql.NullString
	}
	for range 3 {
		text, args := o.session.newCompiler().RenderStatement((&query.Fragment{}).
			Add("SELECT payload, claim, claimed_until, kept_until, answer FROM hub_answers WHERE id = ").Arg(o.id))
		found, err := database.ScanAll(ctx, db, text, func(r *sql.Rows) (w row, err error) {
			return w, r.Scan(&w.payload, &w.claim, &w.claimed, &w.keptUntil, &w.answer)
		}, args...)
		var n int64
		switch {
		case err != nil:
			return "", err
		case len(found) == 0:
			n, err = o.execStatement(ctx, db,
				"INSERT INTO hub_answers (id, payload, claim, claimed_until, kept_until)"+
					" VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
				o.id, o.payloadHash, o.claim, now.Add(claimDuration).Unix(), now.Add(answerRetention).Unix())
		case found[0].keptUntil < now.Unix():
			_, err := o.execStatement(ctx, db,
				"DELETE FROM hub_answers WHERE id = ? AND kept_until < ?", o.id, now.Unix())
			if err != nil {
				return "", err
			}
			continue
		case found[0].payload != o.payloadHash:
			return "", errKeyReused
		case found[0].answer.Valid:
			return found[0].answer.String, nil
		case found[0].claimed > now.Unix():
			return "", errRequestRunning(time.Unix(found[0].claimed, 0).Sub(now))
		default:
			n, err = o.execStatement(ctx, db,
				"UPDATE hub_answers SET claim = ?, claimed_until = ? WHERE id = ? AND claim = ? AND answer IS NULL",
				o.claim, now.Add(claimDuration).Unix(), o.id, found[0].claim)
		}
		if err != nil || n == 1 {
			return "", err
		}
	}
	return "", errRequestRunning(claimDuration)
}

// renewClaim renews the claim for a duration each time, until the context ends. On SQLite nobody can take it over
// meanwhile, because the running transaction holds the lock of all writers.
func (o *idempotentRequest) renewClaim(ctx context.Context, duration time.Duration) {
	if !o.session.hub.db.IsPostgres() {
		return
	}
	tick := time.NewTicker(duration / claimRenewals)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// Where it fails, the next renewal comes before the claim ends, or the write is undone.
		o.execStatement(ctx, o.session.hub.db.SQL(),
			"UPDATE hub_answers SET claimed_until = ? WHERE id = ? AND claim = ? AND answer IS NULL",
			o.session.hub.db.CurrentTime().Add(duration).Unix(), o.id, o.claim)
	}
}

// openAnswer decrypts a stored answer. It fails with Conflict when the caller's rights have changed since.
func (o *idempotentRequest) openAnswer(stored string, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	answer, err := o.session.hub.answerSealer.Open(stored, o.answerBinding)
	if err != nil {
		return nil, errAnswerWithheld
	}
	return answer, nil
}

// executeAndStore runs the write and stores its answer in the same transaction. A write that did not happen is undone.
func (o *idempotentRequest) executeAndStore(ctx context.Context, do func(context.Context, Session) ([]byte, bool)) (
	answer []byte, happened bool, err error) {
	running, stop := context.WithCancel(ctx)
	defer stop()
	go o.renewClaim(running, claimDuration)
	err = o.session.Atomic(ctx, func(ctx context.Context, tx Session) error {
		undo := fault.New(fault.Internal, "undone")
		if answer, happened = do(WithSession(ctx, tx), tx); !happened {
			return undo
		}
		n, err := o.execStatement(ctx, tx.(*session).db.(*sql.Tx),
			"UPDATE hub_answers SET answer = ? WHERE id = ? AND claim = ?",
			o.session.hub.answerSealer.Seal(answer, o.answerBinding), o.id, o.claim)
		if err == nil && n != 1 {
			return errRequestRunning(claimDuration) // it took so long that another request took over the claim
		}
		return err
	})
	if !happened && answer != nil {
		err = nil // the answer says why
	}
	return answer, happened, err
}
