package pki

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Log is the school's ledger.
type Log interface{ ledger.Appender }

// Roll knows who was let into the school and whose certificate counts. It is
// safe for concurrent use; questions do not wait for the disk.
type Roll struct {
	log   Log
	stamp func() ledger.Stamp
	now   func() time.Time

	command sync.Mutex // held by a command from its checks to its fold

	mu          sync.Mutex
	members     map[string]*member
	invitations invitations
	onRevoked   func(client string)
}

// NewRoll makes an empty roll; Fold fills it. now is machine time.
func NewRoll(log Log, stamp func() ledger.Stamp, now func() time.Time) *Roll {
	return &Roll{log: log, stamp: stamp, now: now, members: map[string]*member{}, onRevoked: func(string) {}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (r *Roll) Settle() {
	r.command.Lock()
	defer r.command.Unlock()
}

// OnRevoked has fn called after certificates of a client stopped counting by a
// command, so that a broker can ask Known again and cut it off. fn gives no
// commands of its own.
func (r *Roll) OnRevoked(fn func(client string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.onRevoked = fn
}

// Known tells whether a client's certificate, by its serial as cert.Serial gives
// it, still counts. It is to be asked when a client connects with it: that ends
// the certificates this one has replaced.
func (r *Roll) Known(client, serial string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.members[client]
	if m == nil || !m.counts(serial, r.now()) {
		return false
	}
	m.use(serial)
	return true
}

// Superseded tells whether another machine has taken the place of the one that has
// this certificate.
func (r *Roll) Superseded(client, serial string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.members[client]
	return m != nil && slices.Contains(m.superseded, serial)
}

// Kind is what a client is, or was before it was revoked.
func (r *Roll) Kind(client string) (cert.Kind, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.members[client]; m != nil {
		return m.Kind, true
	}
	return "", false
}

// Belongs is what a client is, unless it was revoked. A certificate that has run
// out makes no difference: Known asks for that.
func (r *Roll) Belongs(client string) (cert.Kind, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.members[client]; m != nil && len(m.certificates) > 0 {
		return m.Kind, true
	}
	return "", false
}

// Members lists every client that ever joined, by kind and id.
func (r *Roll) Members() []Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Member, 0, len(r.members))
	for _, m := range r.members {
		list = append(list, m.public())
	}
	slices.SortFunc(list, func(a, b Member) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.ID, b.ID))
	})
	return list
}

// Barred gives, in order, the serials of all certificates that a broker must refuse
// though they have not run out: those that were revoked or replaced, and those of
// the clients that are held.
func (r *Roll) Barred(held func(client string) bool) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []string
	now := r.now()
	for id, m := range r.members {
		list = append(list, m.barred(held(id), now)...)
	}
	slices.Sort(list)
	return list
}

// Invited tells whether there is a code with which a client may still join.
func (r *Roll) Invited(client string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.invitations, func(i *invitation) bool { return i.ID == client && i.open(r.now()) })
}

// Invite opens a way in for one client: the token goes into its joining code and
// nowhere else. An older code for the same id ends. With replace the new
// certificate takes the place of one that still counts, as for a bank whose
// computer is exchanged. Errors: invalid; conflict when the id is of another
// kind, or has a certificate that counts and replace is false; not_now when too
// many codes are open; those of the ledger.
func (r *Roll) Invite(ctx context.Context, by string, s cert.Subject, replace bool) (joining.Token, time.Time, error) {
	token, now := joining.NewToken(), r.now()
	until := now.Add(InvitationLife)
	if !s.Kind.Valid() || !school.ValidID(s.ID) || !school.ValidID(by) {
		return token, until, errs.New(errs.Invalid, "A joining code needs a kind and an id of small letters, digits and hyphens.", "Choose another id.")
	}
	if slices.Contains(reserved, s.ID) {
		return token, until, errs.New(errs.Invalid, "That id belongs to the server itself.", "Choose another id.")
	}
	r.command.Lock()
	defer r.command.Unlock()
	if err := r.mayInvite(s, replace, now); err != nil {
		return token, until, err
	}
	hash := token.Hash()
	return token, until, r.record(ctx, change{KindOpened, openedBody{ID: s.ID, Kind: s.Kind,
		Token: hex.EncodeToString(hash[:]), Until: until.UTC(), Replace: replace, By: by}})
}

// reserved are the names by which the server itself writes and speaks.
var reserved = []string{"server", "school", "inline"}

func (r *Roll) mayInvite(s cert.Subject, replace bool, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.invitations = r.invitations.since(now.Add(-remembered))
	m := r.members[s.ID]
	switch {
	case m != nil && m.Kind != s.Kind:
		return errs.New(errs.Conflict, s.ID+" is the id of a "+string(m.Kind)+" already.", "Choose another id.")
	case m != nil && m.live(now) && !replace:
		return errs.New(errs.Conflict, string(s.Kind)+" "+s.ID+" has joined already and its certificate counts.",
			"To put another machine in its place, make the code with: "+replaceCommand(s))
	case len(r.invitations) >= maxInvitations:
		return errs.New(errs.NotNow, "Too many joining codes were made this week.", "Try again tomorrow.")
	}
	return nil
}

// replaceCommand is how an operator lets a new machine take an old one's place.
func replaceCommand(s cert.Subject) string {
	if s.Kind == cert.Bank {
		return "bellkeep bank replace " + s.ID
	}
	return "bellkeep " + string(s.Kind) + " add " + s.ID + " --replace"
}

// Revoke ends all certificates and codes of a client. Errors: not_found, those
// of the ledger.
func (r *Roll) Revoke(ctx context.Context, by, client string) error {
	return r.revoke(ctx, revokedBody{ID: client, By: by})
}

// RevokeSerial ends one certificate. Errors: as Revoke.
func (r *Roll) RevokeSerial(ctx context.Context, by, client, serial string) error {
	return r.revoke(ctx, revokedBody{ID: client, Serial: serial, By: by})
}

func (r *Roll) revoke(ctx context.Context, b revokedBody) error {
	if !school.ValidID(b.By) {
		return errs.New(errs.Invalid, "Somebody must answer for it.", "")
	}
	r.command.Lock()
	defer r.command.Unlock()
	if !r.has(b) {
		return errs.New(errs.NotFound, "Nothing is known by this id or serial.", "See who has joined with 'bellkeep bank list'.")
	}
	return r.record(ctx, change{KindRevoked, b})
}

// has tells whether there is anything for b to revoke.
func (r *Roll) has(b revokedBody) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.members[b.ID]
	if b.Serial != "" {
		return m != nil && m.index(b.Serial) >= 0
	}
	invited := slices.ContainsFunc(r.invitations, func(i *invitation) bool { return i.ID == b.ID })
	return m != nil || invited
}

// Newcomer is a client that has just been let in.
type Newcomer struct {
	cert.Subject
	By       string // whose code it was
	Replaces bool   // it takes the place of another machine
}

// issue certifies a key for a subject.
type issue func(cert.Subject) (*x509.Certificate, error)

// Redeem gives the holder of a code its first certificate. key is the hash of
// the key that asks. Errors: denied for a token that is unknown, too late or
// withdrawn; conflict for one that was used with another key or replaced; those
// of certify and of the ledger.
func (r *Roll) Redeem(ctx context.Context, t joining.Token, key string, certify issue) (Newcomer, *x509.Certificate, error) {
	r.command.Lock()
	defer r.command.Unlock()
	i, why, err := r.find(t, key)
	if err != nil {
		return Newcomer{}, nil, err
	}
	if why != "" {
		if err := r.recordRefusal(ctx, i, why); err != nil {
			return Newcomer{}, nil, err
		}
		return Newcomer{}, nil, why.err(i.Subject)
	}
	c, err := certify(i.Subject)
	if err != nil {
		return Newcomer{}, nil, err
	}
	var changes []change
	if i.replace && !i.again(key) {
		changes = append(changes, change{KindRevoked, revokedBody{ID: i.ID, By: i.by}})
	}
	body := issued(i.Subject, c, key)
	body.Token = hex.EncodeToString(i.hash[:])
	body.Grace = r.now().Add(Grace).UTC()
	return Newcomer{i.Subject, i.by, i.replace}, c, r.record(ctx, append(changes, change{KindJoined, body})...)
}

// find gives a copy of t's invitation and why it cannot be redeemed.
func (r *Roll) find(t joining.Token, key string) (invitation, reason, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.invitations.find(t)
	if i == nil {
		return invitation{}, "", errUnknownToken
	}
	return *i, i.refusal(key, r.now()), nil
}

var errUnknownToken = errs.New(errs.Denied, "This server does not know that joining code.",
	"Check that the code was made on this school's server within the last week, or make a new one.")

func (r *Roll) recordRefusal(ctx context.Context, i invitation, why reason) error {
	if i.refusals >= maxRefusals {
		return nil
	}
	return r.record(ctx, change{KindRefused, refusedBody{ID: i.ID, Token: hex.EncodeToString(i.hash[:]), Reason: why}})
}

// Renew gives a client its next certificate for the key with this hash. Errors:
// denied when the present one does not count, not_now within a minute of the
// last; those of certify and of the ledger.
func (r *Roll) Renew(ctx context.Context, s cert.Subject, serial, key string, certify issue) (*x509.Certificate, error) {
	r.command.Lock()
	defer r.command.Unlock()
	if err := r.mayRenew(s, serial); err != nil {
		return nil, err
	}
	c, err := certify(s)
	if err != nil {
		return nil, err
	}
	body := issued(s, c, key)
	body.Replaces, body.Grace = serial, r.now().Add(Grace).UTC()
	return c, r.record(ctx, change{KindRenewed, body})
}

func (r *Roll) mayRenew(s cert.Subject, serial string) error {
	known := r.Known(s.ID, serial)
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.members[s.ID]
	if !known || m == nil || m.Kind != s.Kind {
		return errs.New(errs.Denied, "This certificate does not count any more: it was revoked or replaced.",
			"Join again with a new code.")
	}
	if since := r.now().Sub(m.issued); since >= 0 && since < renewPause {
		return errs.New(errs.NotNow, "A certificate was given out a moment ago.", "Try again in a minute.")
	}
	if len(m.barred(true, r.now())) >= maxGiven {
		return errs.New(errs.NotNow, "This client was given too many certificates within their life.", "Look at why it renews so often.")
	}
	return nil
}

// renewPause keeps a client from filling the ledger with renewals.
const renewPause = time.Minute

func issued(s cert.Subject, c *x509.Certificate, key string) issuedBody {
	return issuedBody{ID: s.ID, Kind: s.Kind, Serial: cert.Serial(c), Key: key, NotAfter: c.NotAfter.UTC()}
}
