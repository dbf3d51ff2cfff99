package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/passkey/passkeytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// employ makes somebody of the register with an account and a passkey.
func (h *house) employ(account string, role roles.Role) *passkeytest.Authenticator {
	h.rig.t.Helper()
	ctx := h.rig.t.Context()
	entry := register.Entry{Kind: register.Staff, Details: register.Details{MIS: "S-" + account, Given: account, Family: "Staff"}}
	h.rig.must(h.People.Apply(ctx, "it", register.Changes{New: []register.Entry{entry}}, register.Stated{}))
	p, _ := h.People.ByMIS("S-" + account)
	h.rig.must(h.Users.Make(ctx, accounts.Console, accounts.NewAccount{ID: account, Person: p.ID}))
	h.rig.must(h.Users.Give(ctx, accounts.Console, account, roles.Assignment{Role: role}))
	a := passkeytest.New(p.ID)
	credential, err := json.Marshal(map[string][]byte{"id": a.ID, "publicKey": a.Key().Public})
	h.rig.must(err)
	h.rig.must(h.Users.AddPasskey(ctx, account, "a pretend one", credential))
	return a
}

// openStrongroom is a house whose bank has a bus of doors for evidence, and
// knows the passkeys of those who are employed before it joins.
func (r *rig) openStrongroom(employ func(h *house)) *house {
	r.t.Helper()
	r.rewrite(r.path("school", "bank-a.yaml"), "numbers: 33-64, bus: right, board: 0, lock: 1}",
		"numbers: 33-64, bus: right, board: 0, lock: 1, class: evidence}")
	h := r.openHouse()
	h.Site, h.Origins = passkeytest.Site, []string{passkeytest.Origin}
	employ(h)
	h.invite(r, server.Invitation{ID: "a", First: 1, Last: 32, Evidence: banks.Run{First: 33, Last: 64}})
	return h
}

// Whoever has the server, with its key and its broker, opens no evidence door: the
// bank wants two people's passkeys over the very thing, and keeps on its own record
// what it refused and why. Two people's passkeys do open it.
func TestAServerAloneOpensNoEvidence(t *testing.T) {
	t.Parallel()
	var head, dsl, deputy *passkeytest.Authenticator
	h := newRig(t).openStrongroom(func(h *house) {
		head, dsl, deputy = h.employ("head", roles.Head), h.employ("dsl", roles.DSL), passkeytest.New("s-of-nobody")
	})
	s := h.work("p-001")
	l := h.tapOrders()
	if known := h.told(1, locker.ApproversLearned); !known.AtOnce || known.By != "" || known.Keys.ID() != passkeytest.Set(head, dsl).ID() {
		t.Fatalf("the bank knows %+v", known)
	}
	done, err := h.Banks.Order(t.Context(), "a", locker.Order{Kind: locker.OrderPut, Item: "i-1", Class: locker.ClassEvidence, By: secretary})
	if err != nil || done.Refused != "" {
		t.Fatalf("%+v, %v", done, err)
	}
	door := done.Door
	h.rig.await("the door to open", func() bool { return s.Door(door).Open })
	if in, err := s.PutIn(t.Context(), door, "i-1"); !in || err != nil {
		t.Fatal(err)
	}
	h.shows("i-1 33 in")
	bar, err := h.Desk.Place(t.Context(), secretary, desk.Hold, locker.Subject{Item: "i-1"})
	h.rig.must(err)
	h.rig.await("the hold in force", func() bool { return !h.Banks.InForce(bar.Seq)[0].Since.IsZero() })
	frames := s.told(world.Frame)

	approval := func() string {
		t.Helper()
		nonce, err := h.Banks.Approval(t.Context(), "a")
		h.rig.must(err)
		return nonce
	}
	evidence := func(at int, by ...*passkeytest.Authenticator) locker.Order {
		o := locker.Order{Kind: locker.OrderEvidence, Item: "i-1", Door: at, Purpose: locker.HandOver, To: "h-1", By: "head", Approval: approval()}
		for _, a := range by {
			o.Signed = append(o.Signed, a.Sign(o.Wish("a")))
		}
		return o
	}
	forged := func(kind locker.OrderKind) locker.Order {
		return locker.Order{Kind: kind, Item: "i-1", Door: door, By: "head"}
	}
	elsewhere := evidence(34, head, dsl)
	elsewhere.Door = door
	used := evidence(door, head, dsl)
	used.Purpose = locker.Restore // refused, and spent
	replayed := used
	replayed.Purpose = locker.HandOver
	late := evidence(door, head, dsl)
	late.Approval = "0123456789abcdef0123456789abcdef"
	refused := 0
	for _, c := range []struct {
		name  string
		order locker.Order
		want  locker.Answer
	}{
		{"signed by nobody", forged(locker.OrderEvidence), locker.Malformed},
		{"to somewhere, signed by nobody", func() locker.Order {
			o := forged(locker.OrderEvidence)
			o.Purpose, o.To = locker.HandOver, "h-1"
			return o
		}(), locker.TwoNeeded},
		{"as any other item", forged(locker.OrderTake), locker.EvidenceKept},
		{"as a pupil's door", locker.Order{Kind: locker.OpenDoor, Door: door, By: "head"}, locker.NoSuchDoor},
		{"signed by one", evidence(door, head), locker.TwoNeeded},
		{"signed by one person twice", evidence(door, head, head), locker.SamePerson},
		{"signed by one whom the bank does not know", evidence(door, head, deputy), locker.UnknownKey},
		{"signed for another door", elsewhere, locker.OtherWish},
		{"signed for another purpose", used, locker.OtherWish},
		{"with what was used once", replayed, locker.Replayed},
		{"with a number of somebody else's", late, locker.UnknownNonce},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := "o-" + string(rune('a'+refused))
			refused++
			c.order.ID, c.order.Nonce = id, l.nonce("n"+id)
			l.send(l.sealed(h.Authority.SigningKey(), wire.TypeOrder, wire.Order{V: wire.V, Bank: "a", ID: id, Order: &c.order}))
			if a := l.answer(id); a.Refused != string(c.want) || a.Seq == 0 {
				t.Errorf("answered %+v, want %s", a, c.want)
			}
			if e := h.told(refused, locker.OrderRefused); e.Answer != c.want || e.Order != id || e.By != "head" {
				t.Errorf("on record: %+v, want %s", e, c.want)
			}
		})
	}
	t.Run("signed by one who was added within a day", func(t *testing.T) {
		added := passkeytest.Set(head, dsl, deputy)
		change := locker.Order{Kind: locker.OrderApprovers, Keys: &added, By: "head", Approval: approval()}
		for _, a := range []*passkeytest.Authenticator{head, dsl} {
			change.Signed = append(change.Signed, a.Sign(change.Wish("a")))
		}
		if done, err := h.Banks.Order(t.Context(), "a", change); err != nil || done.Refused != "" {
			t.Fatalf("%+v, %v", done, err)
		}
		if e := h.told(1, locker.ApproversChanged); e.Keys.ID() != added.ID() || e.Approvals != [2]string{head.Person, dsl.Person} {
			t.Errorf("on record: %+v", e)
		}
		refused++
		if done, err := h.Banks.Order(t.Context(), "a", evidence(door, head, deputy)); err != nil || done.Refused != string(locker.NewKey) {
			t.Errorf("%+v, %v", done, err)
		}
		if e := h.told(refused, locker.OrderRefused); e.Answer != locker.NewKey {
			t.Errorf("on record: %+v", e)
		}
	})
	if after := s.told(world.Frame); after != frames {
		t.Errorf("%d doors were pulsed by what was refused", after-frames)
	}

	done, err = h.Banks.Order(t.Context(), "a", evidence(door, dsl, head))
	if err != nil || done.Refused != "" || done.Door != door {
		t.Fatalf("%+v, %v", done, err)
	}
	h.rig.await("the door to open", func() bool { return s.Door(door).Open })
	if out, err := s.TakeOut(t.Context(), door, "i-1"); !out || err != nil {
		t.Fatal(err)
	}
	h.shows()
	opened := h.events(locker.Intent)
	if e := opened[len(opened)-1]; e.Purpose != locker.HandOver || len(e.Signed) != 2 || e.Approvals != [2]string{dsl.Person, head.Person} || e.To != "h-1" {
		t.Errorf("on record: %+v", e)
	}
}

// A bank that joined before anybody had a passkey takes no server's word for whose
// they are. Whoever has its own computer says so, by the fingerprint that the school's
// page shows.
func TestABankLearnsItsApprovers(t *testing.T) {
	t.Parallel()
	h := newRig(t).openStrongroom(func(*house) {})
	h.work("p-001")
	set := passkeytest.Set(h.employ("head", roles.Head), h.employ("dsl", roles.DSL))
	done, err := h.Banks.Order(t.Context(), "a", locker.Order{Kind: locker.OrderApprovers, Keys: &set, By: "it"})
	if err != nil || done.Refused != "" {
		t.Fatalf("%+v, %v", done, err)
	}
	if e := h.told(1, locker.ApproversOffered); e.Keys.ID() != set.ID() || len(h.events(locker.ApproversLearned)) != 0 {
		t.Errorf("on record: %+v", e)
	}
	if got := h.Approvers(); got.ID() != set.ID() {
		t.Errorf("the school's list is %+v", got)
	}
	h.rig.stop()

	data, err := json.Marshal(h.Approvers())
	h.rig.must(err)
	h.rig.must(os.WriteFile(h.rig.path("approvers.json"), data, 0o600))
	command := func(fingerprint string) (string, error) {
		c := exec.Command(filepath.Join(h.rig.programs, "bellkeep-bank"), "approvers", "--learn", h.rig.path("approvers.json"), "--fingerprint", fingerprint,
			"--config", h.rig.path("school", "bank-a.yaml"), "--data", h.rig.path("data"), "--devices", h.rig.path("devices"))
		out, err := c.CombinedOutput()
		return string(out), err
	}
	if out, err := command(""); err == nil || !strings.Contains(out, set.Fingerprint()) || !strings.Contains(out, "Nobody has said that this is the list.") {
		t.Errorf("without a fingerprint: %v\n%s", err, out)
	}
	out, err := command(set.Fingerprint())
	if err != nil || !strings.Contains(out, set.People()[0]) || !strings.Contains(out, "counts") {
		t.Errorf("%v\n%s", err, out)
	}
	h.rig.startBank()
	if e := h.told(1, locker.ApproversLearned); e.By != root && e.By != owner || e.Keys.ID() != set.ID() {
		t.Errorf("on record: %+v", e)
	}
	if len(h.events(locker.ApproversLearned)) != 1 {
		t.Error("it learned them twice")
	}
}

// Nobody else on the bank's computer changes its approvers, whatever they may write.
func TestApproversAreForTheOwner(t *testing.T) {
	info, err := os.Stat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	self := os.Geteuid()
	if by, err := mayLearn(info, 0); by != root || err != nil {
		t.Errorf("root is %q, %v", by, err)
	}
	if by, err := mayLearn(info, self+1); by != "" || errs.CodeOf(err) != errs.Denied {
		t.Errorf("somebody else is %q, %v", by, err)
	}
	if by, err := mayLearn(info, self); self != 0 && (by != owner || err != nil) {
		t.Errorf("the owner is %q, %v", by, err)
	}
}
