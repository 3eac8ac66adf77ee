package database

import (
	"context"
	"log/slog"
	"time"

	"rightshub/internal/fault"
)

// maxClockOffset is how far the clock of this machine may be off that of the database. Rights end by the clock, and hubs
// with different clocks would end them at different moments.
const maxClockOffset = 5 * time.Second

// ClockOffset returns how far the database's clock was ahead of that of this machine when it was last measured. It is
// negative where the database is behind, and 0 on SQLite, which runs in this process.
func (db *DB) ClockOffset() time.Duration { return time.Duration(db.clockOffset.Load()) }

// CheckClock measures ClockOffset, and fails when it is larger than maxClockOffset.
func (db *DB) CheckClock(ctx context.Context) error {
	off, err := db.measureClock(ctx)
	if err == nil && off {
		err = fault.New(fault.Unavailable,
			"The clocks of this machine and of the database differ by %d seconds. Set both by a time server (NTP).",
			int64(db.ClockOffset().Abs().Seconds()))
	}
	return err
}

// measureClock measures ClockOffset, and reports whether it is larger than maxClockOffset for certain. The database
// reads its clock at some moment between the question and the answer.
func (db *DB) measureClock(ctx context.Context) (off bool, err error) {
	if !db.IsPostgres() {
		return false, nil
	}
	var now time.Time
	asked := time.Now()
	if err := db.pool.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&now); err != nil {
		return false, Classify(err)
	}
	half := time.Since(asked) / 2
	offset := now.Sub(asked.Add(half))
	db.clockOffset.Store(int64(offset))
	return offset.Abs() > maxClockOffset+half, nil
}

// WatchClock measures the clock once in each interval until the context ends. It logs when the clock is off, and when it is right
// again.
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

// logClock measures the clock, logs when it has become wrong or right, and returns whether it is off.
func (db *DB) logClock(ctx context.Context, log *slog.Logger, wasOff bool) bool {
	off, err := db.measureClock(ctx)
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
