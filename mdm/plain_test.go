package mdm

import (
	"encoding/json"
	"testing"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]bool{
		`"block"`: true, `"minLength"`: true, `""`: true, `true`: true, `0`: true, `600`: true, `999999999999999`: true,
		`{}`: true, `{"a":1}`: true, `{"minLength":6,"require":true}`: true, `{"A":"b","a":0}`: true,

		``: false, `{`: false, `}`: false, `{}}`: false, `null`: false, `01`: false, `1.0`: false, `1e3`: false, `-1`: false, `1000000000000000`: false,
		`"a b"`: false, `"<"`: false, `"é"`: false, `" `: false, `{"b":1,"a":1}`: false, `{"a":1,"a":1}`: false, `{ "a":1}`: false,
		`{"a":1,}`: false, `{"a":{}}`: false, `{"a":[]}`: false, `{"a"}`: false, `{"a":}`: false, `[]`: false,
	} {
		if plain([]byte(text)) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}

// What is taken as it stands is what the long way would make of it.
func FuzzPlain(f *testing.F) {
	for _, text := range []string{`{"minLength":6,"require":true}`, `{"a":1,"b":"c"}`, `15`, `"x"`, `{}`, `{"a,b":1}`, `{"a":"b,c"}`, `{"":0}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if !plain(b) {
			return
		}
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if again, err := json.Marshal(v); err != nil || string(again) != string(b) {
			t.Errorf("%s is written %s", b, again)
		}
	})
}
