// Package ledger is the record a school can rely on: append-only, one writer,
// tamper-evident.
//
// A ledger belongs to one writer (a bank, or the school server) and one epoch.
// It is a sequence of leaves, counted from 0. A leaf is one JSON object without
// spaces, at most MaxLeaf bytes, its fields in exactly this order:
//
//	v        format of the leaf: 1
//	seq      place in the ledger, from 0
//	kind     what happened: a lower-case word such as deposit-intended
//	at       the writer's wall clock, RFC 3339, UTC, milliseconds: 2026-09-07T07:41:03.250Z
//	trusted  true when that clock could be trusted
//	boot     id of the writer's boot
//	mono     milliseconds since that boot
//	door     door number as painted on it
//	for      why the door is opened
//	body     a JSON object belonging to the kind
//
// A field that is empty, zero or false is left out; v, seq and kind never are.
// So every record has exactly one leaf, and Decode refuses any other bytes.
// Leaves hold ids and salted commitments, never names.
//
// The stored bytes of the leaves are hashed into a Merkle tree (RFC 6962,
// golang.org/x/mod/sumdb/tlog). Checkpoints of that tree are signed notes in
// the C2SP form tlog-checkpoint: origin, size and base64 root, a line each.
// Record 0 opens the epoch, see Opening.
//
// Append returns a Receipt for each entry, and only after the entry is on
// disk. A receipt is what the gate of a bank asks for before it moves a latch.
package ledger

import (
	"context"
	"encoding/json"
	"time"
)

// Stamp is when something happened by the writer's own clocks. Order is told
// by sequence, never by Wall.
type Stamp struct {
	Wall    time.Time     // school time, UTC, to the millisecond
	Trusted bool          // whether the writer's clock could be trusted
	Boot    string        // random id of the writer's boot
	Mono    time.Duration // since that boot, to the millisecond; never goes back
}

// Entry is what a writer hands in. Door and Purpose are part of the stored
// leaf, so a receipt can only ever speak of what was written down.
type Entry struct {
	Kind    string
	Stamp   Stamp
	Door    int             // door number as painted on it; 0 for none
	Purpose string          // why the door is opened; "" opens nothing
	Body    json.RawMessage // a JSON object, or nil
}

// Record is an entry as it stands in the ledger.
type Record struct {
	Seq  uint64 // from 0; record 0 opens the epoch
	Leaf []byte // the exact stored bytes
	Entry
}

// Appender writes. All entries of one call are committed together, in order,
// or not at all; a call takes 1 to MaxEntries of them.
//
// Errors: invalid when an entry breaks a limit, and the error of ctx when it
// ended before the entries were queued; then nothing was written. Any other
// error means unknown: the entries may or may not be on disk, and the process
// must stop and start again before it goes on.
type Appender interface {
	Append(ctx context.Context, entries ...Entry) ([]Receipt, error)
}

// Reader follows a ledger.
type Reader interface {
	// Size is the number of committed records.
	Size() uint64
	// Read calls fn for each record from sequence from on, in order, up to
	// the size at the time of the call. It stops at the first error.
	Read(ctx context.Context, from uint64, fn func(Record) error) error
	// Wait returns as soon as Size is greater than size, or ctx ends.
	Wait(ctx context.Context, size uint64) error
}
