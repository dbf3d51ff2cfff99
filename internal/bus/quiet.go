package bus

import (
	"context"
	"log/slog"
	"slices"
)

// quiet is the log handler given to the MQTT broker library, which logs whole
// packets with their payloads. It passes on warnings and errors, and of their
// attributes only those that are known to carry no content.
type quiet struct{ next slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.next.Enabled(ctx, level)
}

func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	bare := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if harmless(a) {
			bare.AddAttrs(a)
		}
		return true
	})
	return q.next.Handle(ctx, bare)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	attrs = slices.DeleteFunc(slices.Clone(attrs), func(a slog.Attr) bool { return !harmless(a) })
	return quiet{q.next.WithAttrs(attrs)}
}

func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.next.WithGroup(name)} }

func harmless(a slog.Attr) bool {
	switch a.Key {
	case "error", "client", "listener", "remote", "hook", "keepalive":
		return a.Value.Kind() != slog.KindGroup
	}
	return false
}
