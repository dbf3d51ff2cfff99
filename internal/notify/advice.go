package notify

import "fmt"

// Advice is a sentence for whoever looks at a notice that did not arrive: what
// happened and what to do next. It is empty while there is nothing to do.
func (n Notice) Advice() string {
	switch n.State {
	case Unsure:
		return "Nobody can tell whether this e-mail was sent. Telephone, or prepare a new notice if a second one does no harm."
	case Failed:
		return n.reason() + n.answer() + " " + n.next()
	case Deferred:
		return n.reason() + n.answer() + " It will be tried again."
	}
	return ""
}

func (n Notice) reason() string {
	switch n.Why {
	case AtConnect:
		return "The mail server could not be reached."
	case AtTLS:
		return "The line to the mail server could not be made secure."
	case AtSignIn:
		return "The mail server did not let Bellkeep sign in."
	case AtSender:
		return "The mail server refused the school's own address."
	case AtRecipient:
		return "The mail server refused the address."
	case NoContact:
		return "This person must not be contacted any more."
	case AddressChanged:
		return "The address has changed since the notice was prepared."
	case Erased:
		return "The text of this notice has been erased."
	case Expired:
		return "The notice waited too long to be sent."
	}
	return "The mail server refused the message."
}

func (n Notice) answer() string {
	if n.Code == 0 {
		return ""
	}
	return fmt.Sprintf(" Its answer was %d.", n.Code)
}

func (n Notice) next() string {
	switch n.Why {
	case AtConnect, AtTLS, AtSignIn, AtSender:
		return "Telephone, or print a slip; tell IT: the cause is in the server's log."
	case AtRecipient:
		return "Telephone, and correct the address in the school's information system."
	case NoContact:
		return "Ask the safeguarding lead."
	case Erased:
		return "Nothing is left to send."
	}
	return "Telephone, or prepare a new notice."
}
