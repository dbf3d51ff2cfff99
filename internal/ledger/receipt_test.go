package ledger

import (
	"testing"
	"time"
)

// Whatever is changed about a receipt, its issuer refuses it.
func TestReceiptBindsEveryField(t *testing.T) {
	issuer := NewIssuer("bank-a", 2)
	entry := Entry{Kind: "deposit-intended", Door: 12, Purpose: "deposit"}
	receipt := issuer.Issue(41, entry, time.Now())
	if err := issuer.Check(receipt); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Receipt){
		"writer":    func(r *Receipt) { r.writer = "bank-b" },
		"epoch":     func(r *Receipt) { r.epoch++ },
		"sequence":  func(r *Receipt) { r.seq++ },
		"door":      func(r *Receipt) { r.door++ },
		"purpose":   func(r *Receipt) { r.purpose = "collection" },
		"committed": func(r *Receipt) { r.committed = r.committed.Add(time.Second) },
		"seal":      func(r *Receipt) { r.mac[0] ^= 1 },
		"all of it": func(r *Receipt) { *r = Receipt{} },
	} {
		changed := receipt
		change(&changed)
		if issuer.Check(changed) == nil {
			t.Errorf("accepted with another %s", name)
		}
	}
	if NewIssuer("bank-a", 2).Check(receipt) == nil {
		t.Error("accepted by another issuer of the same ledger")
	}
}

func TestOpening(t *testing.T) {
	o := Opening{Writer: "bank-a", Epoch: 2, Key: "k", Previous: "p\n", By: "s-17", Why: "restored"}
	entry, err := o.Entry(Stamp{})
	if err != nil {
		t.Fatal(err)
	}
	o.Format = Version
	if got, err := ReadOpening(Record{Entry: entry}); err != nil || got != o {
		t.Fatalf("reads as %+v, %v", got, err)
	}
	for name, r := range map[string]Record{
		"another place": {Seq: 1, Entry: entry},
		"another kind":  {Entry: Entry{Kind: "door-opened", Body: entry.Body}},
		"no body":       {Entry: Entry{Kind: KindEpochOpened}},
		"newer format":  {Entry: Entry{Kind: KindEpochOpened, Body: []byte(`{"format":2,"writer":"a","epoch":1}`)}},
		"no writer":     {Entry: Entry{Kind: KindEpochOpened, Body: []byte(`{"format":1,"epoch":1}`)}},
		"no epoch":      {Entry: Entry{Kind: KindEpochOpened, Body: []byte(`{"format":1,"writer":"a"}`)}},
	} {
		if _, err := ReadOpening(r); err == nil {
			t.Errorf("accepted: %s", name)
		}
	}
}
