// Package cmstest makes messages that a reader of CMS must not be given, for the tests of
// whoever reads some.
package cmstest

import (
	"runtime"
	"slices"
)

// Longer are objects that are longer than what they are in, each before the next. Its
// reader takes twice as much for each level.
func Longer(levels int) []byte {
	b := []byte{5, 0}
	for range levels {
		h := sequence(len(b))
		b = slices.Concat([]byte{0x30, byte(len(h))}, h, b)
	}
	return append(sequence(len(b)), b...)
}

// sequence is the header of one of so many bytes.
func sequence(n int) []byte {
	if n < 0x80 {
		return []byte{0x30, byte(n)}
	}
	return []byte{0x30, 0x82, byte(n >> 8), byte(n)}
}

// Bomb is one that takes its reader about half a second, and shows in Cost.
func Bomb() []byte { return Longer(18) }

// Much is what Cost is more than where somebody reads a Bomb, in bytes.
const Much = 32 << 20

// Cost is how much memory do takes, in bytes, freed again or not.
func Cost(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
