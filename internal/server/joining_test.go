package server

import (
	"encoding/hex"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
)

// A joining code is good for one machine and for half an hour. What comes after
// is told why, and that is on the school's record.
func TestJoiningCodeTwiceOrTooLate(t *testing.T) {
	late, c := joining.NewToken(), millLane(t)
	openedLongAgo(t, c.Dir, "b", late)
	s := run(t, c)
	used := invite(t, s, cert.Bank, "a")
	if _, err := join(t, used); err != nil {
		t.Fatal(err)
	}
	tooLate := joining.Code{CA: used.CA, Token: late, Kind: cert.Bank, ID: "b", Server: used.Server}
	for _, c := range []struct {
		name   string
		code   joining.Code
		want   errs.Code
		record string
	}{
		{"by a second machine", used, errs.Conflict, `"id":"a"` + ` "reason":"used"`},
		{"after half an hour", tooLate, errs.Denied, `"id":"b"` + ` "reason":"late"`},
	} {
		_, err := join(t, c.code)
		if errs.CodeOf(err) != c.want || errs.HintOf(err) == "" {
			t.Errorf("%s: %v, next step %q", c.name, err, errs.HintOf(err))
		}
		on := recordsOf(t, s, pki.KindRefused)
		for _, part := range strings.Fields(c.record) {
			if len(on) == 0 || !strings.Contains(on[len(on)-1], part) {
				t.Errorf("%s: on record is %v, want one with %s", c.name, on, part)
			}
		}
	}
	if joined := recordsOf(t, s, pki.KindJoined); len(joined) != 1 {
		t.Errorf("joined: %v", joined)
	}
	if _, _, err := s.Invite(t.Context(), Invitation{By: "it", Kind: cert.Bank, ID: "a"}); errs.CodeOf(err) != errs.Conflict || errs.HintOf(err) == "" {
		t.Errorf("a code for a second bank a: %v", err)
	}
}

// openedLongAgo puts a joining code of yesterday on the school's ledger.
func openedLongAgo(t *testing.T, dir, bank string, token joining.Token) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Join(dir, "school-ledger"), 0o700))
	log, err := boltlog.Open(filepath.Join(dir, "school-ledger"), boltlog.Options{Writer: Writer})
	must(t, err)
	hash := token.Hash()
	body, err := json.Marshal(map[string]any{
		"id": bank, "kind": cert.Bank, "token": hex.EncodeToString(hash[:]), "until": time.Now().Add(-24 * time.Hour), "by": "it",
	})
	must(t, err)
	_, err = log.Append(t.Context(), ledger.Entry{Kind: pki.KindOpened, Body: body})
	must(t, err)
	must(t, log.Close())
}

// Two servers on one data folder would answer for one school twice.
func TestOpenTwice(t *testing.T) {
	c := millLane(t)
	run(t, c)
	s, err := Open(t.Context(), c)
	if errs.CodeOf(err) != errs.Conflict || errs.HintOf(err) == "" {
		t.Errorf("a second server: %v, next step %q", err, errs.HintOf(err))
	}
	if s != nil && s.mqtt != nil {
		t.Error("it has taken an address all the same")
	}
}

// A bank of another school gets no further than its certificate.
func TestAnotherSchoolsBank(t *testing.T) {
	here, there := run(t, millLane(t)), run(t, millLane(t))
	stranger, err := join(t, invite(t, there, cert.Bank, "a"))
	must(t, err)
	own, err := join(t, invite(t, here, cert.Bank, "a"))
	must(t, err)

	refused := here.Broker.Health().Refused
	config := stranger.TLS()
	config.InsecureSkipVerify, config.VerifyConnection = true, nil // it does not mind whom it meets
	conn, err := net.Dial("tcp", here.mqtt.Addr().String())
	must(t, err)
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(patience)))
	if err := knock(conn, config); err == nil || !strings.Contains(err.Error(), "tls") {
		t.Errorf("it was let in: %v", err)
	}
	eventually(t, "the broker counts the refusal", func() bool { return here.Broker.Health().Refused > refused })
	await(t, dial(t, own, nil).up, "the connection of the school's own bank a")
}
