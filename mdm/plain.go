package mdm

import "bytes"

// plain reports whether b is canonical as it stands: a word, a whole number, true,
// false, or an object of such by rising names. Most values are, and a school has
// thousands of them at every bell; of others it says nothing.
func plain(b []byte) bool {
	inside, open := bytes.CutPrefix(b, []byte("{"))
	if !open {
		return plainScalar(b)
	}
	inside, closed := bytes.CutSuffix(inside, []byte("}"))
	if !closed || len(inside) == 0 {
		return closed
	}
	var last []byte
	for more := true; more; {
		var member []byte
		member, inside, more = bytes.Cut(inside, []byte(","))
		name, value, pair := bytes.Cut(member, []byte(":"))
		if !pair || !plainWord(name) || bytes.Compare(last, name) >= 0 || !plainScalar(value) {
			return false
		}
		last = name
	}
	return true
}

func plainScalar(b []byte) bool {
	switch string(b) {
	case "true", "false", "0":
		return true
	}
	return plainWord(b) || plainNumber(b)
}

// plainWord holds for a string of letters.
func plainWord(b []byte) bool {
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return false
	}
	for _, c := range b[1 : len(b)-1] {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// plainNumber holds for one above nought that every reader takes for the same.
func plainNumber(b []byte) bool {
	if len(b) == 0 || len(b) > 15 || b[0] == '0' {
		return false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
