package commission

import (
	"encoding/json"
	"testing"
	"time"
)

// Whatever a file of facts says, a machine goes on with it or begins afresh, and
// opens nothing before somebody has said so.
func FuzzFacts(f *testing.F) {
	f.Add([]byte(`{"outlets":[{"open":"set","numbers":[1,0]},{"tries":2},{},{},{},{}]}`))
	f.Add([]byte(`{"outlets":[{"numbers":[1,1]},{"numbers":[1,0]},{"numbers":[2,0]},{"numbers":[3,0]},{"numbers":[4,0]},{"numbers":[5,0]}]}`))
	f.Add([]byte(`{"outlets":[{"numbers":[0,3]},{"numbers":[-1,9]},{"open":"maybe","typed":true},{},{},{}],"typing":true,"redone":9}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var facts Facts
		if json.Unmarshal(text, &facts) != nil {
			return
		}
		c := tidy()
		c.start(facts)
		for range 40 {
			c.step()
			_ = c.machine.Ask(c.now).Text()
		}
		if c.pulses != 0 {
			t.Errorf("%d pulses", c.pulses)
		}
		_ = c.machine.Answer(Answer{Kind: Go}) // not_now where the facts are of a map that is found
		for end := c.now.Add(10 * time.Second); c.now.Before(end); {
			c.step()
			_ = c.machine.Ask(c.now).Text()
		}
	})
}
