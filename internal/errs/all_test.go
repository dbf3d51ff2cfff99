package errs

import (
	"errors"
	"fmt"
	"testing"
)

func TestAll(t *testing.T) {
	one, two := At("reason", "Say why.", ""), New(Denied, "You may not.", "")
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"nothing":        {nil, 0},
		"not ours":       {errors.New("no"), 0},
		"one":            {one, 1},
		"one with more":  {fmt.Errorf("reading: %w", one), 1},
		"two":            {errors.Join(one, two), 2},
		"two and others": {errors.Join(errors.Join(one), errors.New("no"), two), 2},
	} {
		if got := All(c.err); len(got) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := All(errors.Join(one, two)); got[0].Field != "reason" || got[0].Code != Invalid || got[1] != two {
		t.Errorf("%+v", got)
	}
}
