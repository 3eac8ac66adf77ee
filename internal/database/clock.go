package database

import (
	"context"
	"log/slog"
	"time"

	"rightshub/internal/fault"
)

// maxClockOffset is how far the clock of this machine may be off that of the database. Rights end by the clock, and
// hubs with different clocks would end them at different moments.
const maxClockOffset = 5 * time.Second

// clockPrecision is the difference between two clocks that does not count. Without it, each measure would move the time
// of the hub a little.
const clockPrecision = 100 * time.Millisecond

// ClockOffset returns how far the database's clock was ahead of that of this machine when it was last read. It is
// negative where the database is behind. It is 0 within clockPrecision, and on SQLite, which runs in this process.
func (db *DB) ClockOffset() time.Duration { return time.Duration(db.clockOffset.Load()) }

// CurrentTime returns the time by the database's clock in UTC, without asking it. It is the time of this machine,
// corrected by ClockOffset. Times that are stored, and times that decide what has ended, are of this clock.
func (db *DB) CurrentTime() time.Time { return time.Now().Add(db.ClockOffset()).UTC() }

// Now reads the time of the database's clock, in UTC.
func (db *DB) Now(ctx context.Context) (time.Time, error) {
	now, _, err := db.readClock(ctx)
	return now, err
}

// readClock reads the database's clock, remembers ClockOffset, and reports whether it is larger than maxClockOffset for
// certain. The database reads its clock at some moment between the question and the answer, so that a slow answer tells
// little. A wait for a connection makes it slow.
func (db *DB) readClock(ctx context.Context) (now time.Time, off bool, err error) {
	asked := time.Now()
	if !db.IsPostgres() {
		return asked.UTC(), false, nil
	}
	if err := db.pool.QueryRowContext(ctx, "SELECT now()").Scan(&now); err != nil {
		return now, false, Classify(err)
	}
	uncertainty := time.Since(asked) / 2
	offset := now.Sub(asked.Add(uncertainty))
	off = offset.Abs() > maxClockOffset+uncertainty
	unknown := clockPrecision + uncertainty
	if (offset - db.ClockOffset()).Abs() <= unknown { // what was measured before may be right and more exact
		return now.UTC(), off, nil
	}
	if offset.Abs() <= unknown {
		offset = 0
	}
	if uncertainty < time.Second {
		db.clockOffset.Store(int64(offset))
	}
	return now.UTC(), off, nil
}

// CheckClock reads the database's clock, and fails when ClockOffset is larger than maxClockOffset.
func (db *DB) CheckClock(ctx context.Context) error {
	_, off, err := db.readClock(ctx)
	if err == nil && off {
		err = fault.New(fault.Unavailable,
			"The clocks of this machine and of the database differ by %d seconds. Set both by a time server (NTP).",
			int64(db.ClockOffset().Abs().Seconds()))
	}
	return err
}

// WatchClock reads the database's clock once in each interval until the context ends. It logs when the clock of this
// machine is off, and when it is right again.
func (db *DB) WatchClock(ctx context.Context, interval time.Duration, log *slog.Logger) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for off := false; ; {
		off = db.logClock(ctx, log, off)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// logClock reads the clock, logs when it has become wrong or right, and returns whether it is off.
func (db *DB) logClock(ctx context.Context, log *slog.Logger, wasOff bool) bool {
	_, off, err := db.readClock(ctx)
	if err != nil {
		return wasOff
	}
	seconds := slog.Float64("database_ahead_seconds", db.ClockOffset().Seconds())
	switch {
	case off && !wasOff:
		log.WarnContext(ctx, "the clock is off that of the database: set both by a time server", seconds)
	case !off && wasOff:
		log.InfoContext(ctx, "the clock agrees with that of the database again", seconds)
	}
	return off
}
