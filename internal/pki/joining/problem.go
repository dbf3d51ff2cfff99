package joining

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// ProblemType is the media type of a refusal.
const ProblemType = "application/problem+json"

const maxProblem = 4 << 10 // bytes

// Problem is a refusal as it travels: the members of RFC 9457, with the code
// and the next step as extensions.
type Problem struct {
	Type   string    `json:"type"`
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Detail string    `json:"detail"`
	Code   errs.Code `json:"code"`
	Hint   string    `json:"hint,omitempty"`
}

// ProblemOf says how err travels. What broke inside the server is not told.
func ProblemOf(err error) Problem {
	p := Problem{Type: "about:blank", Status: status(errs.CodeOf(err)), Code: errs.CodeOf(err)}
	p.Title = http.StatusText(p.Status)
	var known *errs.Error
	if p.Status == http.StatusInternalServerError || !errors.As(err, &known) {
		p.Code, p.Detail, p.Hint = errs.Internal, "Something went wrong on the server.", "Look into the server's log, then try again."
		return p
	}
	p.Detail, p.Hint = known.Message, known.Hint
	return p
}

// Err is the refusal as the client's own error.
func (p Problem) Err() error {
	if status(p.Code) == http.StatusInternalServerError {
		p.Code = errs.Unavailable // broken there, not here: it may work again
	}
	return errs.New(p.Code, p.Detail, p.Hint)
}

// DecodeProblem reads a refusal. Errors: invalid.
func DecodeProblem(data []byte) (Problem, error) {
	var p Problem
	if len(data) > maxProblem {
		return p, badAnswer(nil)
	}
	if err := json.Unmarshal(data, &p); err != nil || p.Detail == "" {
		return Problem{}, badAnswer(err)
	}
	return p, nil
}

func status(c errs.Code) int {
	switch c {
	case errs.Invalid:
		return http.StatusBadRequest
	case errs.Denied:
		return http.StatusForbidden
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Conflict:
		return http.StatusConflict
	case errs.NotNow:
		return http.StatusTooManyRequests
	case errs.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
