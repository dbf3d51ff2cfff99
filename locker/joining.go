package locker

// The screens of a bank that has no school to work for yet. They are for
// whoever sets it up.
const (
	Joining     Word = "joining"      // hold the joining code to the scanner
	JoiningNow  Word = "joining-now"  // the school's server is being asked
	Joined      Word = "joined"       // the bank belongs to a school; doors follow
	JoinRefused Word = "join-refused" // Says and Next tell why, and what now
	NotReady    Word = "not-ready"    // a badge came too early; please see the office
	Superseded  Word = "superseded"   // another machine is this bank now: Says and Next
)
