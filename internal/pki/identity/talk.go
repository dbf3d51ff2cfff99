package identity

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
)

// talkTime bounds one request, from the first packet to the last.
const talkTime = 30 * time.Second

// post asks the registrar once, over a connection of its own.
func post(ctx context.Context, server, path string, conf *tls.Config, body []byte) (joining.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, talkTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+server+path, bytes.NewReader(body))
	if err != nil {
		return joining.Answer{}, errs.Wrap(err, errs.Invalid, "The server's address cannot be used.", "Make a new joining code.")
	}
	request.Header.Set("Content-Type", joining.MediaType)
	request.Header.Set("Accept", joining.MediaType+", "+joining.ProblemType)
	client := http.Client{
		Transport:     &http.Transport{TLSClientConfig: conf, DisableKeepAlives: true, MaxResponseHeaderBytes: 8 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return joining.Answer{}, explain(err, server)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, joining.MaxAnswer+1))
	if err != nil {
		return joining.Answer{}, explain(err, server)
	}
	if response.StatusCode != http.StatusOK {
		return joining.Answer{}, refusal(response.StatusCode, data, server)
	}
	return joining.DecodeAnswer(data)
}

func refusal(status int, data []byte, server string) error {
	problem, err := joining.DecodeProblem(data)
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "What answers at "+server+" is not a school's registrar (HTTP status "+strconv.Itoa(status)+").",
			"Check the server's address, then make a new joining code.")
	}
	return problem.Err()
}

// explain says why a connection failed, and what to do.
func explain(err error, server string) error {
	var (
		known  *errs.Error // from the check of the server's certificate
		record tls.RecordHeaderError
		remote *net.OpError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &record):
		return errs.Wrap(err, errs.Unavailable, "What answers at "+server+" does not speak TLS.",
			"Check the port of the server's address, then make a new joining code.")
	case errors.As(err, &remote) && remote.Op == "remote error":
		return errs.Wrap(err, errs.Denied, "The server at "+server+" refuses this computer's certificate.",
			"If it has run out or was revoked, join again with a new code.")
	}
	return errs.Wrap(err, errs.Unavailable, "The school's server at "+server+" cannot be reached.",
		"Check the network cable and that the server is running, then try again; a joining code holds for 30 minutes.")
}
