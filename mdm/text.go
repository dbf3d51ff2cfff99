package mdm

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// decode reads one JSON object of at most limit bytes into v. Errors: invalid.
func decode(b []byte, limit int, v any) error {
	if len(b) > limit {
		return invalid("A message of %d bytes is longer than %d.", len(b), limit)
	}
	if !utf8.Valid(b) {
		return invalid("A message is not UTF-8.")
	}
	if err := json.Unmarshal(b, v); err != nil {
		return errs.Wrap(err, errs.Invalid, "A message cannot be read.", "")
	}
	return nil
}

// Cut makes text fit for a detail: printable, at most MaxText bytes.
func Cut(text string) string {
	text = strings.ToValidUTF8(text, "?")
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
	for len(text) > MaxText {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return text
}

// Moment is a time of today, or with its day, in the zone of now.
func Moment(t, now time.Time) string {
	t = t.In(now.Location())
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format(time.TimeOnly)
	}
	return t.Format("2 January 15:04:05")
}
