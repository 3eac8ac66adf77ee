package changefeed

import (
	"errors"
	"testing"
)

// A watch that needs no more rows goes on while all watches together are at the limit, and others are refused.
func TestWatchesGoOnAtTheLimit(t *testing.T) {
	feed := &Feed{}
	feed.watchedRows.Store(maxWatchedRows + 1)
	w := &Watch{feed: feed, countedRows: 5}
	for _, rows := range []int64{5, 4} {
		if err := w.reserveRows(rows); err != nil {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
	if err := w.reserveRows(5); !errors.Is(err, errTooManyWatchedRows) {
		t.Errorf("a fifth row: %v", err)
	}
	if n := feed.watchedRows.Load(); n != maxWatchedRows {
		t.Errorf("%d rows are counted", n)
	}
}
