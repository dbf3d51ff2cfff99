// Package boltlog keeps a ledger in one bbolt file: Log writes one's own, Copy
// follows somebody else's, File reads one that is closed.
//
// The file <writer>.<epoch>.ledger has three buckets:
//
//	records      8-byte big-endian sequence → hashes ‖ leaf
//	             hashes are the ledger.Levels(sequence) hashes of 32 bytes that
//	             the record adds to the Merkle tree, level 0 first; the bucket's
//	             own sequence number is the number of records
//	checkpoints  8-byte big-endian size → signed note
//	about        "format" → "1"
//
// Beside it lie <file>.key (the note signing key, mode 0600), <file>.pub (the
// verifier key) and reserve.<writer>, a megabyte of real blocks that is given
// up when the disk is full so that a restart can still record.
//
// A copy of somebody else's ledger has the same file, byte for byte in every
// record, and <file>.pub. It has no signing key and no reserve, but perhaps
// <file>.copy: the signed notes it has not grown to yet, and the evidence of a
// fork, as JSON. A copy holds those of the writer's checkpoints it was sent,
// none at first; until then Verify rightly calls it unsigned.
//
// One goroutine writes a log. It drains the queue into one transaction,
// commits, and only then acknowledges; a copy commits in the call itself. After
// a failed commit either is dead: what is on disk is not known until the file
// is opened anew, see Failed.
//
// Pages of bbolt carry no checksum, so Verify and the readers of closed files
// do not use bbolt: they read its page format themselves, check every field
// that format determines, and say at which sequence the damage begins.
package boltlog

const (
	format        = "1"
	maxFormat     = 16 // bytes of the format's name
	aboutBucket   = "about"
	recordBucket  = "records"
	signedBucket  = "checkpoints"
	formatKey     = "format"
	fileMode      = 0o600
	dirMode       = 0o700
	publicMode    = 0o644
	signEvery     = 256     // records between signed checkpoints
	maxQueue      = 256     // calls waiting for the writer
	maxBatch      = 4 << 20 // bytes of leaves in one transaction
	maxChunk      = 256     // records read in one read transaction
	maxChunkBytes = 1 << 20
)
