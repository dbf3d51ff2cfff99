package enrol

import (
	"bytes"
	"encoding/pem"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
)

const topic = "com.apple.mgmt.External.elmfield"

// A push certificate comes by a request whose key stays here; each wrong file is
// refused with what to do.
func TestPushCertificate(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	refused(t, "without a request", r.TakePush(ctx, nil, "a@b.example"), errs.NotFound, "", "No request")
	must(t, r.Request())
	first := r.look().Request.CSR
	must(t, r.Request())
	csr := r.look().Request.CSR
	for what, c := range map[string]struct {
		file []byte
		says string
	}{
		"nothing":                 {nil, "not a request signed"},
		"text":                    {[]byte("hello"), "not a request signed"},
		"the request itself":      {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr}), "not a request signed"},
		"another request":         {vendor(t, first, first), "another request"},
		"over another":            {vendor(t, csr, first), "not over this request"},
		"a file that is too long": {bytes.Repeat([]byte("A"), MaxUpload+4), "not a request signed"},
	} {
		refused(t, what, r.TakeSigned(c.file), errs.Invalid, "signed", c.says)
	}
	must(t, r.TakeSigned(vendor(t, csr, csr)))
	if _, err := r.Signed(); err != nil {
		t.Error(err)
	}

	a, err := double.NewAuthority()
	must(t, err)
	year := noon.Add(365 * 24 * time.Hour)
	good := certificateFor(t, r, a, topic, year)
	other, _, err := a.PushCertificate(topic, year)
	must(t, err)
	for what, c := range map[string]struct {
		file    []byte
		account string
		field   string
		says    string
	}{
		"no account":         {good, "", "account", "Apple Account"},
		"an account of text": {good, "the head", "account", "Apple Account"},
		"no certificate":     {[]byte("hello"), "a@b.example", "certificate", "no certificate"},
		"another kind":       {certificateFor(t, r, a, "com.example.app", year), "a@b.example", "certificate", "not for waking"},
		"another key":        {other, "a@b.example", "certificate", "another request"},
		"ended":              {certificateFor(t, r, a, topic, noon.Add(-time.Hour)), "a@b.example", "certificate", "ended on"},
		"not yet good":       {certificateFor(t, r, a, topic, year.Add(48*time.Hour)), "a@b.example", "certificate", "good from"},
	} {
		refused(t, what, r.TakePush(ctx, c.file, c.account), errs.Invalid, c.field, c.says)
	}
	must(t, r.TakePush(ctx, good, " mdm@elmfield.example "))
	has, err := r.Push()
	must(t, err)
	if has.Topic != topic || has.Account != "mdm@elmfield.example" || has.Left(noon) != 364 || !has.Asked.IsZero() {
		t.Errorf("it stands as %+v", has)
	}

	must(t, r.Request())
	refused(t, "another topic", r.TakePush(ctx, certificateFor(t, r, a, topic+"-2", year), "a@b.example"), errs.Conflict, "", "another topic")
	if has, _ = r.Push(); has.Account != "mdm@elmfield.example" || has.Topic != topic {
		t.Errorf("what was refused changed it: %+v", has)
	}
}
