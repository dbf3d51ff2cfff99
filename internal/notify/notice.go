package notify

import "time"

// Way is how a notice reaches somebody.
type Way string

// The ways.
const (
	Email Way = "email"
	Slip  Way = "slip" // on paper
)

// State is how far a notice has come.
type State string

// The states of a notice.
const (
	Prepared  State = "prepared"
	Queued    State = "queued"   // to be sent as soon as possible
	Deferred  State = "deferred" // refused for now, to be tried again
	Sending   State = "sending"
	Sent      State = "sent"
	Failed    State = "failed" // certainly not sent
	Unsure    State = "unsure" // perhaps sent
	Printed   State = "printed"
	Cancelled State = "cancelled"
)

// waits reports whether the outbox has still to send it.
func (s State) waits() bool { return s == Queued || s == Deferred }

// Open reports whether the notice has still to be dealt with by somebody.
func (s State) Open() bool { return s == Prepared || s == Sending || s.waits() }

// Why says what kept an e-mail from being sent, and where.
type Why string

// Where a mail server refused, or could not be reached.
const (
	AtConnect   Why = "connect"
	AtTLS       Why = "tls"
	AtSignIn    Why = "sign-in"
	AtSender    Why = "sender"
	AtRecipient Why = "recipient"
	AtMessage   Why = "message"
)

// What made the outbox itself refuse.
const (
	NoContact      Why = "no-contact"      // the contact must not be contacted any more
	AddressChanged Why = "address-changed" // since the notice was prepared
	Erased         Why = "erased"          // the vault has forgotten the text
	Expired        Why = "expired"         // waited longer than MaxWait
)

// Notice is one notice as the ledger tells of it. Names are the reader's to look
// up; texts are with Book.Text and Book.Slip.
type Notice struct {
	ID       string
	About    string // the case or the item
	Template string
	Way      Way
	Pupil    string // whose contact it goes to, or ""
	Contact  string // by the register's id; "" once erased
	Staff    string // the member of staff it goes to, or ""

	State      State
	Attempts   int // how often a mail server was called
	Why        Why // it failed or was deferred
	Code       int // the mail server's answer to that (RFC 5321, section 4.2), or 0
	PreparedAt time.Time
	PreparedBy string
	ChangedAt  time.Time // when it came into its state
	SentBy     string    // who said: send it, or printed it
	SentAt     time.Time // when they did

	content string // id in the vault
}
