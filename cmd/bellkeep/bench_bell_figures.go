package main

import (
	"slices"
	"time"
)

func (b *bellBench) result(bells, raws []bellTurn) (benchResult, error) {
	took := func(t bellTurn) time.Duration { return t.took }
	bell, raw := medianOf(bells, took), medianOf(raws, took)
	n := float64(b.devices)
	figures := []figure{
		shown("bell to last report", bell, "ms"),
		beside("devices a second", n/bell*1000, n/raw*1000, "/s"),
		shown("bell, server's CPU", medianOf(bells, func(t bellTurn) time.Duration { return t.server }), "ms"),
		shown("bell, fleet's CPU", medianOf(bells, func(t bellTurn) time.Duration { return t.fleet }), "ms"),
		shown("raw, server's CPU", medianOf(raws, func(t bellTurn) time.Duration { return t.server }), "ms"),
		shown("raw, fleet's CPU", medianOf(raws, func(t bellTurn) time.Duration { return t.fleet }), "ms"),
	}
	if b.broker == nil { // of another broker nothing was promised
		figures[0] = within("bell to last report", bell, bellBar(b.devices), "ms")
	}
	if b.broker == nil && b.devices > smallFleet { // with fewer, waiting for the bell to be noticed outweighs the work
		figures[1] = atLeast("devices a second", n/bell*1000, n/raw*1000, "/s", 0.35)
	}
	memory, err := b.memoryFigures()
	return benchResult{Bench: "bell", Turns: len(bells), Figures: slices.Concat(figures, b.lost(), memory)}, err
}

// lost are the messages that the server's own broker dropped. Another does not say,
// and a bell ends only with the last report.
func (b *bellBench) lost() []figure {
	if b.broker != nil {
		return nil
	}
	return []figure{none("messages lost", b.server.Broker.Health().Dropped)}
}

// used is the memory of the server and of a broker beside it.
type used struct{ server, broker memory }

func (b *bellBench) memory() (u used, err error) {
	if u.server, err = memoryUsed(); err == nil && b.broker != nil {
		u.broker, err = b.broker.memory()
	}
	return u, err
}

// memoryFigures are what server and broker use now, and what of it came with the
// devices.
func (b *bellBench) memoryFigures() ([]figure, error) {
	now, err := b.memory()
	if err != nil {
		return nil, err
	}
	thousand := func(now, alone memory) float64 { return (now.Anon - alone.Anon) / mebibyte * 1000 / float64(b.devices) }
	own := shown("server's memory, anonymous", now.server.Anon/mebibyte, "MiB")
	if bar := memoryBar(b.devices); bar > 0 {
		own = within(own.Name, own.Got, bar, own.Unit)
	}
	figures := []figure{own, shown("server's memory, of files", now.server.File/mebibyte, "MiB")}
	if b.broker != nil {
		figures = append(figures, shown("broker's memory, anonymous", now.broker.Anon/mebibyte, "MiB"))
	}
	if b.devices < smallFleet { // what the first need says little of a thousand
		return figures, nil
	}
	figures = append(figures, shown("server, 1,000 devices", thousand(now.server, b.alone.server), "MiB"))
	if b.broker != nil {
		figures = append(figures, shown("broker, 1,000 devices", thousand(now.broker, b.alone.broker), "MiB"))
	}
	return figures, nil
}

// bellBar is how long a bell may take, in milliseconds.
func bellBar(devices int) float64 {
	if devices > smallFleet {
		return 1500
	}
	return 300
}

// memoryBar is how much the server may use, in MiB; 0 beyond the sizes for
// which something was promised.
func memoryBar(devices int) float64 {
	switch {
	case devices <= 50:
		return 64
	case devices <= smallFleet:
		return 192
	}
	return 0
}

func medianOf[T any](turns []T, of func(T) time.Duration) float64 {
	list := make([]float64, len(turns))
	for i, t := range turns {
		list[i] = milliseconds(of(t))
	}
	return median(list)
}
