package main

import (
	"context"

	"github.com/coreos/go-systemd/v22/daemon"

	"rightshub/internal/fault"
)

// reportReady tells systemd that the hub answers, and when ctx ends, that it stops. Outside of systemd it does nothing.
func reportReady(ctx context.Context) error {
	if _, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
		return fault.New(fault.Unavailable,
			"systemd does not take the message that the hub is ready. Set Type=notify in its unit, or unset NOTIFY_SOCKET.")
	}
	context.AfterFunc(ctx, func() { daemon.SdNotify(false, daemon.SdNotifyStopping) })
	return nil
}
