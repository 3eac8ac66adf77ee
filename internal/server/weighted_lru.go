package server

import (
	"sync"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"
)

// weightedLRU is a cache with a maximum total weight. It drops the entries that were not used for the longest time.
// It is safe for concurrent use.
type weightedLRU[K comparable, V any] struct {
	mu        sync.Mutex
	lru       *lru.LRU[K, weightedEntry[V]]
	weight    int
	maxWeight int
}

type weightedEntry[V any] struct {
	value  V
	weight int
}

// newWeightedLRU returns an empty cache.
func newWeightedLRU[K comparable, V any](maxWeight int) *weightedLRU[K, V] {
	k := &weightedLRU[K, V]{maxWeight: maxWeight}
	onEvict := func(_ K, w weightedEntry[V]) { k.weight -= w.weight }
	k.lru, _ = lru.NewLRU(1<<20, onEvict) // fails for a size below 1 only
	return k
}

func (k *weightedLRU[K, V]) get(key K) (V, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	w, ok := k.lru.Get(key)
	return w.value, ok
}

// add stores an entry. It ignores an entry of more than a hundredth of the maximum weight, which would displace too
// many others.
func (k *weightedLRU[K, V]) add(key K, value V, weight int) {
	if weight > k.maxWeight/100 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lru.Remove(key)
	k.lru.Add(key, weightedEntry[V]{value, weight})
	for k.weight += weight; k.weight > k.maxWeight; {
		k.lru.RemoveOldest()
	}
}

func (k *weightedLRU[K, V]) remove(key K) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lru.Remove(key)
}
