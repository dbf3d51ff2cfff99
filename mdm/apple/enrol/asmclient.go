package enrol

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/micromdm/nanodep/client"
	"github.com/micromdm/nanodep/godep"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

// Limits of the requests to Apple School Manager.
const (
	asmName     = "school"         // of the one connection there is
	asmWithin   = 30 * time.Second // machine time
	asmMaxReply = 8 << 20          // bytes
)

// account is what NanoDEP's client knows of Apple School Manager: one token, and where
// the service is.
type account struct {
	token *client.OAuth1Tokens
	url   string // "" for Apple's
}

func (a account) RetrieveAuthTokens(context.Context, string) (*client.OAuth1Tokens, error) {
	return a.token, nil
}

func (a account) RetrieveConfig(context.Context, string) (*client.Config, error) {
	return &client.Config{BaseURL: a.url}, nil
}

// asmClient speaks to Apple School Manager with a token.
func (o *Office) asmClient(t *client.OAuth1Tokens) *godep.Client {
	used := http.Client{Timeout: asmWithin}
	if o.Client != nil {
		used = *o.Client
	}
	used.Transport = limitedReplies{used.Transport}
	return godep.NewClient(account{t, o.ASMURL}, godep.WithClient(&used))
}

// limitedReplies cuts answers that are too long.
type limitedReplies struct{ next http.RoundTripper }

func (l limitedReplies) RoundTrip(r *http.Request) (*http.Response, error) {
	next := l.next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, asmMaxReply)
	}
	return resp, err
}

// asmError says what is wrong with Apple School Manager's answer.
func asmError(err error) error {
	var denied *client.AuthError
	var refused *godep.HTTPError
	switch {
	case errors.As(err, &denied), errors.As(err, &refused) && (refused.StatusCode == http.StatusUnauthorized || refused.StatusCode == http.StatusForbidden):
		return errs.Wrap(err, errs.Denied, "Apple School Manager does not take this server token.", "It dies with the password of the administrator who made it, and when new terms wait to be agreed to. Sign in there, agree, and download the token once more.")
	case errors.As(err, &refused):
		return errs.Wrap(err, errs.Unavailable, "Apple School Manager answers: "+mdm.Cut(refused.Status)+".", "Try again; if it stays, look at Apple's system status.")
	}
	return errs.Wrap(err, errs.Unavailable, "Apple School Manager cannot be reached.", "Let this server reach mdmenrollment.apple.com, port 443.")
}

// connected is a client with the token that is kept. Errors: not_found, internal.
func (o *Office) connected() (*godep.Client, error) {
	a := o.look().ASM
	if a.Token == nil {
		return nil, errs.New(errs.NotFound, "There is no server token of Apple School Manager.", "Upload it first.")
	}
	b, err := o.Seal.Open(a.Token)
	if err != nil {
		return nil, err
	}
	t := &client.OAuth1Tokens{}
	if err := json.Unmarshal(b, t); err != nil {
		return nil, err
	}
	return o.asmClient(t), nil
}
