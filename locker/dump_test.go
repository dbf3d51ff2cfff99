package locker_test

import (
	"encoding/json"

	"github.com/bellkeep/bellkeep/locker"
)

// dump is all of a state as text, for comparison.
func dump(s *locker.State) string {
	data, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		panic(err)
	}
	return string(data)
}
