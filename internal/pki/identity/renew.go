package identity

import (
	"context"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
)

const (
	// lookEvery is how often the clock and the folder are looked at: the clock may
	// be put right, and somebody may join this computer again.
	lookEvery = time.Hour

	firstRetry = time.Minute // doubled up to lookEvery
)

// KeepRenewed renews the certificate at two thirds of its life until ctx ends.
// What fails is logged with its next step and tried again after 1 minute, 2
// minutes and so on up to an hour. Clients started at different times look at
// different times, so a server is not asked by all of them at once.
func (i *Identity) KeepRenewed(ctx context.Context, log *slog.Logger) {
	keep(ctx, func() error { return i.renewIfDue(ctx) }, func(err error) {
		log.Error("the certificate could not be renewed", "client", i.About().ID, "not_after", i.NotAfter(), "err", err, "hint", errs.HintOf(err))
	})
}

// keep looks again after an hour when nothing was due or all went well.
func keep(ctx context.Context, look func() error, failed func(error)) {
	retry := firstRetry
	for {
		pause := lookEvery
		if err := look(); err != nil {
			if ctx.Err() != nil {
				return
			}
			failed(err)
			pause, retry = retry, min(2*retry, lookEvery)
		} else {
			retry = firstRetry
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

func (i *Identity) renewIfDue(ctx context.Context) error {
	if err := i.reload(); err != nil {
		return err
	}
	if i.now().Before(cert.RenewAt(i.get().leaf)) {
		return nil
	}
	return i.Renew(ctx)
}

// Renew replaces key and certificate now. The old ones are used until the new
// ones are on disk, so a crash or a lost answer costs nothing. Errors: denied
// when the certificate has run out or was revoked, not_now when it is too early,
// invalid for an unusable answer, unavailable.
func (i *Identity) Renew(ctx context.Context) error {
	old := i.get()
	if now := i.now(); now.After(old.leaf.NotAfter) {
		return errs.New(errs.Denied, "The certificate of "+string(old.about.Kind)+" "+old.about.ID+" ran out on "+old.leaf.NotAfter.UTC().Format("2 January 2006")+"; this computer's clock says "+now.UTC().Format("2 January 2006")+".",
			"If the clock is right, make a new joining code on the school's server and scan it here: nothing else is lost.")
	}
	key, err := cert.NewKey()
	if err != nil {
		return err
	}
	csr, err := joining.NewCSR(key)
	if err != nil {
		return err
	}
	body, err := joining.RenewRequest{CSR: csr}.Encode()
	if err != nil {
		return err
	}
	answer, err := post(ctx, old.about.Server, joining.PathRenew, i.TLSTo(old.about.Server), body)
	if err != nil {
		return err
	}
	s, err := accept(answer, key, old.about.Server)
	if err == nil {
		err = s.follows(old)
	}
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "The server's answer does not fit this computer.", "Bring both programs to the same version.")
	}
	return i.store(s)
}

// follows tells whether s is the same client of the same school.
func (s state) follows(old state) error {
	return s.matches(joining.Code{ID: old.about.ID, Kind: old.about.Kind, CA: cert.FingerprintOf(old.root)})
}
