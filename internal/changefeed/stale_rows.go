package changefeed

import (
	"maps"
	"sync"

	"github.com/google/uuid"
)

// staleRows is what a watch must compare again, which is whole entities and single rows of others. Its size is bounded,
// however slowly the watch reads.
type staleRows struct {
	wake chan struct{}

	mu   sync.Mutex
	all  bool
	rows map[string]map[uuid.UUID]bool // nil for a whole entity
}

// markStale adds entries of the feed, or everything, and wakes the watch.
func (d *staleRows) markStale(list []feedEntry, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = d.all || all
	if d.rows == nil {
		d.rows = map[string]map[uuid.UUID]bool{}
	}
	for _, t := range list {
		rows, ok := d.rows[t.entity]
		switch {
		case ok && rows == nil:
		case t.key == uuid.Nil || len(rows) >= maxNamedRows:
			d.rows[t.entity] = nil
		case !ok:
			d.rows[t.entity] = map[uuid.UUID]bool{t.key: true}
		default:
			rows[t.key] = true
		}
	}
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// takeStale returns what is stale and clears it.
func (d *staleRows) takeStale() (rows map[string]map[uuid.UUID]bool, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, all = d.rows, d.all
	d.rows, d.all = nil, false // no new map, since thousands of watches call this several times a second
	return rows, all
}

// returnStale makes stale again what takeStale returned, because it could not be compared.
func (d *staleRows) returnStale(rows map[string]map[uuid.UUID]bool, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = d.all || all
	if d.rows == nil {
		d.rows = map[string]map[uuid.UUID]bool{}
	}
	for entity, keys := range rows {
		meanwhile, ok := d.rows[entity]
		if ok && (meanwhile == nil || keys == nil) || len(keys)+len(meanwhile) > maxNamedRows {
			keys = nil
		}
		if keys != nil {
			maps.Copy(keys, meanwhile)
		}
		d.rows[entity] = keys
	}
}
