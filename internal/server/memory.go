package server

import (
	"os"
	"runtime/debug"
)

// Memory limits of the process, in bytes. At memoryLimit the garbage collector begins to work hard. Each open
// connection raises the limit by memoryPerConnection. A socket with a subscription takes some 70 KiB of the process,
// as internal/hostile measures it. A third of that are the stacks of its goroutines, and 8 KiB are the buffers of
// net/http. So the maximum number of open connections takes 400 MiB.
const (
	memoryLimit         = 120 << 20
	memoryPerConnection = 64 << 10
)

// TuneMemory makes the garbage collector run less often while there is free memory, which gains a third of the speed.
// A hub under load then takes some 90 MiB, as BenchmarkHTTP prints it, and a third of that is the program. The
// returned function adapts the limit to the number of open connections. When GOGC or GOMEMLIMIT is set, TuneMemory
// changes nothing and returns nil.
func TuneMemory() (reportConnections func(int)) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	debug.SetGCPercent(300)
	debug.SetMemoryLimit(memoryLimit)
	return func(n int) { debug.SetMemoryLimit(memoryLimit + int64(n)*memoryPerConnection) }
}
