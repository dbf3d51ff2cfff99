package pki

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/pki/cert"
)

// Grace is how long a certificate counts beside the one that replaces it, until
// that one is first used: its owner may not have received it.
const Grace = 7 * 24 * time.Hour

const (
	// maxCertificates bounds what a client that never uses its new certificates can
	// gather.
	maxCertificates = 4

	// maxGiven bounds how many certificates of one client may have life left in
	// them, and so what a broker's revocation list may have to name.
	maxGiven = 64
)

// Member is one client of the school, for lists.
type Member struct {
	cert.Subject
	Serial   string    // of its newest certificate, "" when none counts
	NotAfter time.Time // of that one
}

// certificate is one that was given out and may count still.
type certificate struct {
	serial string
	until  time.Time // end of its life, or of its grace
}

// member is what the roll knows of a client. Certificates that were revoked, or
// stopped counting when a newer one was used, are gone from the list.
type member struct {
	cert.Subject
	certificates []certificate // oldest first
	given        []certificate // all that have not run out, whether they count or not
	superseded   []string      // serials of those that an older machine may still have, see given
	issued       time.Time     // when the newest was
}

func (m *member) index(serial string) int {
	return slices.IndexFunc(m.certificates, func(c certificate) bool { return c.serial == serial })
}

// counts tells whether a certificate counts at a time.
func (m *member) counts(serial string, now time.Time) bool {
	i := m.index(serial)
	return i >= 0 && now.Before(m.certificates[i].until)
}

// live tells whether any certificate counts.
func (m *member) live(now time.Time) bool {
	return slices.ContainsFunc(m.certificates, func(c certificate) bool { return now.Before(c.until) })
}

// use notes that a certificate is in its owner's hands, which ends the older
// ones.
func (m *member) use(serial string) {
	if i := m.index(serial); i > 0 {
		m.certificates = slices.Delete(m.certificates, 0, i)
	}
}

// issue takes in a new certificate. Those before it count until grace at the
// latest.
func (m *member) issue(c certificate, grace time.Time) {
	now := grace.Add(-Grace)
	m.issued = now
	m.given = append(slices.DeleteFunc(m.given, func(old certificate) bool { return !now.Before(old.until) }), c)
	m.certificates = slices.DeleteFunc(m.certificates, func(old certificate) bool { return !now.Before(old.until) })
	for i, old := range m.certificates {
		if grace.Before(old.until) {
			m.certificates[i].until = grace
		}
	}
	if len(m.certificates) == maxCertificates {
		m.certificates = slices.Delete(m.certificates, 1, 2) // the first is in use, the second never was
	}
	m.certificates = append(m.certificates, c)
}

// supersede notes that another machine takes the place of whichever had the
// certificates so far.
func (m *member) supersede() {
	m.superseded = nil
	for _, c := range m.given {
		m.superseded = append(m.superseded, c.serial)
	}
}

// revoke ends one certificate, or all without a serial.
func (m *member) revoke(serial string) {
	m.certificates = slices.DeleteFunc(m.certificates, func(c certificate) bool { return serial == "" || c.serial == serial })
}

// barred gives the serials that a broker must refuse though they have life left:
// those that count no more, and all of them when the client is held.
func (m *member) barred(held bool, now time.Time) []string {
	var list []string
	for _, c := range m.given {
		if now.Before(c.until) && (held || !m.counts(c.serial, now)) {
			list = append(list, c.serial)
		}
	}
	return list
}

func (m *member) public() Member {
	p := Member{Subject: m.Subject}
	if n := len(m.certificates); n > 0 {
		p.Serial, p.NotAfter = m.certificates[n-1].serial, m.certificates[n-1].until
	}
	return p
}
