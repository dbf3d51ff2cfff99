package notify

import "slices"

// English are the templates a school has that writes none itself.
func English() []Template { return slices.Clone(english) }

var english = []Template{
	{ID: "contact-office", For: ToContact, Subject: "{school}: please contact the office", Text: `Dear parent or carer,

please contact the office of {school} about {child}.

Telephone: {office_phone}

For reasons of privacy we say no more here.
`},
	{ID: "come-to-office", For: ToContact, Subject: "{school}: please come to the office", Text: `Dear parent or carer,

please come to the office of {school} about {child}, from {time}, and bring something that shows who you are.

Telephone: {office_phone}

For reasons of privacy we say no more here.
`},
	{ID: "come-again", For: ToContact, Subject: "{school}: a reminder to come to the office", Text: `Dear parent or carer,

we are still waiting to see you at the office of {school} about {child}. Please come, and bring something that shows who you are, or telephone if you cannot.

Telephone: {office_phone}

For reasons of privacy we say no more here.
`},
	{ID: "staff-office", For: ToStaff, Subject: "{school}: please see the office", Text: `Please see the office, or telephone {office_phone}.

For reasons of privacy we say no more here.
`},
	{ID: "device-change", For: ToStaff, Subject: "{school}: a change for school devices waits for you", Text: `Somebody asked at {time} for a change for school devices, and it waits for others to agree.

{what}

Read it and decide: {link}

Until then everything stays as it is. You are told once for each change.
`},
	{ID: "visitor-breach", For: ToStaff, Subject: "{school}: a record about a visitor waits for you", Text: `Staff recorded at {time} that a visitor broke the agreement on devices.

{what}

Read it: {link}

For reasons of privacy we say no more here. You are told once for each.
`},
	{ID: "device-bell", For: ToStaff, Subject: "{school}: a bell did not reach all school devices", Text: `The bell at {time} did not take on all school devices.

{what}

See which, and set them right by hand: {link}

Until they answer, take it that their rules are not in force. You are told once for each bell.
`},
	{ID: "concern", For: ToStaff, Subject: "{school}: something waits for you", Text: `Something was reported at {time}.

{what}

{link}

For reasons of privacy we say no more here.
`},
	{ID: "registers-week", For: ToStaff, Subject: "{school}: registers that need something", Text: `Registers that you look after need something:

{what}

Look at them: {link}

You are told once a week while there is anything. Nothing at the lockers waits for it.
`},
	{ID: "register-entry", For: ToStaff, Subject: "{school}: a register has a new entry for you", Text: `Somebody wrote at {time} in a register of which you are told at once.

{what}

Read it: {link}

For reasons of privacy we say no more here.
`},
}
