// Package cms looks at a CMS message before the library that reads it does. That is made
// for messages of friends: it takes BER, makes copies of copies of objects in objects, and
// where an object is longer than the one it is in, it reads what follows twice, and what
// follows that twice again. So a hundred bytes could take all the memory there is.
//
// An object of BER is a tag, a length and its content. A constructed one holds others; its
// length may be 80, and then it holds at least one and goes on until two zero bytes.
package cms

import "github.com/bellkeep/bellkeep/internal/errs"

// maxDepth is how many objects a message may have in each other; those of devices have
// about twelve.
const maxDepth = 32

const (
	constructed = 0x20
	longTag     = 0x1f
	indefinite  = 0x80 // as a length; and the bit of a byte that another follows
	mostLengths = 4    // bytes of a length
)

// object is one that is open.
type object struct {
	end    int  // it goes no further
	zeroed bool // it ends with two zero bytes
	filled bool // it holds something
}

// Check refuses a message whose objects are in each other too deep, or that are longer
// than what they are in. Whether it is a message at all is for its reader to say.
// Errors: invalid.
func Check(ber []byte) error {
	open := []object{{end: len(ber)}} // what the message is in first, the innermost last
	for at := 0; ; {
		in := &open[len(open)-1]
		switch {
		case len(open) == 1 && in.filled: // what follows a message is not read
			return nil
		case len(open) > 1 && !in.zeroed && at == in.end:
			open = open[:len(open)-1]
			continue
		case in.zeroed && in.filled && at+1 < in.end && ber[at] == 0 && ber[at+1] == 0:
			open, at = open[:len(open)-1], at+2
			continue
		}
		in.filled = true
		o, content, holds := read(ber[:in.end], at)
		if content < 0 || holds && len(open) > maxDepth {
			return errs.New(errs.Invalid, "A signed message is too deep, or not whole.", "")
		}
		if at = content; holds {
			open = append(open, o)
		} else {
			at = o.end
		}
	}
}

// read reads the tag and the length at a place of what an object is in. content is where
// its content begins, -1 where it does not fit; holds is that it holds others.
func read(within []byte, at int) (o object, content int, holds bool) {
	none := object{}
	if at >= len(within) {
		return none, -1, false
	}
	tag := within[at]
	holds = tag&constructed != 0
	at++
	if tag&longTag == longTag {
		for at < len(within) && within[at]&indefinite != 0 {
			at++
		}
		at++
	}
	if at >= len(within) {
		return none, -1, false
	}
	length := int(within[at])
	at++
	if length == indefinite {
		if !holds {
			return none, -1, false
		}
		return object{end: len(within), zeroed: true}, at, true
	}
	if more := length - indefinite; more > 0 {
		if more > mostLengths || at+more > len(within) {
			return none, -1, false
		}
		length = 0
		for _, b := range within[at : at+more] {
			length = length<<8 | int(b)
		}
		at += more
	}
	if length < 0 || length > len(within)-at {
		return none, -1, false
	}
	return object{end: at + length}, at, holds
}
