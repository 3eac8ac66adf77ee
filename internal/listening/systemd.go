package listening

import (
	"net"

	"github.com/coreos/go-systemd/v22/activation"
)

// metricsSocket is the FileDescriptorName= of a socket unit that serves the metrics.
const metricsSocket = "metrics"

// TakeFromSystemd returns the sockets that systemd passed to this process, by socket activation. A socket with the name
// "metrics" is for the metrics, and all others are for the public paths. Both are nil when systemd passed none.
func TakeFromSystemd() (public, metrics []net.Listener, err error) {
	passed, err := activation.ListenersWithNames()
	for name, listeners := range passed {
		if name == metricsSocket {
			metrics = append(metrics, listeners...)
			continue
		}
		public = append(public, listeners...)
	}
	return public, metrics, err
}
