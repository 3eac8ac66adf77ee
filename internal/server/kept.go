package server

import (
	"sync"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"
)

// kept holds what was used last, up to a weight in all.
type kept[K comparable, V any] struct {
	mu     sync.Mutex
	lru    *lru.LRU[K, weighed[V]]
	weight int
	most   int
}

type weighed[V any] struct {
	value  V
	weight int
}

// newKept keeps up to a weight; no entry may weigh more than a hundredth of it.
func newKept[K comparable, V any](most int) *kept[K, V] {
	k := &kept[K, V]{most: most}
	k.lru, _ = lru.NewLRU(1<<20, func(_ K, w weighed[V]) { k.weight -= w.weight }) // fails for a size below 1 only
	return k
}

func (k *kept[K, V]) get(key K) (V, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	w, ok := k.lru.Get(key)
	return w.value, ok
}

func (k *kept[K, V]) add(key K, value V, weight int) {
	if weight > k.most/100 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lru.Remove(key)
	k.lru.Add(key, weighed[V]{value, weight})
	for k.weight += weight; k.weight > k.most; {
		k.lru.RemoveOldest()
	}
}

func (k *kept[K, V]) remove(key K) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lru.Remove(key)
}
