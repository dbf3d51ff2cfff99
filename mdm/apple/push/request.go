package push

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// errLater is an answer after which it is worth trying again.
type errLater struct {
	status int
	reason string
	after  time.Duration
}

func (e errLater) Error() string { return fmt.Sprintf("push service: %d %s", e.status, e.reason) }

func (s *Sender) request(ctx context.Context, n Notification) (*http.Request, error) {
	body, err := json.Marshal(struct {
		MDM string `json:"mdm"`
	}{n.Magic})
	if err != nil {
		return nil, err
	}
	base := s.URL
	if base == "" {
		base = Apple
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/3/device/"+hex.EncodeToString(n.Token), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("apns-topic", n.Topic)
	req.Header.Set("apns-push-type", "mdm")
	req.Header.Set("apns-expiration", strconv.FormatInt(s.now().Add(keep).Unix(), 10))
	return req, nil
}

// verdict reads an answer.
func verdict(resp *http.Response, body []byte) error {
	var said struct {
		Reason string `json:"reason"`
	}
	_ = json.Unmarshal(body, &said) // without a reason the status has to do
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
		return nil
	case code == http.StatusGone, said.Reason == "BadDeviceToken", said.Reason == "Unregistered":
		return ErrGone
	case code == http.StatusTooManyRequests, code >= 500:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // none is 0
		return errLater{code, said.Reason, time.Duration(seconds) * time.Second}
	case code == http.StatusForbidden:
		return errs.New(errs.Denied, fmt.Sprintf("Apple refuses the push certificate: %.60q.", said.Reason), "Renew it with the Apple Account that made it.")
	default:
		return errs.New(errs.Invalid, fmt.Sprintf("Apple refuses a wake-up: %d %.60q.", code, said.Reason), "")
	}
}
